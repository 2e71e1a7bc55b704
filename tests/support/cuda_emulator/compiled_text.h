// tests/support/cuda_emulator/compiled_text.h -- emitted texts made into a library of the host, and loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/support/cuda_emulator/shim_interface.h"

namespace heddle::test {

/// The text for a host's compiler: functions that hold PTX left out, shared variables asked of the emulator. Lines stay
/// where they are. `kernels` receives the names of its kernels.
std::string host_text(const std::string& text, std::vector<std::string>& kernels);

/// A library of several texts. It stays loaded.
class CompiledText {
public:
    explicit CompiledText(const std::vector<std::string>& texts);

    /// Null: the text has no such kernel.
    const ShimKernel* find(int text, const std::string& kernel) const;
    void set_thread(const ShimThread* thread) const { *thread_ = thread; }
    /// "line 12: y[i] = x[i];" of the text that the call of this return address is in.
    std::string line(const void* code) const;

    std::uintptr_t image_begin() const { return image_begin_; }
    std::uintptr_t image_bytes() const { return image_bytes_; }

private:
    std::vector<std::string> texts_;
    std::string file_;
    std::uintptr_t image_begin_ = 0, image_bytes_ = 0;
    const ShimThread** thread_ = nullptr;
    struct Named {
        int text;
        const ShimKernel* kernel;
    };
    std::vector<Named> kernels_;
};

}  // namespace heddle::test

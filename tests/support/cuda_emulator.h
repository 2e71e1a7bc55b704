// tests/support/cuda_emulator.h -- emitted CUDA text, executed without a GPU, with every access checked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "codegen/emit_cuda.h"
#include "dsl/evaluate.h"
#include "schedules/schedule.h"
#include "schedules/target.h"
#include "tests/support/compiled.h"

namespace heddle::test {

/// What a kernel did that a GPU does not define, with kernel, block, thread and source line.
struct EmulationError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Memory that a launch may access.
struct EmulatedBuffer {
    std::string name;
    void* data = nullptr;
    std::int64_t bytes = 0;
    bool written = true;    ///< holds values before the launch: else a read before a write is an error
    bool constant = false;  ///< a write is an error
};

struct EmulatedLaunch {
    std::string kernel;
    unsigned grid[3] = {1, 1, 1}, block[3] = {1, 1, 1};
    unsigned cluster[3] = {1, 1, 1};  ///< blocks that run together
    std::int64_t dynamic_shared_bytes = 0;
    std::vector<const void*> arguments;  ///< the address of each argument's value
    std::vector<EmulatedBuffer> buffers;
    double seconds = 60;  ///< a launch that takes longer never ends
};

/// Texts of translation units as emit_cuda gives them, compiled by the host's compiler: the functions that hold PTX are
/// replaced by functions of the same names. Each text has its own names; kernels are named with their text's place.
///
/// Checked: accesses beside shared memory and buffers, reads of what nobody wrote, two threads at one byte without a
/// barrier between, misaligned vectors, asynchronous copies read before their wait, barriers that not all reach.
class EmulatedProgram {
public:
    explicit EmulatedProgram(const std::vector<std::string>& texts);
    explicit EmulatedProgram(const std::string& text) : EmulatedProgram(std::vector{text}) {}
    ~EmulatedProgram();
    EmulatedProgram(EmulatedProgram&&) noexcept;
    EmulatedProgram& operator=(EmulatedProgram&&) noexcept;

    /// Throws EmulationError. Blocks run one cluster after another.
    void launch(const EmulatedLaunch& launch, int text = 0) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The outputs of a pipeline whose emitted CUDA is executed; outputs and scratch start out unwritten. Throws
/// EmulationError, and what emission and the kernels' own checks throw. `edit` changes a text before it is compiled, to
/// plant faults. `aligned`: the variant for buffers at multiples of 16 bytes.
NamedBuffers emulate(const Pipeline& pipeline, const Schedule& schedule, const Target& target,
                     const NamedBuffers& inputs, const std::function<std::string(const std::string&)>& edit = {},
                     bool aligned = true);

/// Compiled::difference by emulation: the first element that differs from evaluate(), or a fault's text; "" when all is
/// well. No schedule: the default one.
std::string emulated_difference(const Compiled& oracle, const std::optional<Schedule>& schedule = {},
                                const Target& target = Target::cuda(90), double tolerance = 0);

/// One of a sweep.
struct EmulationCase {
    std::string name;
    Pipeline pipeline;
    NamedBuffers inputs;
    std::optional<Schedule> schedule = {};
    double tolerance = 0;
};
/// emulated_difference of each, their kernels compiled at once: "name: ..." for each that is wrong.
std::vector<std::string> emulated_differences(const std::vector<EmulationCase>& cases,
                                              const Target& target = Target::cuda(90));
/// The cases of part `part` of `parts`: every so many-th.
std::vector<EmulationCase> part_of(const std::vector<EmulationCase>& cases, int part, int parts);

}  // namespace heddle::test

// tests/support/unprivileged.h -- a while without root's right to read and write everything.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace heddle::test {

/// While this lives, a process of root acts as the user nobody, to whom the folder and all in it are given. A process
/// of another user stays what it is.
class Unprivileged {
public:
    explicit Unprivileged(const std::filesystem::path& folder) {
        if (geteuid() != 0) return;
        give(folder);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) give(entry.path());
        if (seteuid(nobody) != 0) throw std::runtime_error("root cannot act as another user");
        dropped_ = true;
    }
    ~Unprivileged() {
        if (dropped_ && seteuid(0) != 0) std::terminate();
    }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

private:
    static constexpr uid_t nobody = 65534;
    static void give(const std::filesystem::path& path) {
        if (lchown(path.c_str(), nobody, nobody) != 0) throw std::runtime_error("root cannot give a file away");
    }
    bool dropped_ = false;
};

}  // namespace heddle::test

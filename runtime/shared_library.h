// runtime/shared_library.h -- a shared library opened while the program runs, by the first of several names.
#pragma once

#include <string>
#include <vector>

namespace heddle {

/// Stays open for the life of the process: its code may have handed out addresses and threads.
class SharedLibrary {
public:
    /// Tries the names in turn, as dlopen(3) does: a name with a slash is a path, another is looked for.
    explicit SharedLibrary(const std::vector<std::string>& names);

    bool opened() const { return handle_ != nullptr; }
    /// The name that opened; empty when none did.
    const std::string& name() const { return name_; }
    /// Why the first name did not open, in the loader's words.
    const std::string& problem() const { return problem_; }
    /// Address of a function; null where the library lacks it, or is not open.
    void* address(const char* function) const;

private:
    void* handle_ = nullptr;
    std::string name_, problem_;
};

/// The file that an address of loaded code belongs to, with symbolic links followed; empty when unknown.
std::string file_of_code(const void* address);

}  // namespace heddle

// tests/fuzz/child.h -- work in a process of its own, which may crash or hang.
#pragma once

#include <functional>
#include <string>

namespace heddle::fuzz {

/// What a child process has written so far, and how it ended.
class Child {
public:
    /// Forks at once; `work` gets a descriptor to write to. The caller has no other threads.
    Child(const std::function<void(int descriptor)>& work, double seconds);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Reads what has come, waiting up to `milliseconds`; true once the child has ended.
    bool poll(int milliseconds);
    const std::string& output() const { return output_; }
    /// After the end: "", "killed by signal 11", "no end in 60 s", "exit status 3".
    const std::string& problem() const { return problem_; }

private:
    void reap(bool late);
    int process_ = -1, descriptor_ = -1;
    double deadline_, seconds_;
    std::string output_, problem_;
};

}  // namespace heddle::fuzz

// tests/support/cuda_emulator/fiber.h -- threads of control that take turns on one host thread.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace heddle::test {

/// Stacks and switches. Not safe from several host threads at once.
class Fibers {
public:
    Fibers();
    ~Fibers();
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;

    static constexpr int most = 16384;
    static constexpr std::size_t stack_bytes = 256 * 1024;

    /// Fiber `number` runs `work` from its start at the next resume.
    void start(int number, void (*work)(int number));
    /// Runs the fiber until it suspends or its work returns.
    void resume(int number);
    /// Called in a fiber: goes back to resume().
    void suspend();
    /// The work never goes on; its stack is used anew.
    void abandon(int number) { states_[static_cast<std::size_t>(number)] = State::none; }

    bool holds(std::uintptr_t address) const { return address - stacks_ < most * stack_bytes; }

private:
    enum class State : unsigned char { none, idle, ready, running };
    static void enter();
    [[noreturn]] void loop(int number);

    std::uintptr_t stacks_ = 0;
    std::vector<State> states_;
    std::vector<void (*)(int)> work_;
    std::unique_ptr<std::jmp_buf[]> contexts_;
    std::jmp_buf scheduler_;
    int current_ = -1;
};

}  // namespace heddle::test

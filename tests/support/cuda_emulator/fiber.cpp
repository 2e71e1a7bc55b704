// tests/support/cuda_emulator/fiber.cpp -- fibers: made by ucontext, switched by setjmp, which asks nothing of the
// kernel.
#undef _FORTIFY_SOURCE  // its longjmp refuses to go to another stack
#include "tests/support/cuda_emulator/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <stdexcept>

namespace heddle::test {
namespace {

Fibers* entering = nullptr;  // whose fiber is entered next

}  // namespace

Fibers::Fibers() : states_(most, State::none), work_(most, nullptr), contexts_(std::make_unique<std::jmp_buf[]>(most)) {
    void* memory = mmap(nullptr, most * stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for the stacks of emulated threads");
    stacks_ = reinterpret_cast<std::uintptr_t>(memory);
}

Fibers::~Fibers() { munmap(reinterpret_cast<void*>(stacks_), most * stack_bytes); }

void Fibers::start(int number, void (*work)(int number)) {
    work_[static_cast<std::size_t>(number)] = work;
    State& state = states_[static_cast<std::size_t>(number)];
    state = state == State::none ? State::none : State::ready;
}

void Fibers::resume(int number) {
    current_ = number;
    State& state = states_[static_cast<std::size_t>(number)];
    if (_setjmp(scheduler_) != 0) return;
    if (state != State::none) _longjmp(contexts_[static_cast<std::size_t>(number)], 1);
    state = State::running;
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = reinterpret_cast<void*>(stacks_ + static_cast<std::uintptr_t>(number) * stack_bytes);
    context.uc_stack.ss_size = stack_bytes;
    context.uc_link = nullptr;
    entering = this;
    makecontext(&context, &Fibers::enter, 0);
    setcontext(&context);
}

void Fibers::enter() {
    Fibers& fibers = *entering;
    fibers.loop(fibers.current_);
}

// A stack serves one piece of work after the other.
void Fibers::loop(int number) {
    for (;;) {
        work_[static_cast<std::size_t>(number)](number);
        states_[static_cast<std::size_t>(number)] = State::idle;
        suspend();
    }
}

void Fibers::suspend() {
    if (_setjmp(contexts_[static_cast<std::size_t>(current_)]) == 0) _longjmp(scheduler_, 1);
}

}  // namespace heddle::test

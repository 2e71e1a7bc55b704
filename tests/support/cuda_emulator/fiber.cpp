// tests/support/cuda_emulator/fiber.cpp -- fibers: made by ucontext, switched by setjmp, which asks nothing of the
// kernel.
#undef _FORTIFY_SOURCE  // its longjmp refuses to go to another stack
#include "tests/support/cuda_emulator/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <stdexcept>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace heddle::test {
namespace {

// The address sanitizer follows stacks: it is told before and after a switch.
#if defined(__SANITIZE_ADDRESS__)
const void* scheduler_stack = nullptr;
std::size_t scheduler_bytes = 0;
void leaving(void** kept, const void* stack, std::size_t bytes) { __sanitizer_start_switch_fiber(kept, stack, bytes); }
void arrived(void* kept, bool in_fiber) {
    __sanitizer_finish_switch_fiber(kept, in_fiber ? &scheduler_stack : nullptr, in_fiber ? &scheduler_bytes : nullptr);
}
void leave_for_scheduler(void** kept) { leaving(kept, scheduler_stack, scheduler_bytes); }
void forget_frames(std::uintptr_t stack, std::size_t bytes) {
    __asan_unpoison_memory_region(reinterpret_cast<void*>(stack), bytes);
}
#else
void leaving(void**, const void*, std::size_t) {}
void arrived(void*, bool) {}
void leave_for_scheduler(void**) {}
void forget_frames(std::uintptr_t, std::size_t) {}
#endif

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
    const std::uintptr_t stack = stacks_ + static_cast<std::uintptr_t>(number) * stack_bytes;
    void* kept = nullptr;
    leaving(&kept, reinterpret_cast<void*>(stack), stack_bytes);
    if (_setjmp(scheduler_) != 0) return arrived(kept, false);
    if (state != State::none) _longjmp(contexts_[static_cast<std::size_t>(number)], 1);
    state = State::running;
    forget_frames(stack, stack_bytes);
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = reinterpret_cast<void*>(stack);
    context.uc_stack.ss_size = stack_bytes;
    context.uc_link = nullptr;
    entering = this;
    makecontext(&context, &Fibers::enter, 0);
    setcontext(&context);
}

void Fibers::enter() {
    arrived(nullptr, true);
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
    void* kept = nullptr;
    leave_for_scheduler(&kept);
    if (_setjmp(contexts_[static_cast<std::size_t>(current_)]) == 0) _longjmp(scheduler_, 1);
    arrived(kept, true);
}

}  // namespace heddle::test

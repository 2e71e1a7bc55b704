// tests/support/cuda_emulator/functions.cpp -- the functions that compiled code calls: each notes where it was called
// from.
#include <cstdio>

#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {
namespace {

// A fault ends the launch; what is thrown does not leave the fiber.
template <class Body>
auto guarded(const void* code, Body body) {
    machine().current().code = code;
    std::string problem;
    try {
        return body(machine());
    } catch (const std::exception& error) {
        problem = error.what();
    }
    machine().fail(problem);
}

// The same, and the line of the call is part of the message.
template <class Body>
auto called(const void* code, Body body) {
    return guarded(code, [&](Machine& one) {
        try {
            return body(one);
        } catch (const Fault& fault) {
            throw Fault(one.with_line(fault.what()));
        }
    });
}

#define CALLED_FROM __builtin_return_address(0)

void access(const void* address, long size, int writes, const void* code) {
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    if (machine().on_stack(place)) return;
    guarded(code, [&](Machine& one) { one.access(place, size, writes ? AccessKind::write : AccessKind::read, code); });
}

ShimFunctions functions() {
    ShimFunctions f{};
    f.access = access;
    f.atomic = [](const void* address, long size, const void*) {
        const void* code = CALLED_FROM;
        guarded(code, [&](Machine& one) {
            one.access(reinterpret_cast<std::uintptr_t>(address), size, AccessKind::atomic, code);
        });
    };
    f.shared_variable = [](const char* name, int line, long size, long alignment) {
        return called(CALLED_FROM, [&](Machine& one) { return one.shared_variable(name, line, size, alignment); });
    };
    f.dynamic_shared = [] { return called(CALLED_FROM, [](Machine& one) { return one.dynamic_shared(); }); };
    f.shared_address = [](const void* address) {
        return called(CALLED_FROM, [&](Machine& one) -> unsigned long long { return one.shared_address(address); });
    };
    f.sync_threads = [](int id, int count) {
        called(CALLED_FROM, [&](Machine& one) { one.sync_threads(id, count, true); });
    };
    f.arrive_threads = [](int id, int count) {
        called(CALLED_FROM, [&](Machine& one) { one.sync_threads(id, count, false); });
    };
    f.collective = [](int operation, unsigned mask, ShimPart* part) {
        called(CALLED_FROM, [&](Machine& one) { one.collective(operation, mask, *part); });
    };
    f.active_mask = [] { return machine().active_mask(); };
    f.copy_async = [](void* shared, const void* global, int size, int inside) {
        called(CALLED_FROM, [&](Machine& one) { one.copy_async(shared, global, size, inside != 0); });
    };
    f.copy_async_commit = [] { machine().copy_async_commit(); };
    f.copy_async_wait = [](int pending) { called(CALLED_FROM, [&](Machine& one) { one.copy_async_wait(pending); }); };
    f.thread_fence = [] {};
    f.print = [](const char* format, va_list values) { std::vprintf(format, values); };
    f.misaligned = [](const void* address, unsigned long alignment, const char*, unsigned) {
        called(CALLED_FROM, [&](Machine& one) { one.misaligned(address, static_cast<int>(alignment)); });
    };
    return f;
}

}  // namespace

const ShimFunctions& machine_functions() {
    static const ShimFunctions all = functions();
    return all;
}

}  // namespace heddle::test

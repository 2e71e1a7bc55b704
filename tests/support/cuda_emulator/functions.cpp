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
        problem = machine().with_line(error.what());
    }
    machine().fail(problem);
}

#define CALLED_FROM __builtin_return_address(0)

void access(const void* address, long size, int writes, const void* code) {
    const auto place = reinterpret_cast<std::uintptr_t>(address);
    if (machine().on_stack(place) && machine().current().product_registers.empty()) return;
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
        return guarded(CALLED_FROM, [&](Machine& one) { return one.shared_variable(name, line, size, alignment); });
    };
    f.dynamic_shared = [] { return guarded(CALLED_FROM, [](Machine& one) { return one.dynamic_shared(); }); };
    f.shared_address = [](const void* address) {
        return guarded(CALLED_FROM, [&](Machine& one) -> unsigned long long { return one.shared_address(address); });
    };
    f.sync_threads = [](int id, int count) {
        guarded(CALLED_FROM, [&](Machine& one) { one.sync_threads(id, count, true); });
    };
    f.arrive_threads = [](int id, int count) {
        guarded(CALLED_FROM, [&](Machine& one) { one.sync_threads(id, count, false); });
    };
    f.collective = [](int operation, unsigned mask, ShimPart* part) {
        guarded(CALLED_FROM, [&](Machine& one) { one.collective(operation, mask, *part); });
    };
    f.warpgroup = [](int operation, ShimPart* part) {
        guarded(CALLED_FROM, [&](Machine& one) { one.warpgroup(operation, *part); });
    };
    f.active_mask = [] { return machine().active_mask(); };
    f.copy_async = [](void* shared, const void* global, int size, int inside) {
        guarded(CALLED_FROM, [&](Machine& one) { one.copy_async(shared, global, size, inside != 0); });
    };
    f.copy_async_commit = [] { machine().copy_async_commit(); };
    f.copy_async_wait = [](int pending) { guarded(CALLED_FROM, [&](Machine& one) { one.copy_async_wait(pending); }); };
    f.barrier_init = [](void* barrier, int count) {
        guarded(CALLED_FROM, [&](Machine& one) { one.barrier_init(barrier, count); });
    };
    f.barrier_init_fence = [] { machine().barrier_init_fence(); };
    f.barrier_arrive = [](void* barrier, int expected) {
        guarded(CALLED_FROM, [&](Machine& one) { one.barrier_arrive(barrier, expected); });
    };
    f.barrier_wait = [](void* barrier, int parity) {
        guarded(CALLED_FROM, [&](Machine& one) { one.barrier_wait(barrier, parity); });
    };
    f.async_proxy_fence = [] { machine().async_proxy_fence(); };
    f.bulk_load = [](void* shared, const void* global, int size, void* barrier) {
        guarded(CALLED_FROM, [&](Machine& one) { one.bulk_load(shared, global, size, barrier); });
    };
    f.bulk_store = [](void* global, const void* shared, int size) {
        guarded(CALLED_FROM, [&](Machine& one) { one.bulk_store(global, shared, size); });
    };
    f.tensor_load = [](void* shared, const void* map, void* barrier, int rank, const int* coordinates,
                       const unsigned short* offsets) {
        guarded(CALLED_FROM, [&](Machine& one) { one.tensor_load(shared, map, barrier, rank, coordinates, offsets); });
    };
    f.tensor_store = [](const void* map, const void* shared, int rank, const int* coordinates, int im2col) {
        guarded(CALLED_FROM, [&](Machine& one) { one.tensor_store(map, shared, rank, coordinates, im2col != 0); });
    };
    f.store_commit = [] { machine().store_commit(); };
    f.store_wait = [](int pending, int) { machine().store_wait(pending); };
    f.cluster_sync = [] { guarded(CALLED_FROM, [](Machine& one) { one.cluster_sync(); }); };
    f.cluster_rank = [] { return machine().current().rank; };
    f.cluster_address = [](const void* shared, int rank) {
        return guarded(CALLED_FROM, [&](Machine& one) { return one.cluster_address(shared, rank); });
    };
    f.thread_fence = [] {};
    f.print = [](const char* format, va_list values) { std::vprintf(format, values); };
    f.misaligned = [](const void* address, unsigned long alignment, const void* code) {
        guarded(code, [&](Machine& one) { one.misaligned(address, static_cast<int>(alignment)); });
    };
    return f;
}

}  // namespace

const ShimFunctions& machine_functions() {
    static const ShimFunctions all = functions();
    return all;
}

}  // namespace heddle::test

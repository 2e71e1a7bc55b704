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

// Plain functions, so that the address they return to is in the kernel.
struct Functions {
    static void access(const void* address, long size, int writes, const void* code) {
        const auto place = reinterpret_cast<std::uintptr_t>(address);
        if (machine().on_stack(place) && machine().current().product_registers.empty()) return;
        guarded(code,
                [&](Machine& one) { one.access(place, size, writes ? AccessKind::write : AccessKind::read, code); });
    }
    static void atomic(const void* address, long size, const void*) {
        const void* code = CALLED_FROM;
        guarded(code, [&](Machine& one) {
            one.access(reinterpret_cast<std::uintptr_t>(address), size, AccessKind::atomic, code);
        });
    }
    static void misaligned(const void* address, unsigned long alignment, const void* code) {
        guarded(code, [&](Machine& one) { one.misaligned(address, static_cast<int>(alignment)); });
    }
    static void thread_fence() {}
    static void print(const char* format, va_list values) { std::vprintf(format, values); }

#define FUNCTION(result, name, parameters, call)                             \
    static result name parameters {                                          \
        return guarded(CALLED_FROM, [&](Machine& one) { return one.call; }); \
    }
    FUNCTION(void*, shared_variable, (const char* name, int line, long size, long alignment),
             shared_variable(name, line, size, alignment))
    FUNCTION(void*, dynamic_shared, (), dynamic_shared())
    FUNCTION(unsigned long long, shared_address, (const void* address), shared_address(address))
    FUNCTION(void, sync_threads, (int id, int count), sync_threads(id, count, true))
    FUNCTION(void, arrive_threads, (int id, int count), sync_threads(id, count, false))
    FUNCTION(void, collective, (int operation, unsigned mask, ShimPart* part), collective(operation, mask, *part))
    FUNCTION(void, warpgroup, (int operation, ShimPart* part), warpgroup(operation, *part))
    FUNCTION(unsigned, active_mask, (), active_mask())
    FUNCTION(void, copy_async, (void* shared, const void* global, int size, int inside),
             copy_async(shared, global, size, inside != 0))
    FUNCTION(void, copy_async_commit, (), copy_async_commit())
    FUNCTION(void, copy_async_wait, (int pending), copy_async_wait(pending))
    FUNCTION(void, barrier_init, (void* barrier, int count), barrier_init(barrier, count))
    FUNCTION(void, barrier_init_fence, (), barrier_init_fence())
    FUNCTION(void, barrier_arrive, (void* barrier, int expected), barrier_arrive(barrier, expected))
    FUNCTION(void, barrier_wait, (void* barrier, int parity), barrier_wait(barrier, parity))
    FUNCTION(void, async_proxy_fence, (), async_proxy_fence())
    FUNCTION(void, bulk_load, (void* shared, const void* global, int size, void* barrier),
             bulk_load(shared, global, size, barrier))
    FUNCTION(void, bulk_store, (void* global, const void* shared, int size), bulk_store(global, shared, size))
    FUNCTION(void, tensor_load,
             (void* shared, const void* map, void* barrier, int rank, const int* coordinates,
              const unsigned short* offsets),
             tensor_load(shared, map, barrier, rank, coordinates, offsets))
    FUNCTION(void, tensor_store, (const void* map, const void* shared, int rank, const int* coordinates, int im2col),
             tensor_store(map, shared, rank, coordinates, im2col != 0))
    FUNCTION(void, store_commit, (), store_commit())
    FUNCTION(void, store_wait, (int pending, int), store_wait(pending))
    FUNCTION(void, cluster_sync, (), cluster_sync())
    FUNCTION(int, cluster_rank, (), current().rank)
    FUNCTION(void*, cluster_address, (const void* shared, int rank), cluster_address(shared, rank))
#undef FUNCTION
};

}  // namespace

const ShimFunctions& machine_functions() {
    static const ShimFunctions all = [] {
        ShimFunctions f{};
        f.access = Functions::access;
        f.atomic = Functions::atomic;
        f.shared_variable = Functions::shared_variable;
        f.dynamic_shared = Functions::dynamic_shared;
        f.shared_address = Functions::shared_address;
        f.sync_threads = Functions::sync_threads;
        f.arrive_threads = Functions::arrive_threads;
        f.collective = Functions::collective;
        f.warpgroup = Functions::warpgroup;
        f.active_mask = Functions::active_mask;
        f.copy_async = Functions::copy_async;
        f.copy_async_commit = Functions::copy_async_commit;
        f.copy_async_wait = Functions::copy_async_wait;
        f.barrier_init = Functions::barrier_init;
        f.barrier_init_fence = Functions::barrier_init_fence;
        f.barrier_arrive = Functions::barrier_arrive;
        f.barrier_wait = Functions::barrier_wait;
        f.async_proxy_fence = Functions::async_proxy_fence;
        f.bulk_load = Functions::bulk_load;
        f.bulk_store = Functions::bulk_store;
        f.tensor_load = Functions::tensor_load;
        f.tensor_store = Functions::tensor_store;
        f.store_commit = Functions::store_commit;
        f.store_wait = Functions::store_wait;
        f.cluster_sync = Functions::cluster_sync;
        f.cluster_rank = Functions::cluster_rank;
        f.cluster_address = Functions::cluster_address;
        f.thread_fence = Functions::thread_fence;
        f.print = Functions::print;
        f.misaligned = Functions::misaligned;
        return f;
    }();
    return all;
}

}  // namespace heddle::test

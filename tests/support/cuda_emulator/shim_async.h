// tests/support/cuda_emulator/shim_async.h -- copies that go on by themselves, mbarriers, tensor maps, clusters.
#pragma once

// --- cp.async
// ---------------------------------------------------------------------------------------------------------

SHIM void copy_async_4(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 4, inside); }
SHIM void copy_async_8(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 8, inside); }
SHIM void copy_async_16(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 16, inside); }
SHIM void copy_async_commit() { shim.copy_async_commit(); }
template <int N>
SHIM void copy_async_wait() {
    shim.copy_async_wait(N);
}

// --- mbarriers
// --------------------------------------------------------------------------------------------------------

typedef unsigned long long Barrier;
SHIM void barrier_init(Barrier* barrier, int count) { shim.barrier_init(barrier, count); }
SHIM void barrier_init_fence() { shim.barrier_init_fence(); }
SHIM void barrier_expect(Barrier* barrier, int bytes) { shim.barrier_arrive(barrier, bytes); }
SHIM void barrier_arrive(Barrier* barrier) { shim.barrier_arrive(barrier, 0); }
SHIM void barrier_wait(Barrier* barrier, int parity) { shim.barrier_wait(barrier, parity); }

// --- bulk copies and tensor maps
// ----------------------------------------------------------------------------------------

SHIM void async_proxy_fence() { shim.async_proxy_fence(); }
SHIM void bulk_load(void* shared, const void* global, int bytes, Barrier* barrier) {
    shim.bulk_load(shared, global, bytes, barrier);
}
SHIM void bulk_store(void* global, const void* shared, int bytes) { shim.bulk_store(global, shared, bytes); }

#define SHIM_TILE(rank, parameters, ...)                                                               \
    SHIM void tma_load_##rank##d(void* shared, const void* map, Barrier* barrier, SHIM_##parameters) { \
        const int coordinates[] = {__VA_ARGS__};                                                       \
        shim.tensor_load(shared, map, barrier, rank, coordinates, 0);                                  \
    }                                                                                                  \
    SHIM void tma_store_##rank##d(const void* map, const void* shared, SHIM_##parameters) {            \
        const int coordinates[] = {__VA_ARGS__};                                                       \
        shim.tensor_store(map, shared, rank, coordinates, 0);                                          \
    }
#define SHIM_COORDINATES1 int c0
#define SHIM_COORDINATES2 SHIM_COORDINATES1, int c1
#define SHIM_COORDINATES3 SHIM_COORDINATES2, int c2
#define SHIM_COORDINATES4 SHIM_COORDINATES3, int c3
#define SHIM_COORDINATES5 SHIM_COORDINATES4, int c4
SHIM_TILE(1, COORDINATES1, c0)
SHIM_TILE(2, COORDINATES2, c0, c1)
SHIM_TILE(3, COORDINATES3, c0, c1, c2)
SHIM_TILE(4, COORDINATES4, c0, c1, c2, c3)
SHIM_TILE(5, COORDINATES5, c0, c1, c2, c3, c4)
#undef SHIM_TILE

typedef unsigned short ShimOffset;
SHIM void tma_load_im2col_3d(void* shared, const void* map, Barrier* barrier, int c, int w, int n,
                             ShimOffset offset_w) {
    const int coordinates[] = {c, w, n};
    shim.tensor_load(shared, map, barrier, 3, coordinates, &offset_w);
}
SHIM void tma_load_im2col_4d(void* shared, const void* map, Barrier* barrier, int c, int w, int h, int n,
                             ShimOffset offset_w, ShimOffset offset_h) {
    const int coordinates[] = {c, w, h, n};
    const ShimOffset offsets[] = {offset_w, offset_h};
    shim.tensor_load(shared, map, barrier, 4, coordinates, offsets);
}
SHIM void tma_load_im2col_5d(void* shared, const void* map, Barrier* barrier, int c, int w, int h, int d, int n,
                             ShimOffset offset_w, ShimOffset offset_h, ShimOffset offset_d) {
    const int coordinates[] = {c, w, h, d, n};
    const ShimOffset offsets[] = {offset_w, offset_h, offset_d};
    shim.tensor_load(shared, map, barrier, 5, coordinates, offsets);
}
SHIM void tma_store_im2col_3d(const void* map, const void* shared, int c, int w, int n) {
    const int coordinates[] = {c, w, n};
    shim.tensor_store(map, shared, 3, coordinates, 1);
}
SHIM void tma_store_im2col_4d(const void* map, const void* shared, int c, int w, int h, int n) {
    const int coordinates[] = {c, w, h, n};
    shim.tensor_store(map, shared, 4, coordinates, 1);
}
SHIM void tma_store_im2col_5d(const void* map, const void* shared, int c, int w, int h, int d, int n) {
    const int coordinates[] = {c, w, h, d, n};
    shim.tensor_store(map, shared, 5, coordinates, 1);
}
SHIM void tma_store_commit() { shim.store_commit(); }
template <int N>
SHIM void tma_store_wait_read() {
    shim.store_wait(N, 1);
}
template <int N>
SHIM void tma_store_wait() {
    shim.store_wait(N, 0);
}

// --- launches, clusters, registers
// --------------------------------------------------------------------------------------

SHIM void allow_next_launch() {}
SHIM void wait_for_previous_launch() {}
SHIM void cluster_sync() { shim.cluster_sync(); }
SHIM int cluster_rank() { return shim.cluster_rank(); }
SHIM void* cluster_address(const void* shared, int rank) { return shim.cluster_address(shared, rank); }
template <class T>
SHIM void cluster_store(T* shared_place, int rank, T value) {
    *static_cast<T*>(cluster_address(shared_place, rank)) = value;
}
template <int N>
SHIM void increase_registers() {
    static_assert(N >= 24 && N <= 256 && N % 8 == 0, "setmaxnreg takes multiples of 8 from 24 to 256");
}
template <int N>
SHIM void decrease_registers() {
    static_assert(N >= 24 && N <= 256 && N % 8 == 0, "setmaxnreg takes multiples of 8 from 24 to 256");
}

// tests/support/cuda_emulator/shim_interface.h -- what compiled kernels and the emulator know of each other; plain C.
#pragma once

struct ShimIndex {
    unsigned x, y, z;
};

/// What a thread's code reads of it.
struct ShimThread {
    ShimIndex thread, block, threads, blocks;
};

enum ShimCollective {
    shim_sync_warp,
    shim_shuffle,
    shim_ballot,
    shim_reduce_add,
    shim_reduce_min,
    shim_reduce_max,
    shim_load_matrix,
    shim_store_matrix,
    shim_mma_f16,
    shim_mma_bf16,
    shim_mma_tf32,
    shim_mma_i8,
    shim_mma_u8,
    shim_mma_f64,
    shim_wgmma_fence,
    shim_wgmma_commit,
    shim_wgmma_wait,
    shim_wgmma_f16,
    shim_wgmma_bf16,
    shim_wgmma_tf32,
};

/// One thread's part in an operation that a warp, or four, do together. Which fields count hangs on the operation.
struct ShimPart {
    const void* a;
    const void* b;
    void* d;
    unsigned long long value;
    unsigned long long descriptor_a, descriptor_b;
    int count, lane, options;
};

/// The emulator's functions, as addresses. `size` in bytes.
struct ShimFunctions {
    void (*access)(const void* address, long size, int writes, const void* code);
    void (*atomic)(const void* address, long size, const void* code);
    void* (*shared_variable)(const char* name, int line, long size, long alignment);
    void* (*dynamic_shared)();
    unsigned long long (*shared_address)(const void* address);
    void (*sync_threads)(int id, int count);
    void (*arrive_threads)(int id, int count);
    void (*collective)(int operation, unsigned mask, ShimPart* part);
    void (*warpgroup)(int operation, ShimPart* part);
    unsigned (*active_mask)();
    void (*copy_async)(void* shared, const void* global, int size, int inside);
    void (*copy_async_commit)();
    void (*copy_async_wait)(int pending);
    void (*barrier_init)(void* barrier, int count);
    void (*barrier_init_fence)();
    void (*barrier_arrive)(void* barrier, int expected);
    void (*barrier_wait)(void* barrier, int parity);
    void (*async_proxy_fence)();
    void (*bulk_load)(void* shared, const void* global, int size, void* barrier);
    void (*bulk_store)(void* global, const void* shared, int size);
    void (*tensor_load)(void* shared, const void* map, void* barrier, int rank, const int* coordinates,
                        const unsigned short* offsets);
    void (*tensor_store)(const void* map, const void* shared, int rank, const int* coordinates, int im2col);
    void (*store_commit)();
    void (*store_wait)(int pending, int read_only);
    void (*cluster_sync)();
    int (*cluster_rank)();
    void* (*cluster_address)(const void* shared, int rank);
    void (*thread_fence)();
    void (*print)(const char* format, __builtin_va_list values);
    void (*misaligned)(const void* address, unsigned long alignment, const void* code);
};

/// What a compiled text hands out.
struct ShimKernel {
    const char* name;
    void (*call)(const void* const* arguments);
    int parameters;
};

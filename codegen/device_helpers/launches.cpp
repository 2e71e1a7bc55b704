// codegen/device_helpers/launches.cpp -- launches that depend on each other, clusters of blocks, shares of registers.
#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {

void add_launches(DeviceHelpers& table) {
    const DeviceHelper rows[] = {
        {"allow_next_launch", 90, false, R"(// The kernel launched next may start once all blocks have said so.
static __device__ __forceinline__ void allow_next_launch() {
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}
)"},
        {"wait_for_previous_launch", 90, false,
         R"(// Waits until the kernel launched before is complete, and its writes are seen.
static __device__ __forceinline__ void wait_for_previous_launch() {
    asm volatile("griddepcontrol.wait;" ::: "memory");
}
)"},
        {"cluster_sync", 90, false, R"(// Waits for all threads of the cluster.
static __device__ __forceinline__ void cluster_sync() {
    asm volatile(
        "barrier.cluster.arrive.aligned;\n\t"
        "barrier.cluster.wait.aligned;" ::: "memory");
}
)"},
        {"cluster_rank", 90, false, R"(// The place of this block in its cluster.
static __device__ __forceinline__ int cluster_rank() {
    int rank;
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
    return rank;
}
)"},
        {"cluster_address", 90, false,
         R"(// The same place of shared memory in another block of the cluster, for ordinary loads and stores.
static __device__ __forceinline__ void* cluster_address(const void* shared, int rank) {
    void* address;
    asm volatile("mapa.u64 %0, %1, %2;" : "=l"(address) : "l"(shared), "r"(rank));
    return address;
}
)"},
        {"cluster_store", 90, false,
         R"(// Writes to the same place of shared memory in another block of the cluster.
template <class T>
static __device__ __forceinline__ void cluster_store(T* shared, int rank, T value) {
    *static_cast<T*>(cluster_address(shared, rank)) = value;
}
)"},
        {"increase_registers", 90, true,
         R"(// This warp's threads get N registers each, a multiple of 8 from 24 to 256; all warps of a warpgroup do the same.
template <int N>
static __device__ __forceinline__ void increase_registers() {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(N));
}
)"},
        {"decrease_registers", 90, true,
         R"(// This warp's threads keep N registers each, a multiple of 8 from 24 to 256; all warps of a warpgroup do the same.
template <int N>
static __device__ __forceinline__ void decrease_registers() {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(N));
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

}  // namespace heddle

// codegen/device_helpers/copies.cpp -- asynchronous copies of bytes between global and shared memory.
#include <fmt/format.h>

#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {
namespace {

// The caches' choice: .ca takes 4 and 8 bytes, .cg goes past the first level and takes 16.
DeviceHelper copy_async(int bytes) {
    return {fmt::format("copy_async_{}", bytes), 80, false,
            fmt::format(R"(// Starts a copy of {0} bytes to shared memory: of zeros where it is not inside.
static __device__ __forceinline__ void copy_async_{0}(void* shared, const void* global, bool inside) {{
    asm volatile("cp.async.{1}.shared.global [%0], [%1], {0}, %2;" ::"r"(shared_address(shared)), "l"(global),
                 "r"(inside ? {0} : 0)
                 : "memory");
}}
)",
                        bytes, bytes == 16 ? "cg" : "ca")};
}

}  // namespace

void add_copies(DeviceHelpers& table) {
    table.push_back({"shared_address", 80, false, R"(// The address within the block's shared memory.
static __device__ __forceinline__ unsigned shared_address(const void* shared) {
    return static_cast<unsigned>(__cvta_generic_to_shared(shared));
}
)"});
    for (const int bytes : {4, 8, 16}) table.push_back(copy_async(bytes));
    const DeviceHelper rows[] = {
        {"load_16_bits", 80, false, R"(// An element of global memory as it is, 0 where it is not inside: no branch.
static __device__ __forceinline__ unsigned load_16_bits(const unsigned short* from, bool inside) {
    unsigned short value;
    asm volatile("{\n\t.reg .pred inside;\n\tsetp.ne.b32 inside, %2, 0;\n\tmov.u16 %0, 0;\n\t"
                 "@inside ld.global.nc.u16 %0, [%1];\n\t}"
                 : "=h"(value)
                 : "l"(from), "r"(static_cast<int>(inside)));
    return value;
}
)"},
        {"store_16_bits", 80, false, R"(// The low half.
static __device__ __forceinline__ void store_16_bits(unsigned short* to, unsigned value) {
    *to = static_cast<unsigned short>(value);
}
)"},
        {"copy_async_commit", 80, false, R"(// Closes this thread's group of started copies.
static __device__ __forceinline__ void copy_async_commit() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}
)"},
        {"copy_async_wait", 80, false,
         R"(// Waits until all but the latest N groups of this thread have arrived.
template <int N>
static __device__ __forceinline__ void copy_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

void add_bulk_copies(DeviceHelpers& table) {
    const DeviceHelper rows[] = {
        {"async_proxy_fence", 90, false,
         R"(// Orders this thread's writes of shared memory before the copies and products that read it later.
static __device__ __forceinline__ void async_proxy_fence() {
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}
)"},
        {"bulk_load", 90, false,
         R"(// Starts a copy of bytes to shared memory, counted by the barrier; all in units of 16.
static __device__ __forceinline__ void bulk_load(void* shared, const void* global, int bytes, Barrier* barrier) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                     shared_address(shared)),
                 "l"(global), "r"(bytes), "r"(shared_address(barrier))
                 : "memory");
}
)"},
        {"bulk_store", 90, false, R"(// Starts a copy of bytes from shared memory; all in units of 16.
static __device__ __forceinline__ void bulk_store(void* global, const void* shared, int bytes) {
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(global),
                 "r"(shared_address(shared)), "r"(bytes)
                 : "memory");
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

}  // namespace heddle

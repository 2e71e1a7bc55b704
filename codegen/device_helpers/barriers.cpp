// codegen/device_helpers/barriers.cpp -- barriers of threads, and mbarriers in shared memory.
#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {

void add_barriers(DeviceHelpers& table) {
    const DeviceHelper rows[] = {
        {"sync_threads", 80, false, R"(// Waits until `count` threads of the block have come to barrier `id`.
static __device__ __forceinline__ void sync_threads(int id, int count) {
    asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(count) : "memory");
}
)"},
        {"arrive_threads", 80, false,
         R"(// Counts among the `count` threads that barrier `id` waits for, without waiting.
static __device__ __forceinline__ void arrive_threads(int id, int count) {
    asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(count) : "memory");
}
)"},
        {"Barrier", 80, false, R"(// In shared memory: counts arrivals and the bytes of copies, phase after phase.
typedef unsigned long long Barrier;
)"},
        {"barrier_init", 80, false, R"(// Each phase takes `count` arrivals.
static __device__ __forceinline__ void barrier_init(Barrier* barrier, int count) {
    asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(count) : "memory");
}
)"},
        {"barrier_init_fence", 90, false, R"(// Makes new barriers known to the copies and to the cluster.
static __device__ __forceinline__ void barrier_init_fence() {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
)"},
        {"barrier_expect", 90, false, R"(// One arrival; the phase ends after that many bytes of copies, too.
static __device__ __forceinline__ void barrier_expect(Barrier* barrier, int bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)), "r"(bytes)
                 : "memory");
}
)"},
        {"barrier_arrive", 90, false, R"(// One arrival.
static __device__ __forceinline__ void barrier_arrive(Barrier* barrier) {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
}
)"},
        {"barrier_wait", 90, false,
         R"(// Waits until the phase of this parity is over: phases alternate between 0 and 1, the one before the first is 1.
static __device__ __forceinline__ void barrier_wait(Barrier* barrier, int parity) {
    asm volatile(
        "{\n\t"
        ".reg .pred over;\n"
        "again:\n\t"
        "mbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n\t"
        "@!over bra again;\n\t"
        "}" ::"r"(shared_address(barrier)), "r"(parity) : "memory");
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

}  // namespace heddle

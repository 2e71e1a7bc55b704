// codegen/device_helpers.h -- the device functions that emitted CUDA calls for hardware instructions.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace heddle {

/// One helper: a `static __device__ __forceinline__` function, or a type. PTX stands in these texts alone, so that they
/// can be replaced by functions of the same names to execute emitted text elsewhere.
///
/// `shared` and `row` are addresses in the block's shared memory, as ordinary pointers.
///
/// | group | helpers |
/// |---|---|
/// | cp.async | copy_async_4, _8, _16(void* shared, const void* global, bool inside), copy_async_commit(),
/// copy_async_wait<N>() | | block barriers | sync_threads(int id, int count), arrive_threads(int id, int count) | |
/// mbarriers | Barrier; barrier_init(Barrier*, int count), barrier_init_fence(), barrier_expect(Barrier*, int bytes),
/// barrier_arrive(Barrier*), barrier_wait(Barrier*, int parity) | | bulk copies | bulk_load(void* shared, const void*
/// global, int bytes, Barrier*), bulk_store(void* global, const void* shared, int bytes), async_proxy_fence() | |
/// tensor memory access | TensorMap; tma_load_Dd(void* shared, const TensorMap*, Barrier*, int c0, ...),
/// tma_load_im2col_Dd(.., int c, int w, [int h, [int d,]] int n, unsigned short offset_w, ...), tma_store_Dd(const
/// TensorMap*, const void* shared, int c0, ...), tma_store_im2col_Dd, tma_store_commit(), tma_store_wait<N>(),
/// tma_store_wait_read<N>() | | fragments | load_matrix_xN, load_matrix_xN_transposed(unsigned (&r)[N], const void*
/// row), store_matrix_xN, store_matrix_xN_transposed(void* row, const unsigned (&r)[N]), N = 1, 2, 4 | | warp products
/// | mma_m16n8k16_f16, _bf16, mma_m16n8k8_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]),
/// mma_m16n8k32_i8(int (&d)[4], ..), mma_m8n8k4_f64(double (&d)[2], double a, double b) | | warpgroup products |
/// matrix_descriptor(const void* tile, int leading_bytes, int stride_bytes, int swizzle_bytes), wgmma_fence(),
/// wgmma_commit(), wgmma_wait<N>(), wgmma_m64nNk16_bf16, _f16<transposed_a, transposed_b>(float (&d)[N / 2], unsigned
/// long long a, unsigned long long b, int accumulate), wgmma_m64nNk8_tf32(..), each with _registers(float (&d)[N / 2],
/// const unsigned (&a)[4], unsigned long long b, int accumulate), N = 8, 16 .. 256 | | launches, clusters |
/// allow_next_launch(), wait_for_previous_launch(), cluster_sync(), cluster_rank(), cluster_address(const void* shared,
/// int rank), cluster_store(T* shared, int rank, T value), increase_registers<N>(), decrease_registers<N>() | |
/// conversions | round_to_tf32(float), pack_f16(float lo, float hi), pack_bf16(float lo, float hi), pack_pair(const
/// unsigned short*, const unsigned short*), load_pair(const unsigned short*) |
struct DeviceHelper {
    std::string name;
    int compute_capability = 80;     ///< the least that has the instruction
    bool specific_features = false;  ///< needs sm_90a: the features of this very architecture
    std::string text;                ///< with a comment line at its head
};

/// All helpers; each after those it calls.
const std::vector<DeviceHelper>& device_helper_table();

/// The helper of a name; null: there is none.
const DeviceHelper* find_device_helper(const std::string& name);

/// The texts of these helpers and of those they call, in the table's order, each followed by an empty line.
/// Throws InternalError for an unknown name.
std::string device_helpers(const std::set<std::string>& names);

}  // namespace heddle

// tests/emulator/fault_test.cpp -- planted faults: the emulator finds each, and says where it is.
#include "tests/emulator/planted_fault.h"

namespace heddle::test {
namespace {

const std::vector<PlantedFault>& planted() {
    static const std::vector<PlantedFault> faults = {
        {"missing_barrier",
         {"__shared__ float s[64];\ns[threadIdx.x] = in[threadIdx.x];\n@__syncthreads();@\n"
          "out[threadIdx.x] = s[63 - threadIdx.x];"},
         "",
         "nobody wrote"},
        {"write_after_read",
         {"__shared__ float s[64];\ns[threadIdx.x] = in[threadIdx.x];\n__syncthreads();\n"
          "const float x = s[63 - threadIdx.x];\n@__syncthreads();@\ns[threadIdx.x] = x;\nout[threadIdx.x] = x;"},
         "",
         "without a barrier between"},
        {"two_writers",
         {"__shared__ float s[65];\ns[@threadIdx.x@] = in[0];\nout[threadIdx.x] = s[threadIdx.x];"},
         "0",
         "writes shared memory at byte 0 of s"},
        {"barrier_not_reached_by_all",
         {"__shared__ float s[64];\ns[threadIdx.x] = 1.0f;\nif (threadIdx.x < @64@) __syncthreads();\nelse "
          "__shfl_sync(~0u, 1, "
          "0);\nsync_threads(1, 64);\nout[threadIdx.x] = s[threadIdx.x];",
          "const float* in, float* out",
          {"sync_threads"}},
         "40",
         "barrier 0"},
        {"named_barrier_of_too_many",
         {"sync_threads(1, @64@);\nout[threadIdx.x] = 1.0f;", "const float* in, float* out", {"sync_threads"}},
         "32 * 3",
         "multiple of 32 up to the block's 64"},
        {"named_barriers_differ",
         {"sync_threads(threadIdx.x < 32 ? 1 : @1@, 64);\nout[threadIdx.x] = 1.0f;",
          "const float* in, float* out",
          {"sync_threads"}},
         "2",
         "came"},
        {"beside_shared",
         {"__shared__ float s[64];\ns[threadIdx.x @+ 0@] = 1.0f;\nout[threadIdx.x] = 1.0f;"},
         "+ 1",
         "writes 4 bytes outside of shared memory: at byte 256 of s of line 3 (256 bytes)"},
        {"beside_dynamic_shared",
         {"extern __shared__ __align__(16) float s[];\ns[threadIdx.x@ @] = 1.0f;\nout[threadIdx.x] = 1.0f;"},
         "+1",
         "outside of shared memory: at byte 256 of the dynamic shared memory (256 bytes)",
         {64, 1, 1, 256}},
        {"declares_too_much_shared",
         {"__shared__ float s[@12288@];\ns[threadIdx.x] = 1.0f;\nout[threadIdx.x] = 1.0f;"},
         "12289",
         "49156 bytes of declared shared memory"},
        {"beside_a_buffer",
         {"out[threadIdx.x] = in[threadIdx.x @@];"},
         "+ 1",
         "reads 4 bytes 0 bytes after the end of in"},
        {"before_a_buffer",
         {"out[static_cast<int>(threadIdx.x) @@] = in[threadIdx.x];"},
         "- 1",
         "writes 4 bytes 4 bytes before out"},
        {"unwritten_output", {"out[threadIdx.x] @=@ in[threadIdx.x];"}, "+=", "nobody wrote"},
        {"two_blocks_write", {"out[threadIdx.x + 64 * @blockIdx.x@] = 1.0f;"}, "0", "another block wrote", {64, 2}},
        {"shuffle_of_absent_lanes",
         {"out[threadIdx.x] = __shfl_xor_sync(@0xffffffffu@, in[threadIdx.x], 8);"},
         "0xffu << threadIdx.x / 8 * 8 % 32",
         "takes no part"},
        {"missing_warp_barrier",
         {"__shared__ float s[64];\ns[threadIdx.x] = in[threadIdx.x];\n@__syncwarp();@\nout[threadIdx.x] = "
          "s[threadIdx.x ^ 1];"},
         "",
         "nobody wrote"},
        {"copy_not_waited_for",
         {"__shared__ float s[64];\ncopy_async_4(&s[threadIdx.x], &in[threadIdx.x], true);\ncopy_async_commit();\n"
          "@copy_async_wait<0>();@\nout[threadIdx.x] = s[threadIdx.x];",
          "const float* in, float* out",
          {"copy_async_4", "copy_async_commit", "copy_async_wait"}},
         "",
         "it was not waited for"},
        {"wait_of_an_older_group",
         {"__shared__ float s[64];\ncopy_async_4(&s[threadIdx.x], &in[threadIdx.x], true);\ncopy_async_commit();\n"
          "copy_async_wait<@0@>();\nout[threadIdx.x] = s[threadIdx.x];",
          "const float* in, float* out",
          {"copy_async_4", "copy_async_commit", "copy_async_wait"}},
         "1",
         "it was not waited for"},
        {"copy_without_barrier",
         {"__shared__ float s[64];\ncopy_async_4(&s[threadIdx.x], &in[threadIdx.x], true);\ncopy_async_commit();\n"
          "copy_async_wait<0>();\n@__syncthreads();@\nout[threadIdx.x] = s[63 - threadIdx.x];",
          "const float* in, float* out",
          {"copy_async_4", "copy_async_commit", "copy_async_wait"}},
         "",
         "nobody wrote"},
        {"misaligned_vector",
         {"const float4 v = *reinterpret_cast<const float4*>(&in[@4 * (threadIdx.x % 8)@]);\nout[threadIdx.x] = v.x;"},
         "threadIdx.x % 8",
         "multiple of 16"},
        {"misaligned_copy",
         {"__shared__ __align__(@16@) float s[256];\ncopy_async_16(&s[4 * threadIdx.x], &in[0], "
          "true);\ncopy_async_commit();\n"
          "copy_async_wait<0>();\nout[threadIdx.x] = s[4 * threadIdx.x];",
          "const float* in, float* out",
          {"copy_async_16", "copy_async_commit", "copy_async_wait"}},
         "4",
         "no multiples"},
        {"never_ends",
         {"unsigned i = threadIdx.x + 1;\nwhile (i @> 64@) i = i * 3 + 2 * (i == 0);\nout[threadIdx.x] = i;"},
         "!= 0",
         "does not end"},
    };
    return faults;
}

class Fault : public testing::TestWithParam<PlantedFault> {};

TEST_P(Fault, IsFound) { expect_found(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, Fault, testing::ValuesIn(planted()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test

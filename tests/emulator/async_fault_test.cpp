// tests/emulator/async_fault_test.cpp -- planted faults of mbarriers, bulk copies and products of warpgroups: all
// found.
#include "tests/emulator/planted_fault.h"

namespace heddle::test {
namespace {

const std::string floats = "const float* in, float* out";
const std::set<std::string> loads = {"barrier_init",   "barrier_init_fence", "barrier_expect",
                                     "barrier_arrive", "barrier_wait",       "bulk_load"};

// 256 bytes to `s` by thread 0; all threads wait. One part each is to be replaced.
KernelText load(const std::string& init, const std::string& expect, const std::string& wait, const std::string& after) {
    return {"__shared__ __align__(16) float s[64];\n__shared__ Barrier full;\nif (threadIdx.x == 0) {\n" + init +
                "}\n__syncthreads();\nif (threadIdx.x == 0) {\n" + expect + "bulk_load(s, in, 256, &full);\n}\n" +
                wait + "out[threadIdx.x] = s[threadIdx.x];\n" + after,
            floats, loads};
}
const std::string init = "barrier_init(&full, 1);\nbarrier_init_fence();\n", expect = "barrier_expect(&full, 256);\n",
                  wait = "barrier_wait(&full, 0);\n";

KernelText store(const std::string& fence, const std::string& end) {
    return {"__shared__ __align__(16) float s[64];\ns[threadIdx.x] = in[threadIdx.x];\n" + fence +
                "__syncthreads();\nif (threadIdx.x == 0) {\nbulk_store(out, s, 256);\n" + end + "}\n",
            floats,
            {"async_proxy_fence", "bulk_store", "tma_store_commit", "tma_store_wait_read"}};
}

// Blocks of a cluster write to each other's shared memory.
KernelText exchange(const std::string& before, const std::string& after) {
    return {"__shared__ float s[64];\n" + before +
                "cluster_store(&s[threadIdx.x], 1 - cluster_rank(), in[threadIdx.x]);\n" + after +
                "out[64 * blockIdx.x + threadIdx.x] = s[threadIdx.x];",
            floats,
            {"cluster_sync", "cluster_rank", "cluster_address", "cluster_store"}};
}

// One product of zeros and twos.
KernelText product(const std::string& fence, const std::string& start, const std::string& descriptor,
                   const std::string& end) {
    return {
        "__shared__ __align__(1024) unsigned short s[8192];\n"
        "for (int i = threadIdx.x; i < 8192; i += 128) s[i] = 0;\n" +
            fence + "__syncthreads();\nfloat d[4] = {};\n" + start +
            "const unsigned long long a = matrix_descriptor(s, 16, 1024, 128);\n"
            "const unsigned long long b = matrix_descriptor(" +
            descriptor + ", 128);\nwgmma_m64n8k16_bf16<0, 0>(d, a, b, 1);\nwgmma_commit();\n" + end +
            "if (threadIdx.x < 64) out[threadIdx.x] = d[0];",
        floats,
        {"async_proxy_fence", "matrix_descriptor", "wgmma_fence", "wgmma_commit", "wgmma_wait", "wgmma_m64n8k16_bf16"}};
}
const std::string proxy = "async_proxy_fence();\n", fence = "wgmma_fence();\n", tile = "s + 4096, 16, 1024",
                  done = "wgmma_wait<0>();\n";

const std::vector<PlantedFault>& planted() {
    static const std::vector<PlantedFault> faults = {
        {"wrong_parity", load(init, expect, "barrier_wait(&full, @0@);\n", ""), "1", "nobody wrote"},
        {"wait_for_a_phase_that_never_ends", load(init, expect, wait + "@@", ""), "barrier_wait(&full, 1);\n",
         "for parity 1: 1 phases are over, 1 of 1 arrivals and 0 bytes are to come"},
        {"no_wait", load(init, expect, "@" + wait + "@", "barrier_wait(&full, 0);\n"), "", "nobody wrote"},
        {"expects_too_little", load(init, "barrier_expect(&full, @256@);\n", wait, ""), "128",
         "-128 bytes are to come"},
        {"expects_too_much", load(init, "barrier_expect(&full, @256@);\n", wait, ""), "272", "16 bytes are to come"},
        {"too_few_arrivals", load("barrier_init(&full, @1@);\nbarrier_init_fence();\n", expect, wait, ""), "2",
         "1 of 2 arrivals and 0 bytes are to come"},
        {"too_many_arrivals", load(init, expect + "@@", wait, ""), "barrier_arrive(&full);\n",
         "whose phase has all of its 1 arrivals"},
        {"no_init", load("@" + init + "@", expect, wait, ""), "", "was not initialised"},
        {"no_init_fence", load("barrier_init(&full, 1);\n@barrier_init_fence();@\n", expect, wait, ""), "",
         "no fence made its initialisation known"},
        {"init_without_barrier",
         {"__shared__ Barrier b;\nif (threadIdx.x == 0) barrier_init(&b, "
          "64);\n@__syncthreads();@\nbarrier_arrive(&b);\n"
          "barrier_wait(&b, 0);\nout[threadIdx.x] = 1.0f;",
          floats, loads},
         "",
         "initialised"},
        {"stage_filled_while_read",
         load(init, expect, wait,
              "@__syncthreads();@\nif (threadIdx.x == 0) {\nbarrier_expect(&full, 256);\n"
              "bulk_load(s, in, 256, &full);\n}\nbarrier_wait(&full, 1);\n"),
         "", "2 phases are over"},
        {"copy_of_odd_bytes", load(init, expect, wait, "@@"), "bulk_load(s, in + 1, 16, &full);\n", "multiples of 16"},
        {"copy_never_waited_for", load(init, expect, wait, "__syncthreads();\nif (threadIdx.x == 0) {\n@@\n}\n"),
         "barrier_expect(&full, 16);\nbulk_load(s, in, 16, &full);\n", "ends while a copy"},
        {"store_without_proxy_fence",
         store("@async_proxy_fence();@\n", "tma_store_commit();\ntma_store_wait_read<0>();\n"), "",
         "without a fence (fence.proxy.async)"},
        {"store_not_waited_for", store("async_proxy_fence();\n", "tma_store_commit();\n@tma_store_wait_read<0>();@\n"),
         "", "ends without waiting until its stores have read"},
        {"store_overwritten",
         store("async_proxy_fence();\n",
               "tma_store_commit();\n@tma_store_wait_read<0>();@\ns[1] = 0.0f;\ntma_store_wait_read<0>();\n"),
         "", "may still read"},
        {"product_not_waited_for",
         product(proxy, fence, tile, "@" + done + "@"),
         "",
         "registers of a product that was not waited for",
         {128}},
        {"product_without_fence", product(proxy, "@" + fence + "@", tile, done), "", "no wgmma_fence()", {128}},
        {"product_without_proxy_fence",
         product("@" + proxy + "@", fence, tile, done),
         "",
         "without a fence (fence.proxy.async)",
         {128}},
        {"cluster_not_started",
         exchange("@cluster_sync();@", "cluster_sync();\n"),
         "",
         "may not have started",
         {64, 2, 2}},
        {"cluster_apart", exchange("cluster_sync();", "@cluster_sync();@\n"), "", "", {64, 2, 2}},
        {"descriptor_leads_outside",
         product(proxy, fence, "s + @4096@, 16, 1024", done),
         "8192 - 64",
         "the descriptor of b leads outside of shared memory",
         {128}},
        {"operand_overwritten",
         product(proxy, fence, tile, "@" + done + "@__syncthreads();\ns[threadIdx.x] = 1;\n" + done),
         "",
         "may still read",
         {128}},
        {"not_a_warpgroup",
         {"if (threadIdx.x < @128@) wgmma_fence();\nif (threadIdx.x < 64) out[threadIdx.x] = 1.0f;",
          floats,
          {"wgmma_fence"}},
         "160",
         "not part of a warpgroup",
         {160}},
    };
    return faults;
}

class AsyncFault : public testing::TestWithParam<PlantedFault> {};

TEST_P(AsyncFault, IsFound) { expect_found(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, AsyncFault, testing::ValuesIn(planted()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test

// tests/schedules/cuda_contraction_test.cpp -- which route the default schedule of a product takes on CUDA devices.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {
namespace {

struct Route {
    std::string name, text;
    std::vector<std::string> has, has_not;
    int compute_capability = 90;
};
std::ostream& operator<<(std::ostream& out, const Route& route) { return out << route.name; }

const std::string large =
    "x: bf16[32,28,28,512]\nw: bf16[512,3,3,512]\ny: bf16[32,28,28,512]\n"
    "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]";
const std::string odd =
    "x: bf16[32,28,28,37]\nw: bf16[512,3,3,37]\ny: bf16[32,28,28,512]\n"
    "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]";
const std::string weights =
    "dy: bf16[64,28,28,128]\nx: bf16[64,28,28,128]\nr < 3\ns < 3\ndw: bf16[128,3,3,128]\n"
    "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]";
const std::string few_tiles = "x: bf16[128,8192]\nw: bf16[256,8192]\ny: bf16[128,256]\ny[m,n] += x[m,k] * w[n,k]";

const Route routes[] = {
    {"images_and_warpgroups",
     large,
     {"cache_in(x, shared, r_s_c.o, loop_coordinates, atom=tma_im2col, swizzle=128)", "specialize_warps(producer=1",
      "work(persistent", "cache_out(y, shared, k.o, atom=tma_store, swizzle=128)"},
     {"stream_k"}},
    {"no_wgmma_before_sm_90", large, {"mma_sync_m16n8k16", "cp_async"}, {"tma", "wgmma"}, 80},
    {"no_wgmma_after_sm_90", large, {"mma_sync_m16n8k16", "cp_async"}, {"tma", "wgmma"}, 100},
    {"rows_that_are_no_multiple_of_16_bytes", odd, {"mma_sync_m16n8k16", "cp_async"}, {"tma", "wgmma"}},
    {"few_tiles_share_their_steps", few_tiles, {"work(stream_k", "wgmma"}, {"cache_out"}},
    {"weight_gradients_share_their_steps", weights, {"work(stream_k, {", "tma_im2col", "wgmma"}, {"cache_out"}},
    {"taps_of_few_channels_read_one_patch",
     "dy: bf16[64,56,56,64]\nx: bf16[64,56,56,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]",
     {"work(stream_k, {", "cache_in(x, shared, n_p.o_q.o, footprint, atom=tma_tile", "consumer=3x128", "wgmma_m64n192"},
     {"im2col"}},
    {"steps_of_the_image_need_none",
     "dy: bf16[64,56,56,64]\nx: bf16[64,112,112,64]\nr < 3\ns < 3\ndw: bf16[64,3,3,64]\n"
     "dw[k,r,s,c] += dy[n,p,q,k] * zero(x)[n,2*p+r-1,2*q+s-1,c]",
     {"work(stream_k, {", "im2col"},
     {"footprint"}},
    {"also_before_sm_90", weights, {"work(stream_k, {", "mma_sync"}, {"tma"}, 86},
    {"f64_on_tensor_cores",
     "x: f64[512,512]\nw: f64[512,512]\ny: f64[512,512]\ny[m,n] += x[m,k] * w[k,n]",
     {"mma_sync_m8n8k4"},
     {"precision"}},
    {"small_products_do_without", "x: f32[16,16]\nw: f32[16,16]\ny[m,n] += x[m,k] * w[k,n]", {"bind"}, {"tensorize"}},
};

class CudaContraction : public testing::TestWithParam<Route> {};

TEST_P(CudaContraction, TakesItsRoute) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const std::string schedule = print(default_schedule(pipeline, Target::cuda(GetParam().compute_capability)));
    for (const std::string& word : GetParam().has)
        EXPECT_NE(schedule.find(word), std::string::npos) << word << " in " << schedule;
    for (const std::string& word : GetParam().has_not)
        EXPECT_EQ(schedule.find(word), std::string::npos) << word << " in " << schedule;
}

INSTANTIATE_TEST_SUITE_P(Routes, CudaContraction, testing::ValuesIn(routes),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle

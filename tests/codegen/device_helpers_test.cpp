// tests/codegen/device_helpers_test.cpp -- every device helper compiles for its architecture, without warnings.
#include "codegen/device_helpers.h"

#include <gtest/gtest.h>

#include <map>

#include "runtime/error.h"
#include "runtime/nvrtc.h"

namespace heddle::test {
namespace {

// A call of each helper that is no member of a family; arguments are the variables of `kernel_of`.
const std::map<std::string, std::string> single_calls = {
    {"keep_packed", "keep_packed(reinterpret_cast<unsigned long long (&)[2]>(r4));"},
    {"shared_address", "i = shared_address(shared);"},
    {"copy_async_4", "copy_async_4(shared, global, i > 0);"},
    {"copy_async_8", "copy_async_8(shared, global, i > 0);"},
    {"copy_async_16", "copy_async_16(shared, global, i > 0);"},
    {"load_16_bits", "a[0] = load_16_bits(reinterpret_cast<unsigned short*>(global), i > 0);"},
    {"store_16_bits", "store_16_bits(reinterpret_cast<unsigned short*>(shared), i);"},
    {"copy_async_commit", "copy_async_commit();"},
    {"copy_async_wait", "copy_async_wait<2>();"},
    {"sync_threads", "sync_threads(i, 64);"},
    {"arrive_threads", "arrive_threads(2, 64);"},
    {"Barrier", "Barrier barrier = i;\nshared[0] = barrier;"},
    {"barrier_init", "barrier_init(shared, i);"},
    {"barrier_init_fence", "barrier_init_fence();"},
    {"barrier_expect", "barrier_expect(shared, i);"},
    {"barrier_arrive", "barrier_arrive(shared);"},
    {"barrier_wait", "barrier_wait(shared, i);\nbarrier_wait(shared, 1 - i);"},
    {"async_proxy_fence", "async_proxy_fence();"},
    {"bulk_load", "bulk_load(shared, global, i, shared + 1);"},
    {"bulk_store", "bulk_store(global, shared, i);"},
    {"TensorMap", "i = map.words[i];"},
    {"tma_store_commit", "tma_store_commit();"},
    {"tma_store_wait_read", "tma_store_wait_read<1>();"},
    {"tma_store_wait", "tma_store_wait<0>();"},
    {"mma_m16n8k32_i8", "mma_m16n8k32_i8(sums, a, b);"},
    {"mma_m16n8k32_u8", "mma_m16n8k32_u8(sums, a, b);"},
    {"pack_bytes", "a[0] = pack_bytes(i, 1, 2, 3);"},
    {"pack_pair", "auto* halves = reinterpret_cast<unsigned short*>(shared);\na[0] = pack_pair(halves + i, halves);"},
    {"load_pair", "a[0] = load_pair(reinterpret_cast<unsigned short*>(shared));"},
    {"mma_m8n8k4_f64", "mma_m8n8k4_f64(doubles, global[0], global[1]);"},
    {"matrix_descriptor", "global[1] = matrix_descriptor(shared, 16, i, 128);"},
    {"wgmma_fence", "wgmma_fence();"},
    {"wgmma_commit", "wgmma_fence();\nwgmma_commit();\nwgmma_wait<0>();"},
    {"wgmma_wait", "wgmma_wait<1>();"},
    {"allow_next_launch", "allow_next_launch();"},
    {"wait_for_previous_launch", "wait_for_previous_launch();"},
    {"cluster_sync", "cluster_sync();"},
    {"cluster_rank", "i = cluster_rank();"},
    {"cluster_address", "i = *static_cast<int*>(cluster_address(shared, i));"},
    {"cluster_store", "cluster_store(reinterpret_cast<int*>(shared), i, i);"},
    {"increase_registers", "increase_registers<232>();"},
    {"decrease_registers", "decrease_registers<40>();"},
    {"round_to_tf32", "d[0] = round_to_tf32(d[1]);"},
    {"high_of_tf32", "i = high_of_tf32(d[1]);"},
    {"store_pair_f16", "store_pair_f16(reinterpret_cast<unsigned short*>(global), d[0], d[1]);"},
    {"store_pair_bf16", "store_pair_bf16(reinterpret_cast<unsigned short*>(global), d[0], d[1]);"},
    {"rest_of_tf32", "d[0] = rest_of_tf32(d[1]);"},
    {"rest_bits_of_tf32", "i = rest_bits_of_tf32(d[1]);"},
    {"pack_f16", "a[0] = pack_f16(d[0], d[1]);"},
    {"pack_bf16", "a[0] = pack_bf16(d[0], d[1]);"},
};

bool starts(const std::string& name, const std::string& with) { return name.rfind(with, 0) == 0; }

std::string call_of(const std::string& name) {
    if (const auto single = single_calls.find(name); single != single_calls.end()) return single->second;
    const char digit = name[name.size() - 2];
    const auto coordinates = [&](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += ", i";
        return text;
    };
    if (starts(name, "tma_load_im2col_"))
        return name + "(shared, &map, shared + 1" + coordinates(2 * (digit - '0') - 2) + ");";
    if (starts(name, "tma_load_")) return name + "(shared, &map, shared + 1" + coordinates(digit - '0') + ");";
    if (starts(name, "tma_store_")) return name + "(&map, shared" + coordinates(digit - '0') + ");";
    if (starts(name, "load_matrix_x")) return name + "(r" + name.substr(13, 1) + ", shared);";
    if (starts(name, "store_matrix_x")) return name + "(shared, r" + name.substr(14, 1) + ");";
    if (starts(name, "mma_")) return name + "(products, a, b);";
    if (starts(name, "wgmma_")) {
        const bool registers = name.find("_registers") != std::string::npos;
        const bool narrow = name.find("tf32") == std::string::npos;
        const std::string n = name.substr(10, name.find('k') - 10);
        return "float d" + n + "[" + n + " / 2] = {};\nwgmma_fence();\n" + name +
               (narrow ? registers ? "<1>" : "<0, 1>" : "") + "(d" + n + ", " + (registers ? "a" : "global[0]") +
               ", global[1], i);\nwgmma_commit();\nwgmma_wait<0>();\nd[0] += d" + n + "[0];";
    }
    return "";
}

std::string kernel_of(const DeviceHelper& helper) {
    const bool maps = helper.text.find("TensorMap") != std::string::npos;
    return "extern \"C\" __global__ void __launch_bounds__(128, 1) use_" + helper.name + "(" +
           (maps ? "const __grid_constant__ TensorMap map, " : "") +
           "unsigned long long* global, int i) {\n"
           "__shared__ __align__(128) unsigned long long shared[128];\n"
           "float d[2] = {}, products[4] = {};\nint sums[4] = {};\ndouble doubles[2] = {};\n"
           "unsigned a[4] = {}, b[2] = {}, r1[1] = {}, r2[2] = {}, r4[4] = {};\n" +
           call_of(helper.name) +
           "\nglobal[0] = i + d[0] + products[1] + sums[1] + doubles[0] + a[0] + b[1] + r1[0] + r2[1] + r4[3] + "
           "shared[0];\n}\n";
}

struct Architecture {
    std::string name;
    int compute_capability;
    bool specific_features;
};
std::ostream& operator<<(std::ostream& out, const Architecture& architecture) { return out << architecture.name; }

class DeviceHelpers : public testing::TestWithParam<Architecture> {};

TEST_P(DeviceHelpers, CompileWithoutWarnings) {
    const Architecture& architecture = GetParam();
    std::set<std::string> names;
    std::string kernels;
    for (const DeviceHelper& helper : device_helper_table()) {
        ASSERT_NE(call_of(helper.name), "") << helper.name;
        if (helper.compute_capability != architecture.compute_capability ||
            helper.specific_features != architecture.specific_features)
            continue;
        names.insert(helper.name);
        kernels += kernel_of(helper);
    }
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    CudaCompileOptions options;
    options.specific_features = architecture.specific_features;
    // The kernels leave variables that their call does not need.
    options.flags = {"--diag-suppress=177,550"};
    const CudaProgram program = compile_cuda(device_helpers(names) + kernels, architecture.name + ".cu",
                                             architecture.compute_capability, options);
    EXPECT_EQ(program.warnings, "");
    EXPECT_EQ(program.kernels.size(), names.size());
}

INSTANTIATE_TEST_SUITE_P(Architectures, DeviceHelpers,
                         testing::Values(Architecture{"sm_80", 80, false}, Architecture{"sm_90", 90, false},
                                         Architecture{"sm_90a", 90, true}),
                         [](const auto& info) { return info.param.name; });

TEST(DeviceHelpers, AreGivenWithWhatTheyCall) {
    const std::string text = device_helpers({"bulk_load", "pack_f16"});
    const auto place = [&](const std::string& part) { return text.find(part); };
    EXPECT_LT(place(" shared_address(const"), place("typedef unsigned long long Barrier;"));
    EXPECT_LT(place("typedef unsigned long long Barrier;"), place(" bulk_load("));
    EXPECT_LT(place(" bulk_load("), place(" pack_f16("));
    EXPECT_EQ(place("barrier_wait"), std::string::npos);
    EXPECT_EQ(device_helpers({}), "");
}

TEST(DeviceHelpers, AreCommentedAndNamedOnce) {
    std::set<std::string> names;
    for (const DeviceHelper& helper : device_helper_table()) {
        EXPECT_TRUE(names.insert(helper.name).second) << helper.name;
        EXPECT_TRUE(starts(helper.text, "// ")) << helper.name;
        EXPECT_EQ(helper.text.back(), '\n') << helper.name;
    }
}

TEST(DeviceHelpers, RefuseAnUnknownName) { EXPECT_THROW(device_helpers({"copy_async_32"}), InternalError); }

}  // namespace
}  // namespace heddle::test

// tests/runtime/cpu_info_test.cpp -- the host CPU's facts hold together, and the measurements are of a CPU's size.
#include "runtime/cpu_info.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/runtime/error_text.h"

namespace heddle {
namespace {

TEST(cpu_info, facts) {
    const CpuInfo& info = cpu_info();
    EXPECT_FALSE(info.model.empty());
    EXPECT_GE(info.cores, 1);
    EXPECT_GE(info.l1_bytes, 8 << 10);
    EXPECT_GE(info.l2_bytes, info.l1_bytes);
    EXPECT_TRUE(!info.features.avx512vl || info.features.avx512f);
}

TEST(cpu_info, features_have_the_names_of_llvm) {
    EXPECT_TRUE(feature_names({}).empty());
    CpuFeatures features;
    features.avx2 = features.avx512_vnni = features.amx_int8 = true;
    EXPECT_EQ(feature_names(features), (std::vector<std::string>{"avx2", "avx512vnni", "amx-int8"}));
}

TEST(cpu_info, agrees_with_the_kernel) {
    std::ifstream file("/proc/cpuinfo");
    std::string flags;
    for (std::string line; std::getline(file, line);)
        if (line.rfind("flags", 0) == 0) flags = line + " ";
    if (flags.empty()) GTEST_SKIP() << "no flags in /proc/cpuinfo";
    const CpuFeatures& features = cpu_info().features;
    EXPECT_EQ(features.avx2, flags.find(" avx2 ") != std::string::npos);
    EXPECT_EQ(features.fma, flags.find(" fma ") != std::string::npos);
    EXPECT_EQ(features.avx512f, flags.find(" avx512f ") != std::string::npos);
    EXPECT_EQ(features.avx512_vnni, flags.find(" avx512_vnni ") != std::string::npos);
}

TEST(cpu_info, measured_peaks) {
    EXPECT_GT(measure_fma_peak(1, 0.02), 1e8);
    EXPECT_LT(measure_fma_peak(1, 0.02), 1e13);
    EXPECT_GT(measure_copy_bandwidth(1, 0.02), 1e7);
    EXPECT_EQ(test::error_text([] { measure_fma_peak(0); }), "measure_fma_peak: 0 threads; give 1 or more");
    EXPECT_EQ(test::error_text([] { measure_copy_bandwidth(1, -1); }),
              "measure_copy_bandwidth: -1 seconds; give more than 0");
}

}  // namespace
}  // namespace heddle

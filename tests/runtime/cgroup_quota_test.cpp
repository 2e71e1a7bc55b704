// tests/runtime/cgroup_quota_test.cpp -- the CPU quota of cgroups of version 1 and 2, from folders made for the test.
#include <gtest/gtest.h>

#include "runtime/affinity.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

class cgroup_quota : public testing::Test {
protected:
    void put(const std::string& path, const std::string& content) const {
        const auto file = std::filesystem::path(folder_.path().string() + path);
        std::filesystem::create_directories(file.parent_path());
        test::write_file(file, content);
    }
    std::optional<double> quota() const { return cgroup_cpu_quota(folder_.path().string()); }

private:
    test::TemporaryFolder folder_;
};

TEST_F(cgroup_quota, none_without_groups) { EXPECT_EQ(quota(), std::nullopt); }

TEST_F(cgroup_quota, version_2_takes_the_smallest_above) {
    put("/proc/self/cgroup", "0::/outer/inner\n");
    put("/sys/fs/cgroup/outer/inner/cpu.max", "max 100000\n");
    EXPECT_EQ(quota(), std::nullopt);
    put("/sys/fs/cgroup/outer/cpu.max", "250000 100000\n");
    EXPECT_EQ(quota(), 2.5);
    put("/sys/fs/cgroup/outer/inner/cpu.max", "50000 100000\n");
    EXPECT_EQ(quota(), 0.5);
}

TEST_F(cgroup_quota, version_2_inside_a_container) {
    put("/proc/self/cgroup", "0::/\n");
    put("/sys/fs/cgroup/cpu.max", "400000 100000\n");
    EXPECT_EQ(quota(), 4.0);
}

TEST_F(cgroup_quota, version_1) {
    put("/proc/self/cgroup", "5:cpuset:/a\n4:cpu,cpuacct:/a\n1:name=systemd:/b\n");
    put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
    put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(quota(), std::nullopt);
    put("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "300000\n");
    EXPECT_EQ(quota(), 3.0);
}

}  // namespace
}  // namespace heddle

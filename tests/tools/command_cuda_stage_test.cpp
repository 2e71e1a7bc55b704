// tests/tools/command_cuda_stage_test.cpp -- the CUDA stages of heddle show: PTX, SASS, and what kernels take.
#include "runtime/nvrtc.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandCudaStage : public CommandFixture, public testing::WithParamInterface<int> {
protected:
    void SetUp() override {
        if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    }
    std::string show(const std::string& stage) const {
        return "show -e 'y[n] += x[n,c]' x=f32:9x7 --target cuda:" + architecture_name(GetParam()) + " --stage " +
               stage;
    }
    // A program of the toolkit that prints its arguments and the kind of its file.
    void disassembler(const std::string& name, int status = 0) const {
        std::filesystem::create_directories(folder() / "bin");
        write_file(folder() / "bin" / name, "#!/bin/sh\necho \"" + name +
                                                " $1 $(head -c 4 \"$2\" | tail -c 3)\"\nexit " +
                                                std::to_string(status) + "\n");
        std::filesystem::permissions(folder() / "bin" / name, std::filesystem::perms::owner_all);
    }
};

TEST_P(CommandCudaStage, ptx_and_resources) {
    expect_contains(heddle(show("ptx")).output, ".target sm_" + std::to_string(GetParam()));
    const std::string table = heddle(show("resources")).output;
    expect_contains(table, "kernel  registers     shared    local  spilled  threads  blocks a multiprocessor\n");
    expect_contains(table, "0 B      0 B");
    expect_contains(table, "% of its threads, bounded by ");
}

TEST_P(CommandCudaStage, sass_by_whichever_program_there_is) {
    const std::string environment = "PATH=" + (folder() / "bin").string() + ":/bin:/usr/bin CUDA_HOME=/nonexistent";
    disassembler("cuobjdump");
    EXPECT_EQ(heddle(show("sass"), environment).output, "cuobjdump -sass ELF\n\n");
    disassembler("nvdisasm");
    EXPECT_EQ(heddle(show("sass"), environment).output, "nvdisasm -c ELF\n\n");
    disassembler("nvdisasm", 1);
    const CommandResult failed = heddle(show("sass"), environment);
    EXPECT_EQ(failed.status, 2);
    expect_contains(failed.errors, "nvdisasm fails on the machine code: nvdisasm -c ELF");
}

INSTANTIATE_TEST_SUITE_P(Architectures, CommandCudaStage, testing::Values(80, 90));

}  // namespace
}  // namespace heddle::test

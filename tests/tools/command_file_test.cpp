// tests/tools/command_file_test.cpp -- tensors from and to .npy files.
#include "runtime/npy.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandFile : public CommandFixture {
protected:
    void SetUp() override {
        Buffer x(f32, {1, 1, 4, 4}), w(f32, {1, 1, 3, 3});
        x.fill_random(1, true);
        w.set({0, 0, 1, 1}, 1);
        write_npy(folder() / "x.npy", x);
        write_npy(folder() / "w.npy", w);
    }
};

TEST_F(CommandFile, reads_inputs_and_writes_outputs) {
    const CommandResult result = heddle("run conv2d x=@x.npy w=@w.npy padding=1 --out y=@y.npy --time 1ms");
    ASSERT_EQ(result.status, 0) << result.errors;
    const Buffer x = read_npy(folder() / "x.npy"), y = read_npy(folder() / "y.npy");
    for_each_index(x.shape(), [&](const auto& index) { EXPECT_EQ(y.get(index), x.get(index)); });
}

TEST_F(CommandFile, refuses_a_file_of_a_wrong_shape_or_type) {
    expect_refusal("run conv2d x=@x.npy w=f32:1x3x3x3", "x has 1 channels in 1 group");
    expect_refusal("run conv2d x=f16:@x.npy w=@w.npy", "holds f32 1x1x4x4, not f16");
    expect_refusal("run -e 'x: f32[1,1,4,5]; y[n] += x[n,c,p,q]' x=@x.npy", "declared with extent 5 in dimension 3");
}

TEST_F(CommandFile, refuses_a_file_that_is_not_there_or_damaged) {
    expect_refusal("run conv2d x=@nothing.npy w=@w.npy", "nothing.npy");
    const std::string whole = read_file(folder() / "x.npy");
    write_file(folder() / "half.npy", whole.substr(0, whole.size() - 8));
    expect_refusal("run conv2d x=@half.npy w=@w.npy", "half.npy");
}

TEST_F(CommandFile, writes_nothing_where_the_output_is_wrong) {
    expect_refusal("run conv2d x=@x.npy w=@w.npy --out z=@z.npy", "there is no output 'z'; the outputs are y");
    expect_refusal("run conv2d x=@x.npy w=@w.npy --out y=@nowhere/y.npy", "there is no folder nowhere");
    EXPECT_FALSE(std::filesystem::exists(folder() / "z.npy"));
}

}  // namespace
}  // namespace heddle::test

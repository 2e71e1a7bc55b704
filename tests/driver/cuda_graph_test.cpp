// tests/driver/cuda_graph_test.cpp -- recording work, launching it, recording other work in its place.
#include "runtime/cuda_graph.h"

#include <gtest/gtest.h>

#include "runtime/cuda_module.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"
#include "tests/support/fake_driver/fake_driver.h"

namespace heddle::test {
namespace {

class cuda_graph : public testing::Test {
protected:
    void put(CudaStream stream, int value, unsigned blocks = 1) const {
        void* parameters[] = {&value};
        launch(kernel, {{blocks, 1, 1}, {32, 1, 1}}, parameters, stream);
    }
    /// The kernel's argument in each launch since the test began.
    std::vector<int> values() const {
        std::vector<int> found;
        for (std::size_t i = before; i < fake_driver().launches.size(); ++i)
            found.push_back(fake_driver().launches[i].argument<int>(0));
        return found;
    }
    void SetUp() override { fake_driver().parameter_bytes["graphed"] = {4}; }

    CudaFunction kernel = CudaModule({}, "graphed.cu").function("graphed");
    std::size_t before = fake_driver().launches.size();
};

TEST_F(cuda_graph, recording_runs_nothing_and_launching_runs_all) {
    const CudaGraph graph([&](CudaStream stream) { put(stream, 1), put(stream, 2); });
    EXPECT_EQ(values(), std::vector<int>());
    const OwnStream stream;
    graph.launch(stream.get());
    graph.launch();
    EXPECT_EQ(values(), (std::vector{1, 2, 1, 2}));
    EXPECT_EQ(fake_driver().launches[before].stream, stream.get());
}

TEST_F(cuda_graph, other_arguments_update_it_and_other_work_replaces_it) {
    CudaGraph graph([&](CudaStream stream) { put(stream, 1); });
    const int instantiations = fake_driver().instantiations;
    graph.record([&](CudaStream stream) { put(stream, 3); });
    graph.launch();
    EXPECT_EQ(fake_driver().instantiations, instantiations);
    graph.record([&](CudaStream stream) { put(stream, 4), put(stream, 5); });
    graph.launch();
    EXPECT_EQ(fake_driver().instantiations, instantiations + 1);
    EXPECT_EQ(values(), (std::vector{3, 4, 5}));
}

TEST_F(cuda_graph, what_cannot_be_recorded_is_refused_and_leaves_the_graph) {
    CudaGraph graph([&](CudaStream stream) { put(stream, 1); });
    EXPECT_EQ(error_of([&] { graph.record([](CudaStream stream) { synchronize(stream); }); }),
              "waiting for a CUDA stream: CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED (900): as the test wants it");
    EXPECT_THROW(graph.record([](CudaStream) { throw UserError("no"); }), UserError);
    graph.launch();
    EXPECT_EQ(values(), std::vector{1});
    const Buffer after = device_buffer(f32, {4});  // nothing is captured any more
    EXPECT_TRUE(after.defined());
}

TEST_F(cuda_graph, a_stream_says_whether_it_is_captured) {
    const OwnStream stream;
    EXPECT_FALSE(is_capturing(stream.get()));
    EXPECT_FALSE(is_capturing(nullptr));
    bool inside = false;
    const CudaGraph graph([&](CudaStream recorder) { inside = is_capturing(recorder); });
    EXPECT_TRUE(inside);
}

}  // namespace
}  // namespace heddle::test

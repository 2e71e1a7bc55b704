// tests/libtorch/alexnet_layers_test.cpp -- every layer of AlexNet at its real sizes, forward and backward, as
// libtorch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codegen/compile.h"
#include "dsl/gradient.h"
#include "examples/networks/alexnet.h"
#include "schedules/compare.h"
#include "tests/ops/operator_uses.h"
#include "tools/libtorch_operators.h"

namespace heddle::test {
namespace {

struct Row {
    const char *layer, *operation, *options;  ///< of libtorch
};
// A pool is followed by relu.
constexpr Row rows[] = {{"conv1", "conv2d", "stride=4 padding=2"},
                        {"pool1", "max_pool2d", "kernel_size=3 stride=2"},
                        {"conv2", "conv2d", "padding=2"},
                        {"pool2", "max_pool2d", "kernel_size=3 stride=2"},
                        {"conv3", "conv2d", "padding=1"},
                        {"relu3", "relu", ""},
                        {"conv4", "conv2d", "padding=1"},
                        {"relu4", "relu", ""},
                        {"conv5", "conv2d", "padding=1"},
                        {"pool5", "max_pool2d", "kernel_size=3 stride=2"},
                        {"dense6", "linear", ""},
                        {"relu6", "relu", ""},
                        {"dense7", "linear", ""},
                        {"relu7", "relu", ""},
                        {"dense8", "linear", ""}};

struct AlexNetLayers : testing::TestWithParam<Row> {};

#ifdef HEDDLE_HAVE_LIBTORCH

/// libtorch's name of a tensor, and its shape: a linear layer takes images as rows.
std::string torch_name(const std::string& name) { return name == "b" ? "bias" : name; }
Buffer torch_view(const Buffer& buffer, const Row& row) {
    if (std::string(row.operation) != "linear" || buffer.rank() < 3) return buffer;
    const std::int64_t N = buffer.shape()[0];
    return {buffer.type(), {N, buffer.elements() / N}, buffer.data()};
}

NamedBuffers run_compiled(const Pipeline& pipeline, const NamedBuffers& inputs) {
    std::vector<std::pair<std::string, Buffer>> buffers;
    NamedBuffers outputs;
    for (const AnyTensor& input : pipeline.inputs) buffers.emplace_back(input.name(), inputs.at(input.name()));
    for (const AnyTensor& output : pipeline.outputs) {
        outputs[output.name()] = Buffer(f32, examples::sizes_of(output.shape()));
        outputs[output.name()].poison();
        buffers.emplace_back(output.name(), outputs[output.name()]);
    }
    compile(pipeline)(buffers);
    return outputs;
}

void expect_close(const Buffer& found, const Buffer& expected, const std::string& what) {
    ASSERT_EQ(found.elements(), expected.elements()) << what;
    EXPECT_LE(compare(Buffer(f32, expected.shape(), found.data()), expected).relative_l2, 2e-5) << what;
}

TEST_P(AlexNetLayers, AreAsLibtorch) {
    const Row row = GetParam();
    const examples::AlexNet net = examples::alexnet(1);
    const examples::Layer* layer = nullptr;
    for (const examples::Layer& candidate : net.network.layers())
        if (candidate.name == row.layer) layer = &candidate;
    ASSERT_NE(layer, nullptr);

    std::vector<AnyTensor> wrt = layer->x;
    wrt.insert(wrt.end(), layer->parameters.begin(), layer->parameters.end());
    NamedBuffers inputs, torch_inputs;
    std::vector<std::string> words{row.operation}, names;
    for (const std::string& option : words_of(row.options)) words.push_back(option);
    for (const AnyTensor& tensor : wrt) {
        const Buffer buffer = inputs[tensor.name()] = Buffer(f32, examples::sizes_of(tensor.shape()));
        buffer.fill_random(names.size() + 1);
        names.push_back(torch_name(tensor.name()));
        const Buffer view = torch_inputs[names.back()] = torch_view(buffer, row);
        words.push_back(fmt::format("{}=f32:{}", names.back(), describe_shape(view.shape())));
    }
    const Buffer seed = inputs["dy"] = Buffer(f32, examples::sizes_of(layer->y.shape()));
    seed.fill_random(9);

    const Buffer y = run_compiled(Pipeline::of({layer->y}), inputs).at("y");
    const NamedBuffers gradients = run_compiled(Pipeline::of(gradient(layer->y, wrt)), inputs);
    tools::LibtorchOperator peer(words, torch_inputs);
    peer.run();
    const Buffer expected = peer.results()[0];
    if (std::string(row.operation) == "max_pool2d")
        for (std::int64_t i = 0; i < expected.elements(); ++i) {
            if (expected.as<float>()[i] > 0) continue;
            expected.as<float>()[i] = 0;
            seed.as<float>()[i] = 0;  // what relu lets through
        }
    expect_close(y, expected, "y");
    peer.record(names);
    peer.run_gradient(seed);
    const std::vector<Buffer> of_peer = peer.gradients();
    for (std::size_t i = 0; i < wrt.size(); ++i)
        expect_close(gradients.at("d" + wrt[i].name()), of_peer[i], "d" + wrt[i].name());
}

#else

TEST_P(AlexNetLayers, AreAsLibtorch) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

INSTANTIATE_TEST_SUITE_P(Layers, AlexNetLayers, testing::ValuesIn(rows),
                         [](const auto& info) { return std::string(info.param.layer); });

}  // namespace
}  // namespace heddle::test

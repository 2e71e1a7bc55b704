// tools/demo_pictures.cpp -- nine filters as one convolution, and two convolutions with a pool, over Fashion-MNIST.
#include "tools/demo_pictures.h"

#include <array>
#include <cmath>

#include "codegen/compile.h"
#include "dsl/evaluate.h"
#include "dsl/print.h"
#include "ops/conv.h"
#include "runtime/timer.h"
#include "support/contact_sheet.h"
#include "support/fashion_mnist.h"
#include "tools/measure.h"

namespace heddle::tools {
namespace {

using support::Palette;

/// A filter of 5 by 5 taps, row by row, and what its taps are divided by.
struct Filter {
    const char* title;
    Palette palette;
    float divisor;
    std::array<float, 25> taps;
};

constexpr Filter filters[] = {
    {"identity", Palette::grey, 1, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"box blur\n5x5", Palette::grey, 25, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {"gaussian\n5x5", Palette::grey, 256, {1,  4, 6, 4,  1,  4,  16, 24, 16, 4, 6, 24, 36,
                                           24, 6, 4, 16, 24, 16, 4,  1,  4,  6, 4, 1}},
    {"sharpen", Palette::grey, 1, {0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, -1, 5, -1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0}},
    {"emboss", Palette::grey, 1, {0, 0, 0, 0, 0, 0, -2, -1, 0, 0, 0, -1, 1, 1, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0}},
    {"sobel x", Palette::signed_heat, 4, {0, 0, 0, 0,  0, 0, -1, 0, 1, 0, 0, -2, 0,
                                          2, 0, 0, -1, 0, 1, 0,  0, 0, 0, 0, 0}},
    {"sobel y", Palette::signed_heat, 4, {0, 0, 0, 0, 0, 0, -1, -2, -1, 0, 0, 0, 0,
                                          0, 0, 0, 1, 2, 1, 0,  0,  0,  0, 0, 0}},
    {"laplacian", Palette::signed_heat, 4, {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, -4,
                                            1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}},
    {"laplacian\nof gaussian", Palette::signed_heat, 16, {0, 0, 1, 0, 0, 0, 1, 2, 1, 0, 1, 2, -16,
                                                          2, 1, 0, 1, 2, 1, 0, 0, 0, 1, 0, 0}},
};
constexpr auto filter_count = static_cast<std::int64_t>(std::size(filters));

Buffer filter_bank() {
    Buffer w(f32, {filter_count, 1, 5, 5});
    auto* target = w.as<float>();
    for (const Filter& filter : filters)
        for (const float tap : filter.taps) *target++ = tap / filter.divisor;
    return w;
}

constexpr std::int64_t directions = 8;

// First layer: edges in eight directions (derivatives of a Gaussian).
Buffer edge_weights() {
    Buffer w(f32, {directions, 1, 3, 3});
    for (std::int64_t k = 0; k < directions; ++k)
        for (std::int64_t r = 0; r < 3; ++r)
            for (std::int64_t s = 0; s < 3; ++s) {
                const double y = static_cast<double>(r - 1), x = static_cast<double>(s - 1);
                const double angle = 2 * M_PI * static_cast<double>(k) / directions;
                w.set({k, 0, r, s}, (x * std::cos(angle) + y * std::sin(angle)) * std::exp(-(x * x + y * y) / 2));
            }
    return w;
}

// Second layer: both sides of a line in one direction, less what lies across it.
Buffer line_weights() {
    Buffer w(f32, {directions, directions, 3, 3});
    for_each_index(w.shape(), [&](const std::vector<std::int64_t>& at) {
        const double turn = 2 * M_PI * static_cast<double>(at[0] - at[1]) / directions;
        const double y = static_cast<double>(at[2] - 1), x = static_cast<double>(at[3] - 1);
        w.set(at, (std::cos(turn) - 0.25) * std::exp(-(x * x + y * y) / 2) / 4);
    });
    return w;
}

Buffer constant_vector(std::int64_t size, double value) {
    Buffer b(f32, {size});
    b.fill(value);
    return b;
}

Tensor<4> input_of(const Buffer& images) {
    const auto& shape = images.shape();
    return {"x", f32, {Extent(shape[0]), Extent(shape[1]), Extent(shape[2]), Extent(shape[3])}};
}

// All filters on all images: one convolution.
Pipeline filter_pipeline(const Buffer& images) {
    const Tensor<4> x = input_of(images), w("w", f32, {filter_count, 1, 5, 5});
    ConvOptions options;
    options.padding = {2, 2};
    options.padding_mode = {BoundaryMode::replicate};
    return Pipeline::of({conv2d(x, w, std::nullopt, options)});
}

// Convolution, bias and rectifier, twice, then the largest of 2 x 2.
Pipeline network_pipeline(const Buffer& images) {
    const Tensor<4> x = input_of(images), w1("w1", f32, {directions, 1, 3, 3}),
                    w2("w2", f32, {directions, directions, 3, 3});
    const Tensor<1> b1("b1", f32, {directions}), b2("b2", f32, {directions});
    ConvOptions options;
    options.padding = {1, 1};
    Var n("n"), k("k"), p("p"), q("q");
    const Tensor<4> a1 = conv2d(x, w1, b1, options, "a1"), h1("h1", f32);
    h1(n, k, p, q) = max(a1(n, k, p, q), 0);
    const Tensor<4> a2 = conv2d(h1, w2, b2, options, "a2"), h2("h2", f32);
    h2(n, k, p, q) = max(a2(n, k, p, q), 0);
    const Tensor<4> z("z", f32, {x.shape()[0], directions, images.shape()[2] / 2, images.shape()[3] / 2});
    RVar r("r", 2), s("s", 2);
    z(n, k, p, q).maximize(h2(n, k, 2 * p + r, 2 * q + s));
    return Pipeline::of({z});
}

// Compiles, runs and checks; returns the single output.
Buffer compute(const std::string& name, const Pipeline& pipeline, const NamedBuffers& inputs, Pictures& pictures) {
    PictureResult result;
    result.name = name;
    for (const PipelineStage& stage : pipeline.stages) result.definitions.push_back(print(*stage.definition));
    Timer timer;
    const Kernel kernel = compile(pipeline);
    result.compile_seconds = timer.seconds();
    const AnyTensor output = pipeline.outputs.front();
    std::vector<std::int64_t> shape;
    for (const Extent& extent : output.shape()) shape.push_back(extent.value());
    Buffer found(output.type(), shape);
    found.poison();
    const auto arguments = bind(inputs, {{output.name(), found}});
    kernel(arguments);
    timer.restart();
    const Buffer expected = evaluate(pipeline, inputs, EvaluatePrecision::f64).at(output.name());
    result.evaluate_seconds = timer.seconds();
    result.found = compare(found, expected);
    result.tolerance = tolerance_of(pipeline, output.type());
    TimingOptions timing;
    timing.seconds = 0.05;
    result.run_seconds = time_calls([&] { kernel(arguments); }, timing).median;
    pictures.results.push_back(result);
    return found;
}

// Channel k of a result, an image for each n.
std::vector<Buffer> channel(const Buffer& result, std::int64_t k) {
    std::vector<Buffer> images;
    const auto &shape = result.shape(), &strides = result.strides();
    for (std::int64_t n = 0; n < shape[0]; ++n)
        images.emplace_back(f32, std::vector<std::int64_t>{shape[2], shape[3]},
                            result.as<float>() + n * strides[0] + k * strides[1]);
    return images;
}

}  // namespace

Pictures make_pictures(const std::filesystem::path& file) {
    const support::LabelledImages data = support::one_of_each_class(support::fashion_mnist_folder());
    Pictures pictures;
    pictures.images = data.images.shape()[0];
    pictures.file = file;
    const Buffer filtered =
        compute("filters", filter_pipeline(data.images), {{"x", data.images}, {"w", filter_bank()}}, pictures);
    const Buffer features = compute("network", network_pipeline(data.images),
                                    {{"x", data.images},
                                     {"w1", edge_weights()},
                                     {"b1", constant_vector(directions, -0.1)},
                                     {"w2", line_weights()},
                                     {"b2", constant_vector(directions, 0)}},
                                    pictures);
    std::vector<support::SheetColumn> columns{{"input", channel(data.images, 0), Palette::grey}};
    for (std::int64_t k = 0; k < filter_count; ++k)
        columns.push_back({filters[k].title, channel(filtered, k), filters[k].palette});
    for (std::int64_t k = 0; k < directions; ++k)
        columns.push_back({"network\nchannel " + std::to_string(k), channel(features, k), Palette::heat});
    support::write_png(file, support::contact_sheet(columns, data.names));
    return pictures;
}

}  // namespace heddle::tools

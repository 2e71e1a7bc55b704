// tests/codegen/strided_view_test.cpp -- buffers that are views: gaps, transposed, reversed, unaligned.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

enum class Form { gaps, transposed, reversed, unaligned, repeated };
void PrintTo(Form form, std::ostream* out) {
    constexpr const char* names[] = {"gaps", "transposed", "reversed", "unaligned", "repeated"};
    *out << names[static_cast<int>(form)];
}

// A view of the shape with the elements of `values`, in memory of its own that `whole` keeps.
Buffer view_of(const Buffer& values, Form form, Buffer& whole) {
    const std::vector<std::int64_t>& shape = values.shape();
    const int rank = values.rank();
    std::vector<std::int64_t> strides(rank);
    std::int64_t size = 1;
    if (form == Form::transposed) {
        for (int d = 0; d < rank; ++d) strides[d] = std::exchange(size, size * shape[d]);
    } else {
        for (int d = rank - 1; d >= 0; --d) {
            if (form == Form::gaps) size *= d == rank - 1 ? 2 : 1;
            strides[d] = std::exchange(size, size * shape[d] + (form == Form::gaps ? 3 : 0));
        }
    }
    std::int64_t first = 1;
    if (form == Form::reversed)
        for (int d = 0; d < rank; ++d) {
            first += strides[d] * (shape[d] - 1);
            strides[d] = -strides[d];
        }
    if (form == Form::repeated) strides[0] = 0;
    whole = Buffer(values.type(), {size + 8});
    whole.fill(77);
    const Buffer view(values.type(), shape, static_cast<std::byte*>(whole.data()) + first * bytes_of(values.type()),
                      strides);
    for_each_index(shape, [&](const auto& i) { view.set(i, values.get(i)); });
    return view;
}

constexpr const char* texts[] = {
    "x: f32[2,7,9,5]; w: f32[6,3,3,5]; y: f32[2,7,9,6]\ny[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
    "x: f32[6,8]; w: f32[5,48]; y: f32[5,48]\ny[i,j] = x[j/8,j%8] * w[i,j]",
    "x: i16[9,37]; w: i16[9,37]; y: i16[9,37]\ny[i,j] = x[i,j] + reflect(w)[i,j-1]",
};

class StridedView : public testing::TestWithParam<std::tuple<const char*, Form>> {};

TEST_P(StridedView, OfInputsAndOutputs) {
    const auto [text, form] = GetParam();
    const Compiled compiled{std::string(text)};
    const Kernel kernel = compile_here(compiled.pipeline());
    NamedBuffers inputs = compiled.inputs();
    Buffer kept_x, kept_w, kept_y;
    inputs["x"] = view_of(inputs.at("x"), form, kept_x);
    inputs["w"] = view_of(inputs.at("w"), form, kept_w);
    const Buffer expected = evaluate(compiled.pipeline(), inputs).at("y");
    Buffer y = Buffer(expected.type(), expected.shape());
    y.poison();
    kernel({{"x", inputs["x"]}, {"w", inputs["w"]}, {"y", y}});
    EXPECT_EQ(first_difference("y", y, expected), "");
    if (form == Form::repeated) return;
    const Buffer before = y.copy();
    before.fill(-1);
    y = view_of(before, form, kept_y);
    kernel({{"x", inputs["x"]}, {"w", compiled.inputs().at("w")}, {"y", y}});
    NamedBuffers mixed = inputs;
    mixed["w"] = compiled.inputs().at("w");
    EXPECT_EQ(first_difference("y", y, evaluate(compiled.pipeline(), mixed).at("y")), "");
    // What lies in the gaps is as it was.
    std::int64_t untouched = 0;
    for_each_index(kept_y.shape(), [&](const auto& i) { untouched += kept_y.get(i) == 77; });
    EXPECT_GE(untouched, kept_y.elements() - y.elements());
}
INSTANTIATE_TEST_SUITE_P(All, StridedView,
                         testing::Combine(testing::ValuesIn(texts),
                                          testing::Values(Form::gaps, Form::transposed, Form::reversed, Form::unaligned,
                                                          Form::repeated)));

TEST(StridedView, AnOutputWhoseElementsShareMemoryIsRefused) {
    const Kernel kernel = compile_here(parse_pipeline("x: f32[4,3]; y: f32[4,3]\ny[i,j] = x[i,j]"));
    const Buffer memory(f32, {12});
    expect_refusal(
        [&] {
            kernel({{"x", Buffer(f32, {4, 3})}, {"y", Buffer(f32, {4, 3}, memory.data(), {0, 1})}});
        },
        "y has stride 0 in dimension 0 of extent 4");
}

}  // namespace
}  // namespace heddle::test

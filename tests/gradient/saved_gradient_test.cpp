// tests/gradient/saved_gradient_test.cpp -- gradients take results of the forward as inputs, and compute nothing again.
#include "dsl/saved_gradient.h"

#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/text.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

const char* const softmax =
    "x: f32[8,10]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - stop_gradient(m[n]))\n"
    "y[n,c] = exp(x[n,c] - stop_gradient(m[n])) / s[n]";

std::string names_of(const std::vector<AnyTensor>& tensors) {
    std::vector<std::string> names;
    for (const AnyTensor& tensor : tensors) names.push_back(tensor.name());
    return join(names, " ");
}

struct Case {
    const char* name;
    const char* text;
    const char* saved;   ///< of the output, and by all inputs of floats
    const char* inputs;  ///< of the backward
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class SavedResults : public testing::TestWithParam<Case> {};

TEST_P(SavedResults, AreTheInputsAndGiveTheSameGradient) {
    const Pipeline forward = parse_pipeline(GetParam().text);
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : forward.inputs)
        if (is_float(input.type())) wrt.push_back(input);
    const SavedGradient saved = saved_gradient(forward.outputs[0], wrt);
    EXPECT_EQ(join(saved.saved, " "), GetParam().saved);
    EXPECT_EQ(names_of(saved.backward.inputs), GetParam().inputs) << print(saved.backward);

    const Pipeline whole = Pipeline::of(gradient(forward.outputs[0], wrt));
    const NamedBuffers all = random_inputs(whole, 3);
    NamedBuffers inputs, given;
    for (const AnyTensor& input : saved.forward.inputs)
        inputs[input.name()] = random_inputs(forward, 3).at(input.name());
    const NamedBuffers results = evaluate(saved.forward, inputs);
    for (const AnyTensor& input : whole.inputs) given[input.name()] = all.at(input.name());
    for (const auto& [name, buffer] : inputs) given[name] = buffer;
    NamedBuffers needed, reference;
    for (const AnyTensor& input : saved.backward.inputs)
        needed[input.name()] = results.count(input.name()) ? results.at(input.name()) : given.at(input.name());
    for (const AnyTensor& input : whole.inputs) reference[input.name()] = given.at(input.name());
    const NamedBuffers expected = evaluate(whole, reference), found = evaluate(saved.backward, needed);
    for (const auto& [name, buffer] : expected) EXPECT_EQ(first_difference(name, found.at(name), buffer), "");
    EXPECT_EQ(Compiled(saved.backward, needed, 1e-5).difference(), "");
}

const Case cases[] = {
    {"softmax", softmax, "y", "dy y"},
    {"max_pool", "x: f32[2,3,9,9]; y: f32[2,3,5,5]\ny[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3", "y_at",
     "y_at dy"},
    {"layers", "x: f32[4,6]; w: f32[5,6]; h: f32[4,5]; y: f32[4,5]\nh[n,k] += x[n,c] * w[k,c]\ny[n,k] = tanh(h[n,k])",
     "y", "dy y w x"},
    {"cross_entropy",
     "x: f32[8,10]; t: i32[8]; l: f32[]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - stop_gradient(m[n]))\n"
     "r[n] = stop_gradient(m[n]) + log(s[n]) - x[n,index_clamped(t[n],10)]\nl[] += r[n] * 0.125",
     "m s", "x m s t dl"},
    {"nothing", "x: f32[4,6]; w: f32[5,6]; y: f32[4,5]\ny[n,k] += x[n,c] * w[k,c]", "", "dy w x"},
};
INSTANTIATE_TEST_SUITE_P(All, SavedResults, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(SavedGradient, OfMaxPoolingReadsOneByteAnOutput) {
    const Pipeline forward = parse_pipeline("x: f32[2,9]; y: f32[2,5]\ny[c,p] max= skip(x)[c,2*p+r-1] | r<3");
    const SavedGradient saved = saved_gradient(forward.outputs[0], {forward.find("x")});
    EXPECT_EQ(saved.forward.find("y_at").type(), u8);
    EXPECT_EQ(bytes_of(saved.backward.find("y_at").type()), 1);
    EXPECT_FALSE(saved.backward.find("x").defined());
}

TEST(SavedGradient, OfSomeResults) {
    const Pipeline forward = parse_pipeline(softmax);
    const SavedGradient saved = saved_gradient(forward.outputs[0], {forward.find("x")}, {}, {"m"});
    EXPECT_EQ(names_of(saved.forward.outputs), "y m");
    EXPECT_EQ(names_of(saved.backward.inputs), "dy x m");
    expect_refusal([&] { saved_gradient(forward.outputs[0], {forward.find("x")}, {}, {"z"}); },
                   "the gradient of y computes no 'z' of the forward again; it computes m, s, y");
}

}  // namespace
}  // namespace heddle::test

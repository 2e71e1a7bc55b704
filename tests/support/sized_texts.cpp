// tests/support/sized_texts.cpp -- operators over sizes that can be left open until the call.
#include "tests/support/sized_texts.h"

#include <regex>

#include "codegen/run_time_sizes.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"

namespace heddle::test {

const std::vector<SizedText>& sized_texts() {
    // Tiles without an interior, whole tiles, and every remainder of the smaller ones.
    static const std::vector<std::map<std::string, std::int64_t>> images = {
        {{"N", 2}, {"C", 5}, {"H", 5}, {"W", 26}}, {{"N", 1}, {"C", 3}, {"H", 1}, {"W", 1}},
        {{"N", 2}, {"C", 4}, {"H", 4}, {"W", 7}},  {{"N", 1}, {"C", 17}, {"H", 2}, {"W", 32}},
        {{"N", 1}, {"C", 2}, {"H", 6}, {"W", 51}},
    };
    static const std::vector<std::map<std::string, std::int64_t>> rows = {
        {{"N", 5}, {"C", 40}}, {{"N", 1}, {"C", 1}}, {{"N", 19}, {"C", 16}}, {{"N", 3}, {"C", 129}}};
    static const std::vector<SizedText> texts = {
        {"conv_nchw",
         "x: f32[N,C,H,W]; w: f32[21,C,3,3]; y: f32[N,21,H,W]\n"
         "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]",
         images},
        {"conv_nhwc",
         "x: f32[N,H,W,C]; w: f32[64,3,3,C]; y: f32[N,H,W,64]\n"
         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
         images},
        {"conv_strided",
         "x: f32[N,H,W,C]; w: f32[32,3,3,C]; y: f32[N,(H-1)/2+1,(W-1)/2+1,32]\n"
         "y[n,p,q,k] += zero(x)[n,2*p+r-1,2*q+s-1,c] * w[k,r,s,c]",
         images},
        {"depthwise_nchw",
         "x: f32[N,C,H,W]; w: f32[C,3,3]; y: f32[N,C,H,W]\ny[n,c,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[c,r,s]", images},
        {"depthwise_nhwc",
         "x: f32[N,H,W,C]; w: f32[5,5,C]; y: f32[N,H,W,C]\ny[n,p,q,c] += zero(x)[n,p+r-2,q+s-2,c] * w[r,s,c]", images},
        {"max_pool_nchw",
         "x: f32[N,C,H,W]; y: f32[N,C,(H-1)/2+1,(W-1)/2+1]\n"
         "y[n,c,p,q] max= skip(x)[n,c,2*p+r-1,2*q+s-1] | r<3 s<3",
         images},
        {"max_pool_nhwc",
         "x: f32[N,H,W,C]; y: f32[N,(H-1)/2+1,(W-1)/2+1,C]\n"
         "y[n,p,q,c] max= skip(x)[n,2*p+r-1,2*q+s-1,c] | r<3 s<3",
         images},
        {"blur",
         "x: f32[H,W]\nh[i,j] = replicate(x)[i,j-1] + 2.0 * x[i,j] + replicate(x)[i,j+1]\n"
         "y[i,j] = replicate(h)[i-1,j] + h[i,j] + replicate(h)[i+1,j]",
         images},
        {"softmax",
         "x: f32[N,C]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\nt[n] += e[n,c]\ny[n,c] = e[n,c] / t[n]", rows,
         false},
        {"linear", "x: f32[N,C]; w: f32[37,C]\ny[n,k] += x[n,c] * w[k,c]", rows},
    };
    return texts;
}

Pipeline sized_pipeline(const SizedText& given, const std::string& open, bool gradients) {
    std::string text = given.text, declared;
    for (const auto& [letter, size] : given.sizes[0]) {
        const std::regex word("\\b" + letter + "\\b");
        if (!open.empty() && open.find(letter) == std::string::npos)
            text = std::regex_replace(text, word, std::to_string(size));
        else if (std::regex_search(text, word))
            declared += letter + " in [1,4096]\n";
    }
    const Pipeline forward = parse_pipeline(declared + text);
    return gradients ? Pipeline::of(gradient(forward.outputs[0], forward.inputs)) : forward;
}

NamedBuffers sized_inputs(const Pipeline& pipeline, const std::map<std::string, std::int64_t>& sizes) {
    RunTimeSizes values;
    for (const Symbol& parameter : pipeline.parameters) values[parameter] = sizes.at(parameter.name());
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) {
        const Buffer buffer(input.type(), shape_of(input, values));
        buffer.fill_random(inputs.size() + 1, true);
        inputs[input.name()] = buffer;
    }
    return inputs;
}

}  // namespace heddle::test

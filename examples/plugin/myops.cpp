// examples/plugin/myops.cpp -- two operators of one's own, for `heddle run sobel --load libmyops.so ...`
#include <heddle/plugin.h>

#include <cmath>

using namespace heddle;

namespace {

// The strength of an image's edges: differences of neighbouring rows and columns, weighted 1 2 1 across.
std::vector<AnyTensor> sobel(const OperatorArguments& given) {
    const Tensor<2> image(given.tensor("image"));
    const Extent H = image.shape()[0], W = image.shape()[1];
    Tensor down("down", image.type(), {H, W}), right("right", image.type(), {H, W}),
        edges("edges", image.type(), {H, W});
    Var h("h"), w("w");
    auto at = replicate(image);
    down(h, w) =
        at(h + 1, w - 1) + 2 * at(h + 1, w) + at(h + 1, w + 1) - at(h - 1, w - 1) - 2 * at(h - 1, w) - at(h - 1, w + 1);
    right(h, w) =
        at(h - 1, w + 1) + 2 * at(h, w + 1) + at(h + 1, w + 1) - at(h - 1, w - 1) - 2 * at(h, w - 1) - at(h + 1, w - 1);
    edges(h, w) = sqrt(down(h, w) * down(h, w) + right(h, w) * right(h, w));
    return {edges};
}

// Weights that decay with the distance, and are computed rather than read: y[n] = sum over r of x[n+r] * decay^r.
std::vector<AnyTensor> decay(const OperatorArguments& given) {
    const Tensor<1> x(given.tensor("x"));
    const auto length = static_cast<int>(given.integer("length", 1));
    const auto rate = static_cast<float>(given.number("rate"));
    Tensor<1> y("y", x.type(), {x.shape()[0]});
    Var n("n");
    RVar r("r", length);
    y(n) += zero(x)(n + r) * exp(std::log(rate) * cast(x.type(), r));
    return {y};
}

}  // namespace

HEDDLE_REGISTER_OPERATOR({"sobel",
                          "strength of the edges of an image",
                          {{"image", {"hw"}, true, "height, width"}},
                          {},
                          "sobel image=f32:480x640",
                          sobel})

HEDDLE_REGISTER_OPERATOR({"decay",
                          "sums of what follows, each weighted less than the one before",
                          {{"x", {"n"}, true, "a sequence"}},
                          {{"length", "8", "8", "how many are summed"}, {"rate", "0.5", "0.5", "a step's factor"}},
                          "decay x=f32:100000 rate=0.9",
                          decay})

// examples/12_bilateral.cpp -- a filter that keeps edges: weights fall with distance and with difference of brightness
#include "examples/check_gradient.h"

using namespace heddle;

int main() {
    constexpr int H = 48, W = 64;
    constexpr double width = 2, contrast = 0.2;
    Tensor x("x", f64, {H, W}), sum("sum", f64, {H, W}), weights("weights", f64, {H, W}), y("y", f64, {H, W});
    Var i("i"), j("j");
    RVar r("r", 5), s("s", 5);
    const Expr near = replicate(x)(i + r - 2, j + s - 2), down = cast(f64, r) - 2.0, across = cast(f64, s) - 2.0;
    const Expr difference = (near - x(i, j)) / contrast;
    const Expr weight = exp(-(down * down + across * across) / (2 * width * width) - difference * difference / 2.0);
    sum(i, j) += weight * near;
    weights(i, j) += weight;
    y(i, j) = sum(i, j) / weights(i, j);
    const auto [dx] = gradient(y, {x});
    return gradient_is_right(y, x, dx) ? 0 : 1;
}

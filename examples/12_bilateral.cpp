// examples/12_bilateral.cpp -- a filter that keeps edges: weights fall with distance and with difference of brightness
#include "examples/check_gradient.h"

using namespace heddle;

int main() {
    constexpr int H = 48, W = 64, radius = 1;
    constexpr double width = 1.5, contrast = 0.2;
    Tensor x("x", f64, {H, W}), sum("sum", f64, {H, W}), weights("weights", f64, {H, W}), y("y", f64, {H, W});
    Var i("i"), j("j");
    RVar r("r", 2 * radius + 1), s("s", 2 * radius + 1);
    const Expr down = r - radius, across = s - radius, near = replicate(x)(i + down, j + across);
    const Expr distance = cast(f64, down * down + across * across), difference = (near - x(i, j)) / contrast;
    const Expr weight = exp(-distance / (2 * width * width) - difference * difference / 2.0);
    sum(i, j) += weight * near;
    weights(i, j) += weight;
    y(i, j) = sum(i, j) / weights(i, j);
    const auto [dx] = gradient(y, {x});
    return gradient_is_right(y, x, dx) ? 0 : 1;
}

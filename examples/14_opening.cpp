// examples/14_opening.cpp -- morphological opening: what a disc fits into stays, what is thinner goes
#include "examples/check_gradient.h"

using namespace heddle;

int main() {
    constexpr int H = 40, W = 56, radius = 2;
    Tensor x("x", f64, {H, W}), eroded("eroded", f64, {H, W}), y("y", f64, {H, W});
    Var i("i"), j("j");
    RVar r("r", 2 * radius + 1), s("s", 2 * radius + 1);
    const Expr down = r - radius, across = s - radius, inside = down * down + across * across <= radius * radius;
    eroded(i, j).minimize(select(inside, skip(x)(i + down, j + across), INFINITY));
    y(i, j).maximize(select(inside, skip(eroded)(i + down, j + across), -INFINITY));
    const auto [dx] = gradient(y, {x});
    return gradient_is_right(y, x, dx) ? 0 : 1;
}

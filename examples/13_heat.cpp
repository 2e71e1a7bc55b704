// examples/13_heat.cpp -- the heat equation on a ring of plates: how the end depends on the start, and on the material
#include "examples/check_gradient.h"

using namespace heddle;

int main() {
    constexpr int H = 32, W = 40, steps = 6;
    Tensor start("start", f64, {H, W});
    Tensor conductivity("conductivity", f64, {1});
    Tensor now = start;
    for (int step = 1; step <= steps; ++step) {
        Tensor next(step == steps ? "end" : "after" + std::to_string(step), f64, {H, W});
        Var i("i"), j("j");
        const auto u = circular(now);
        const Expr flow = u(i - 1, j) + u(i + 1, j) + u(i, j - 1) + u(i, j + 1) - 4.0 * u(i, j);
        next(i, j) = u(i, j) + conductivity(0) * flow;
        now = next;
    }
    const auto [by_start, by_material] = gradient(now, {start, conductivity});
    const bool start_right = gradient_is_right(now, start, by_start);
    return gradient_is_right(now, conductivity, by_material) && start_right ? 0 : 1;
}

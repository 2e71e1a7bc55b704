// examples/06_debugging.cpp -- what helps when something is wrong: refusals, checks while running, printing from inside
#include <heddle/heddle.h>

#include <cmath>
#include <cstdio>

using namespace heddle;

// Runs `attempt`, prints the error that it ends with, and says whether there was one with `part` in its text.
template <class F>
bool refuses(const char* what, const char* part, F&& attempt) {
    std::printf("%s:\n", what);
    try {
        attempt();
    } catch (const UserError& error) {
        std::printf("    %s\n", error.what());
        return std::string(error.what()).find(part) != std::string::npos;
    }
    std::printf("    no error\n");
    return false;
}

int main() {
    constexpr int L = 10;
    Var n("n");
    RVar r("r", 3);
    bool fine = true;

    fine &= refuses("a read that leaves its tensor is found when it is written", "zero(x)", [&] {
        Tensor x("x", f32, {L}), y("y", f32, {L});
        y(n) += x(n + r - 1);
    });

    Tensor x("x", f32, {L}), y("y", f32, {L});
    y(n) += zero(x)(n + r - 1);
    fine &= refuses("an illegal directive says why", "vectorize", [&] {
        CompileOptions options;
        options.schedule = Schedule().split(n, 4).vectorize(n.outer());
        compile(y, Target::best(), options);
    });
    fine &= refuses("so does a buffer of the wrong size", "11", [&] {
        compile(y)({{"x", Buffer(f32, {11})}, {"y", Buffer(f32, {L})}});
    });

    // Compiled for a checked target, a kernel tests every access and names the variables of the first bad one. Here
    // the data break a promise: the index is said to lie in [0, 10).
    Tensor order("order", i32, {L}), z("z", f32, {L});
    z(n) = x(index(order(n), L));
    Buffer permutation(i32, {L}), input(f32, {L}), output(f32, {L});
    for (int i = 0; i < L; ++i) permutation.set({i}, i == 4 ? -7 : 9 - i);
    fine &= refuses("a bad index in the data is found while the kernel runs", "-7", [&] {
        compile(z, Target::best().checked())({{"order", permutation}, {"x", input}, {"z", output}});
    });

    // The definition itself can print: here wherever a logarithm is about to become NaN.
    Tensor logarithm("logarithm", f32, {L});
    logarithm(n) = print_when(x(n) < 0, "negative", log(x(n)), {n, x(n)});
    for (int i = 0; i < L; ++i) input.set({i}, i == 6 ? -2.5 : i + 1);
    compile(logarithm)({{"x", input}, {"logarithm", output}});
    fine &= std::isnan(output.get({6})) && !std::isnan(output.get({5}));
    return fine ? 0 : 1;
}

// tests/compile_fail/wrong_rank_written.cpp -- a tensor is written with as many indices as it has dimensions
// EXPECT: one index a dimension
#include <heddle/heddle.h>

using namespace heddle;

void define() {
    Tensor x("x", f32, {4, 8}), y("y", f32, {4, 8});
    Var n("n"), p("p");
#ifdef ACCEPTED
    y(n, p) = x(n, p);
#else
    y(n, p, p) = x(n, p);  // HERE
#endif
}

// tests/compile_fail/wrong_rank_with_boundary.cpp -- a boundary does not change how many indices a read has
// EXPECT: one index a dimension
#include <heddle/heddle.h>

using namespace heddle;

void define() {
    Tensor x("x", f32, {4, 8}), y("y", f32, {4, 8});
    Var n("n"), p("p");
#ifdef ACCEPTED
    y(n, p) = zero(x)(n, p - 1);
#else
    y(n, p) = zero(x)(p - 1);  // HERE
#endif
}

// tests/compile_fail/float_index.cpp -- a float is no index
// EXPECT: an index is an integer expression, not a float
#include <heddle/heddle.h>

using namespace heddle;

void define() {
    Tensor x("x", f32, {4, 8}), y("y", f32, {4, 8});
    Var n("n"), p("p");
#ifdef ACCEPTED
    y(n, p) = zero(x)(n, p - 1);
#else
    y(n, p) = zero(x)(n, 0.5);  // HERE
#endif
}

// tests/compile_fail/shape_of_another_rank.cpp -- a shape has as many sizes as the tensor has dimensions
// EXPECT: another number of dimensions
#include <heddle/heddle.h>

using namespace heddle;

void define() {
    Tensor x("x", f32, {4, 8}), y("y", f32, {4, 8});
    Var n("n"), p("p");
#ifdef ACCEPTED
    Tensor<2> z("z", f32, {4, 8});
#else
    Tensor<2> z("z", f32, {4, 8, 2});  // HERE
#endif
}

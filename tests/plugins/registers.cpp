// tests/plugins/registers.cpp -- a plugin as it should be, with two operators.
#include "heddle/plugin.h"

using namespace heddle;

namespace {
std::vector<AnyTensor> twice(const OperatorArguments& given) {
    const Tensor<1> x(given.tensor("x"));
    Tensor<1> y("y", x.type(), {x.shape()[0]});
    Var n("n");
    y(n) = x(n) * 2;
    return {y};
}
std::vector<AnyTensor> fails(const OperatorArguments&) { throw UserError("fails is made for failing"); }
}  // namespace

HEDDLE_REGISTER_OPERATOR({"twice", "two x", {{"x", {}, true, "of one dimension"}}, {}, "twice x=f32:8", twice})
HEDDLE_REGISTER_OPERATOR({"fails", "nothing", {{"x", {}, true, "anything"}}, {}, "fails x=f32:8", fails})

// tests/plugins/clashes.cpp -- a plugin with an operator that there is already.
#include "heddle/plugin.h"

HEDDLE_REGISTER_OPERATOR(
    {"conv2d", "mine", {{"x", {}, true, "x"}}, {}, "conv2d x=f32:8", [](const heddle::OperatorArguments&) {
         return std::vector<heddle::AnyTensor>{};
     }})

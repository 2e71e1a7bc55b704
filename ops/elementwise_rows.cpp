// ops/elementwise_rows.cpp -- activations and arithmetic in the table of operators.
#include "ops/elementwise.h"
#include "ops/operator_rows.h"

namespace heddle {
namespace {

TensorRow any() { return {"x", {}, true, "of any number of dimensions"}; }
TensorRow other() { return {"other", {}, true, "of a shape that matches from the last dimension; 1 is repeated"}; }

using Activation = AnyTensor (*)(const AnyTensor&, std::string, const CallSite&);
OperatorRow activation_row(const std::string& name, const std::string& what, Activation function) {
    return {name,
            what + ", as PyTorch's",
            {any()},
            {},
            name + " x=f32:64x1000",
            [function](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                return {function(arguments.tensor("x"), "y", CallSite::current())};
            },
            name == "sigmoid" || name == "tanh" ? "Integers are refused, not converted." : ""};
}

}  // namespace

void append_elementwise_rows(std::vector<OperatorRow>& rows) {
    rows.push_back(activation_row("relu", "max(x, 0)", relu));
    rows.push_back(activation_row("silu", "x * sigmoid(x)", silu));
    rows.push_back(activation_row("sigmoid", "1 / (1 + exp(-x))", sigmoid));
    rows.push_back(activation_row("tanh", "the hyperbolic tangent", tanh));
    rows.push_back({"gelu",
                    "x times the normal distribution's integral up to x, as PyTorch's",
                    {any()},
                    {{"approximate", "tanh", "none", "none: by erf; tanh: the approximation by tanh"}},
                    "gelu x=f32:64x1000",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        const bool approximate = arguments.choice("approximate", {"none", "tanh"}) == 1;
                        return {approximate ? gelu_tanh(arguments.tensor("x")) : gelu(arguments.tensor("x"))};
                    }});
    rows.push_back({"add",
                    "x + alpha * other, as PyTorch's",
                    {any(), other()},
                    {{"alpha", "1", "1", "what other is multiplied by"}},
                    "add x=f32:64x1000 other=f32:1000",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        return {add(arguments.tensor("x"), arguments.tensor("other"), arguments.number("alpha"))};
                    }});
    rows.push_back({"mul",
                    "x * other, as PyTorch's",
                    {any(), other()},
                    {},
                    "mul x=f32:64x1000 other=f32:64x1",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        return {mul(arguments.tensor("x"), arguments.tensor("other"))};
                    }});
    rows.push_back({"scale",
                    "x * factor",
                    {any()},
                    {{"factor", "0.5", "1", "a number"}},
                    "scale x=f32:64x1000 factor=0.125",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        return {scale(arguments.tensor("x"), arguments.number("factor"))};
                    },
                    "PyTorch writes it as a product with a number."});
}

}  // namespace heddle

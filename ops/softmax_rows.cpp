// ops/softmax_rows.cpp -- softmax and cross entropy in the table of operators.
#include "ops/cross_entropy.h"
#include "ops/operator_rows.h"
#include "ops/softmax.h"

namespace heddle {
namespace {

using Softmax = AnyTensor (*)(const AnyTensor&, int, std::string, const CallSite&);
OperatorRow softmax_row(const std::string& name, const std::string& what, Softmax function) {
    return {name,
            what + " over one dimension, as PyTorch's",
            {{"x", {}, true, "of any number of dimensions"}},
            {{"dim", "-1", "-1", "the dimension, counted from the end where negative"}},
            name + " x=f32:64x1000",
            [function](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                return {function(arguments.tensor("x"), static_cast<int>(arguments.integer("dim")), "y",
                                 CallSite::current())};
            }};
}

OperatorRow cross_entropy_row() {
    return {"cross_entropy",
            "cross entropy of softmax(x) and a target, as PyTorch's",
            {{"x", {}, true, "batch, classes, any further dimensions"},
             {"target", {}, true, "class indices (batch, further dimensions), or probabilities (as x)"},
             {"weight", {"c"}, false, "one number a class"}},
            {{"reduction", "none", "mean", "none, mean, sum"},
             {"ignore_index", "-100", "-100", "rows of this class take no part"},
             {"label_smoothing", "0.1", "0", "share of the target that is spread evenly over all classes"}},
            "cross_entropy x=f32:64x1000 target=i64:64",
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                CrossEntropyOptions options;
                options.reduction = static_cast<LossReduction>(arguments.choice("reduction", {"none", "mean", "sum"}));
                options.ignore_index = arguments.integer("ignore_index");
                options.label_smoothing = arguments.number("label_smoothing");
                return {cross_entropy(arguments.tensor("x"), arguments.tensor("target"),
                                      arguments.optional_tensor("weight"), options)};
            },
            "Class indices are i32 or i64; an input without a batch is not taken. weight has a gradient with class "
            "indices, too."};
}

}  // namespace

void append_softmax_rows(std::vector<OperatorRow>& rows) {
    rows.push_back(softmax_row("softmax", "exponentials divided by their sum", softmax));
    rows.push_back(softmax_row("log_softmax", "the logarithm of softmax", log_softmax));
    rows.push_back(cross_entropy_row());
}

}  // namespace heddle

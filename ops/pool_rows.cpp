// ops/pool_rows.cpp -- pools in the table of operators.
#include <fmt/format.h>

#include "ops/operator_rows.h"
#include "ops/pool.h"

namespace heddle {
namespace {

PoolWindow window_of(const OperatorArguments& arguments, bool padded, bool dilated) {
    PoolWindow window;
    window.kernel_size = arguments.sizes("kernel_size", 1);
    if (arguments.stated("stride")) window.stride = arguments.sizes("stride", 1);
    if (padded) window.padding = arguments.padding("padding");
    if (dilated) window.dilation = arguments.sizes("dilation", 1);
    window.ceil_mode = arguments.flag("ceil_mode");
    window.layout = static_cast<ActivationLayout>(arguments.layout("x"));
    return window;
}

ParameterRow ceil_row() {
    return {"ceil_mode", "true", "false", "also the window that fits in part, unless it starts in the padding"};
}
ParameterRow pool_stride() {
    ParameterRow row = stride_row("");
    row.summary += "; kernel_size where not stated";
    return row;
}
std::string summary(const char* what, const char* name, int d) {
    return fmt::format("{} of each window, as PyTorch's {}{}d", what, name, d);
}
std::string example(const char* name, int d, const char* options) {
    return fmt::format("{}{}d x=f32:{} {}", name, d, example_sizes("8x16", "28", d), options);
}
const char* const batched = "Unbatched input is not taken.";

OperatorRow max_pool_row(int d) {
    return {fmt::format("max_pool{}d", d),
            summary("the largest element", "max_pool", d),
            {activations_row("x", d)},
            {kernel_size_row("2"),
             pool_stride(),
             padding_row(),
             dilation_row(),
             ceil_row(),
             {"return_indices", "true", "false", "also where they are: an index that counts all of a channel"}},
            example("max_pool", d, "kernel_size=3 stride=2 padding=1"),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                const PoolWindow window = window_of(arguments, true, true);
                if (!arguments.flag("return_indices")) return {max_pool(arguments.tensor("x"), window)};
                const MaxPoolResult result = max_pool_with_indices(arguments.tensor("x"), window);
                return {result.values, result.indices};
            },
            batched};
}

OperatorRow min_pool_row(int d) {
    return {fmt::format("min_pool{}d", d),
            "the smallest element of each window",
            {activations_row("x", d)},
            {kernel_size_row("2"), pool_stride(), padding_row(), dilation_row(), ceil_row()},
            example("min_pool", d, "kernel_size=3 stride=2 padding=1"),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                return {min_pool(arguments.tensor("x"), window_of(arguments, true, true))};
            },
            "PyTorch has none; the options are those of max_pool."};
}

OperatorRow avg_pool_row(int d) {
    return {fmt::format("avg_pool{}d", d),
            summary("the average", "avg_pool", d),
            {activations_row("x", d)},
            {kernel_size_row("2"),
             pool_stride(),
             padding_row(),
             ceil_row(),
             {"count_include_pad", "false", "true", "padding counts as points of the window"},
             {"divisor_override", "4", "", "what the sum is divided by, in place of the number of points"}},
            example("avg_pool", d, "kernel_size=3 stride=2 padding=1 count_include_pad=false"),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                AvgPoolOptions options{window_of(arguments, true, false), arguments.flag("count_include_pad"), {}};
                if (arguments.stated("divisor_override"))
                    options.divisor_override = static_cast<int>(arguments.integer("divisor_override"));
                return {avg_pool(arguments.tensor("x"), options)};
            },
            "Unbatched input is not taken, nor i64; avg_pool1d has divisor_override too."};
}

OperatorRow lp_pool_row(int d) {
    return {
        fmt::format("lp_pool{}d", d),
        summary("the norm", "lp_pool", d),
        {activations_row("x", d)},
        {{"norm_type", "2", "2", "degree of the norm"}, kernel_size_row("2"), pool_stride(), ceil_row()},
        example("lp_pool", d, "norm_type=2 kernel_size=3 stride=2"),
        [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
            return {lp_pool(arguments.tensor("x"), arguments.number("norm_type"), window_of(arguments, false, false))};
        },
        batched};
}

using GlobalPool = AnyTensor (*)(const AnyTensor&, ActivationLayout, std::string, const CallSite&);
OperatorRow global_row(const char* name, const char* what, GlobalPool pool, int d) {
    return {fmt::format("{}{}d", name, d),
            fmt::format("{} of each channel, as PyTorch's adaptive pools of output size 1", what),
            {activations_row("x", d)},
            {},
            example(name, d, ""),
            [pool](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                return {pool(arguments.tensor("x"), static_cast<ActivationLayout>(arguments.layout("x")), "y",
                             CallSite::current())};
            },
            batched};
}

}  // namespace

void append_pool_rows(std::vector<OperatorRow>& rows) {
    for (const auto row : {max_pool_row, min_pool_row, avg_pool_row, lp_pool_row})
        for (int d = 1; d <= 3; ++d) rows.push_back(row(d));
    for (int d = 1; d <= 3; ++d) rows.push_back(global_row("global_avg_pool", "the average", global_avg_pool, d));
    for (int d = 1; d <= 3; ++d)
        rows.push_back(global_row("global_max_pool", "the largest element", global_max_pool, d));
}

}  // namespace heddle

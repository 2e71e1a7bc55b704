// schedules/default_cuda_contraction.cpp -- CUDA schedules of products of matrices: which of them go to tensor cores.
#include "schedules/default_cuda_family.h"

namespace heddle {
namespace {

constexpr double worth_a_patch = 0.85;       ///< of the time of boxes, below which patches are preferred
constexpr double fewest_products = 1 << 22;  ///< below, a launch of plain threads is as good

}  // namespace

CudaForms contraction_cuda_forms(const StageNest& stage, const Target& target, bool all) {
    const std::optional<CudaProduct> product = cuda_product(*stage.stage.definition);
    if (!product || target.compute_capability < 80 || product->products() < fewest_products) return {};
    CudaForms forms = warpgroup_forms(*product, stage, target, all), patches = patch_forms(*product, stage, target),
              others = warp_forms(*product, stage, target, all);
    CudaForms few = few_channel_forms(*product, stage, target);
    const bool first =
        !patches.empty() && (forms.empty() || patches.front().cycles < worth_a_patch * forms.front().cycles);
    forms.insert(first ? forms.begin() : forms.end(), std::make_move_iterator(patches.begin()),
                 std::make_move_iterator(patches.end()));
    forms.insert(forms.begin(), std::make_move_iterator(few.begin()), std::make_move_iterator(few.end()));
    forms.insert(forms.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
    return forms;
}

void append_text(const std::string& stage, const std::string& text, Schedule& schedule) {
    schedule.stage(stage);
    const Schedule written = parse_schedule(text);
    for (const Directive& each : written.directives()) schedule.add(each.name, each.arguments);
}

}  // namespace heddle

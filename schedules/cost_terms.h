// schedules/cost_terms.h -- what a cost model works out of a schedule on the way to its time: numbers by name.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schedules/nest_access.h"

namespace heddle {

/// Of the stages (or kernels) in the mean, each by the time that it takes. Ratios, logarithms and counts: none grows
/// with the size of a problem alone, and none says which operator it is, so that what they teach of one layer holds for
/// another.
class CostTerms {
public:
    void set(std::string_view name, double value) { values_.emplace_back(name, value); }
    /// log2(1 + value): of counts and sizes.
    void set_log(std::string_view name, double value);
    /// log2(a / b), within [-20, 20].
    void set_ratio(std::string_view name, double a, double b);
    const std::vector<std::pair<std::string, double>>& values() const { return values_; }

private:
    std::vector<std::pair<std::string, double>> values_;
};

/// The terms of several stages, each weighed by its seconds; a term counts where it is.
CostTerms mean_of(const std::vector<std::pair<CostTerms, double>>& stages);

/// Changes where a term is added, dropped or gets another meaning: what was learned from others does not hold.
inline constexpr int cost_terms_version = 2;

/// What the loops and accesses of a stage are like, for hosts and devices.
void add_nest_terms(const StageAccesses& stage, CostTerms& terms);

}  // namespace heddle

// tools/knob_importance.cpp -- the variance between a knob's values beside the variance within them.
#include "tools/knob_importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "runtime/error.h"
#include "schedules/schedule.h"

namespace heddle::tools {
namespace {

using Knobs = std::map<std::string, std::string>;

std::string text_of(const Argument& argument) {
    std::string text = argument.key.empty() ? "" : argument.key + "=";
    if (const auto* number = std::get_if<std::int64_t>(&argument.value)) return text + std::to_string(*number);
    if (const auto* word = std::get_if<std::string>(&argument.value)) return text + *word;
    text += "{";
    for (const Argument& item : std::get<std::vector<Argument>>(argument.value))
        text += (text.ends_with('{') ? "" : ", ") + text_of(item);
    return text + "}";
}

/// "y.0: split(q, 6)" as "y.0 split(q)" and "6"; a directive without a loop in front is a knob of its own.
void add_knob(Knobs& knobs, const Directive& directive) {
    std::string knob = directive.name, value;
    std::size_t first = 0;
    if (!directive.arguments.empty() && directive.arguments[0].key.empty() &&
        std::holds_alternative<std::string>(directive.arguments[0].value)) {
        knob += "(" + text_of(directive.arguments[0]) + ")";
        first = 1;
    }
    for (std::size_t i = first; i < directive.arguments.size(); ++i)
        value += (value.empty() ? "" : ", ") + text_of(directive.arguments[i]);
    if (!directive.stage.empty()) knob = directive.stage + " " + knob;
    std::string& known = knobs[knob];
    known += (known.empty() ? "" : "; ") + (value.empty() ? "used" : value);
}

struct Group {
    double sum = 0;
    int count = 0;
    double mean() const { return sum / count; }
};

}  // namespace

std::vector<KnobImportance> knob_importance(const std::vector<TuningRecord>& trials) {
    std::vector<std::pair<Knobs, double>> samples;  // and log time
    std::set<std::string> names;
    for (const TuningRecord& trial : trials) {
        if (trial.status != TrialStatus::measured) continue;
        Knobs knobs;
        try {
            const Schedule schedule = parse_schedule(trial.schedule);
            for (const Directive& directive : schedule.directives()) add_knob(knobs, directive);
        } catch (const UserError&) {
            continue;  // another version's words
        }
        for (const auto& [name, value] : knobs) names.insert(name);
        samples.emplace_back(std::move(knobs), std::log(trial.seconds));
    }
    const double n = static_cast<double>(samples.size());
    double mean = 0, total = 0;
    for (const auto& [knobs, time] : samples) mean += time / n;
    for (const auto& [knobs, time] : samples) total += (time - mean) * (time - mean);

    std::vector<KnobImportance> all;
    for (const std::string& name : names) {
        std::map<std::string, Group> groups;
        for (const auto& [knobs, time] : samples) {
            const auto found = knobs.find(name);
            Group& group = groups[found == knobs.end() ? "not used" : found->second];
            group.sum += time;
            ++group.count;
        }
        const double k = static_cast<double>(groups.size());
        if (groups.size() < 2 || n <= k || total <= 0) continue;
        double between = 0;
        for (const auto& [value, group] : groups)
            between += group.count * (group.mean() - mean) * (group.mean() - mean);
        const double within = std::max(0.0, total - between) / (n - k);
        const double share = (between - (k - 1) * within) / (total + within);
        const auto best = std::min_element(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
            return a.second.mean() < b.second.mean();
        });
        all.push_back({name, std::clamp(share, 0.0, 1.0), best->first, static_cast<int>(groups.size())});
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
    return all;
}

}  // namespace heddle::tools

// schedules/nearest_candidate.cpp -- directives compared as texts; single knobs are changed while that helps.
#include "schedules/nearest_candidate.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace heddle {
namespace {

constexpr int draws = 48, descents = 4;

/// Pieces of the text between blanks that are not inside of parentheses, sorted.
std::vector<std::string> directives_of(const Schedule& schedule) {
    std::vector<std::string> pieces(1);
    int inside = 0;
    for (const char c : print(schedule)) {
        inside += c == '(' || c == '{' ? 1 : c == ')' || c == '}' ? -1 : 0;
        if (c == ' ' && inside == 0)
            pieces.emplace_back();
        else
            pieces.back() += c;
    }
    std::sort(pieces.begin(), pieces.end());
    return pieces;
}

class Descent {
public:
    Descent(const TuningSpace& space, const Schedule& wanted) : space_(space), wanted_(directives_of(wanted)) {}

    int different(const Candidate& candidate) const {
        const std::vector<std::string> here = directives_of(space_.schedule(candidate));
        std::vector<std::string> apart;
        std::set_symmetric_difference(here.begin(), here.end(), wanted_.begin(), wanted_.end(),
                                      std::back_inserter(apart));
        return static_cast<int>(apart.size());
    }

    NearestCandidate from(NearestCandidate best) const {
        for (bool better = true; better && best.different > 0;) {
            better = false;
            for (std::size_t k = 0; k < space_.knobs.size() && best.different > 0; ++k) {
                Candidate candidate = best.candidate;
                for (int choice = 0; choice < static_cast<int>(space_.knobs[k].choices.size()); ++choice) {
                    candidate[k] = choice;
                    if (candidate == best.candidate || !space_.legal(candidate)) continue;
                    const int here = different(candidate);
                    if (here >= best.different) continue;
                    best = {candidate, here};
                    better = true;
                }
            }
        }
        return best;
    }

private:
    const TuningSpace& space_;
    const std::vector<std::string> wanted_;
};

}  // namespace

NearestCandidate nearest_candidate(const TuningSpace& space, const Schedule& wanted) {
    const Descent descent(space, wanted);
    std::vector<NearestCandidate> starts = {{space.preferred, descent.different(space.preferred)}};
    std::uint64_t state = 1;
    for (int i = 0; i < draws; ++i) {
        Candidate candidate = space.sample(state);
        const int different = descent.different(candidate);
        starts.push_back({std::move(candidate), different});
    }
    std::stable_sort(starts.begin() + 1, starts.end(),
                     [](const auto& a, const auto& b) { return a.different < b.different; });
    NearestCandidate best{space.preferred, std::numeric_limits<int>::max()};
    for (int i = 0; i < descents && best.different > 0; ++i) {
        NearestCandidate found = descent.from(std::move(starts[static_cast<std::size_t>(i)]));
        if (found.different < best.different) best = std::move(found);
    }
    return best;
}

}  // namespace heddle

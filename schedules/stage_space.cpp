// schedules/stage_space.cpp -- looking up choices by name.
#include "schedules/stage_space.h"

#include <algorithm>

namespace heddle {

std::string Choices::text(std::string_view knob, std::string_view otherwise) const {
    for (std::size_t i = 0; i < knobs_.size(); ++i)
        if (knobs_[i].name == knob) return knobs_[i].choices[candidate_[i]];
    return std::string(otherwise);
}

int Choices::number(std::string_view knob, int otherwise) const {
    const std::string chosen = text(knob);
    return chosen.empty() ? otherwise : std::stoi(chosen);
}

void StageSpace::add(std::string name, std::vector<std::string> choices, const std::string& choice) {
    if (choices.empty()) return;
    const auto found = std::find(choices.begin(), choices.end(), choice);
    preferred.push_back(found == choices.end() ? 0 : static_cast<int>(found - choices.begin()));
    knobs.push_back({std::move(name), std::move(choices)});
}

StageSpace serial_space() {
    return {{}, {}, [](const Choices&) { return true; }, [](const Choices&, Schedule&) {}, {}, {}, 1};
}

}  // namespace heddle

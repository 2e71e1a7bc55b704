// schedules/space_forms.cpp -- forms as candidates, and back.
#include "schedules/space_forms.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "runtime/random.h"

namespace heddle {
namespace {

constexpr const char* none = "-";

std::string choice_of(const CudaForm& form, const std::string& knob) {
    for (const auto& [name, choice] : form.choices)
        if (name == knob) return choice;
    return none;
}

// All knobs that forms differ in, choices in the order in which forms have them.
std::vector<Knob> knobs_of(const CudaForms& forms) {
    std::vector<Knob> knobs;
    for (const CudaForm& form : forms)
        for (const auto& each : form.choices)
            if (std::none_of(knobs.begin(), knobs.end(), [&](const Knob& knob) { return knob.name == each.first; }))
                knobs.push_back({each.first, {}});
    for (Knob& knob : knobs)
        for (const CudaForm& form : forms)
            if (const std::string choice = choice_of(form, knob.name);
                std::find(knob.choices.begin(), knob.choices.end(), choice) == knob.choices.end())
                knob.choices.push_back(choice);
    std::erase_if(knobs, [](const Knob& knob) { return knob.choices.size() < 2; });
    return knobs;
}

// Numbers in their order, words before them.
void sort_numbers(Knob& knob) {
    const auto is_number = [](const std::string& text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    std::stable_sort(knob.choices.begin(), knob.choices.end(), [&](const std::string& a, const std::string& b) {
        if (is_number(a) != is_number(b)) return is_number(b);
        return is_number(a) && std::stoll(a) < std::stoll(b);
    });
}

struct Forms {
    std::shared_ptr<const CudaPart> part;
    std::vector<Knob> knobs;
    std::vector<Candidate> candidates;                  ///< of each form that is no repetition
    std::unordered_map<std::string, std::size_t> find;  ///< by the texts of the choices

    static std::string key(const std::vector<Knob>& knobs, const Choices& choices) {
        std::string key;
        for (const Knob& knob : knobs) key += choices.text(knob.name) + '\n';
        return key;
    }
};

// How many choices differ; of knobs in order of size, nearer ones a little less.
double distance(const Candidate& a, const Candidate& b) {
    double distance = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i]) distance += 1 + 0.01 * std::abs(a[i] - b[i]);
    return distance;
}

Candidate neighbour_of(const std::vector<Candidate>& forms, const Candidate& from, std::uint64_t& state) {
    if (from.empty()) return from;
    constexpr int most_tries = 100;
    for (int attempt = 0; attempt < most_tries; ++attempt) {
        // Some form's choice of a knob, other than this one; to those beside it half of the time.
        const std::size_t knob = next_random(state) % from.size();
        const int choice = next_random(state) % 2 == 0   ? forms[next_random(state) % forms.size()][knob]
                           : next_random(state) % 2 == 0 ? from[knob] + 1
                                                         : from[knob] - 1;
        if (choice == from[knob]) continue;
        const Candidate* nearest = nullptr;
        for (const Candidate& form : forms)
            if (form[knob] == choice && (!nearest || distance(form, from) < distance(*nearest, from))) nearest = &form;
        if (nearest) return *nearest;
    }
    return forms[next_random(state) % forms.size()];
}

}  // namespace

StageSpace forms_space(const std::shared_ptr<const CudaPart>& part) {
    StageSpace space = serial_space();
    if (part->forms.empty()) {
        space.emit = [part](const Choices&, Schedule& schedule) {
            for (const Directive& each : part->settled.directives())
                schedule.stage(each.stage).add(each.name, each.arguments);
        };
        return space;
    }
    const auto forms = std::make_shared<Forms>();
    forms->part = part;
    forms->knobs = knobs_of(part->forms);
    for (Knob& knob : forms->knobs) sort_numbers(knob);
    for (std::size_t i = 0; i < part->forms.size(); ++i) {
        Candidate candidate;
        for (const Knob& knob : forms->knobs) {
            const auto at = std::find(knob.choices.begin(), knob.choices.end(), choice_of(part->forms[i], knob.name));
            candidate.push_back(static_cast<int>(at - knob.choices.begin()));
        }
        const std::string key = Forms::key(forms->knobs, Choices(forms->knobs, candidate));
        if (i == part->preferred) {
            space.preferred = candidate;
            forms->find[key] = i;
        }
        if (forms->find.emplace(key, i).second || i == part->preferred) forms->candidates.push_back(candidate);
    }
    space.knobs = forms->knobs;
    space.count = static_cast<double>(forms->candidates.size());
    space.legal = [forms](const Choices& choice) { return forms->find.count(Forms::key(forms->knobs, choice)) > 0; };
    space.emit = [forms](const Choices& choice, Schedule& schedule) {
        forms->part->forms[forms->find.at(Forms::key(forms->knobs, choice))].write(schedule);
    };
    space.neighbour = [forms](const Candidate& from, std::uint64_t& state) {
        return neighbour_of(forms->candidates, from, state);
    };
    space.draw = [forms](std::uint64_t& state) {
        return forms->candidates[next_random(state) % forms->candidates.size()];
    };
    return space;
}

}  // namespace heddle

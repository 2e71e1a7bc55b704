// tests/schedules/search_test.cpp -- strategies on a space that is made up: no repeats, fewer trials than chance, an
// end.
#include "schedules/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "runtime/error.h"

namespace heddle {
namespace {

/// Eight choices for each of four knobs; those whose sum is odd are illegal.
TuningSpace made_up_space() {
    TuningSpace space;
    space.family = "stencil";
    for (const char* name : {"a", "b", "c", "d"})
        space.knobs.push_back({name, {"0", "1", "2", "3", "4", "5", "6", "7"}});
    space.preferred = {0, 0, 0, 0};
    space.legal = [](const Candidate& c) { return (c[0] + c[1] + c[2] + c[3]) % 2 == 0; };
    return space;
}

/// Least at (5, 2, 6, 3); knobs a and b interact.
double seconds_of(const Candidate& c) {
    const double ab = c[0] - 5 + 0.5 * (c[1] - 2);
    return std::exp(0.15 * ab * ab + 0.1 * std::abs(c[1] - 2) + 0.2 * std::abs(c[2] - 6) + 0.1 * std::abs(c[3] - 3));
}
const Candidate optimum = {5, 2, 6, 3};

Prediction constant() {
    return [](const Candidate&) { return 1.0; };
}
/// Right about c, wrong about the rest, by a factor.
Prediction rough() {
    return [](const Candidate& c) { return 1e-3 * std::exp(0.2 * std::abs(c[2] - 6) + 0.1 * std::abs(c[0] - 4)); };
}

/// Trials until the optimum; `most` where it was not met.
int trials_until_optimum(const std::string& name, std::uint64_t seed, const Prediction& predict, int most) {
    const TuningSpace space = made_up_space();
    const auto search = make_search(name, space, seed, predict);
    for (int trial = 1; trial <= most; ++trial) {
        const auto candidate = search->next();
        if (!candidate) return most;
        if (*candidate == optimum) return trial;
        search->tell(*candidate, {TrialStatus::measured, "", seconds_of(*candidate), 0, 1});
    }
    return most;
}
double mean_trials(const std::string& name, const Prediction& predict) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) sum += trials_until_optimum(name, seed, predict, 1000) / 10.0;
    return sum;
}

TEST(search, evolution_needs_fewer_trials_than_chance) {
    const double by_chance = mean_trials("random", constant());
    const double bred = mean_trials("evolution", constant());
    const double guided = mean_trials("evolution", rough());
    EXPECT_LT(bred, by_chance / 4);
    EXPECT_LT(guided, by_chance / 4);
    RecordProperty("random", std::to_string(by_chance));
    RecordProperty("evolution", std::to_string(bred));
    RecordProperty("guided", std::to_string(guided));
}

class EachSearch : public testing::TestWithParam<std::string> {};

TEST_P(EachSearch, gives_the_preferred_first_and_nothing_twice_or_illegal) {
    const TuningSpace space = made_up_space();
    const auto search = make_search(GetParam(), space, 3, constant());
    std::set<Candidate> given;
    while (const auto candidate = search->next()) {
        if (given.empty()) {
            EXPECT_EQ(*candidate, space.preferred);
        }
        EXPECT_TRUE(space.legal(*candidate));
        EXPECT_TRUE(given.insert(*candidate).second);
        if (given.size() == 300) break;
        search->tell(*candidate, {TrialStatus::measured, "", seconds_of(*candidate), 0, 1});
    }
    EXPECT_GT(given.size(), 30u);
}

TEST_P(EachSearch, meets_all_of_a_space_without_differences_and_ends) {
    TuningSpace space = made_up_space();
    space.knobs.resize(2);
    space.preferred = {0, 0};
    space.legal = [](const Candidate& c) { return c[0] != c[1] || c[0] == 0; };
    const auto search = make_search(GetParam(), space, 1, constant());
    int trials = 0;
    for (; const auto candidate = search->next(); ++trials)
        search->tell(*candidate, {TrialStatus::measured, "", 1, 0, 1});
    EXPECT_EQ(trials, 57);
}

TEST_P(EachSearch, passes_over_what_cannot_run) {
    const TuningSpace space = made_up_space();
    const auto search = make_search(GetParam(), space, 1, [](const Candidate& c) { return c[3] == 0 ? 1 : INFINITY; });
    int trials = 0;
    for (; const auto candidate = search->next(); ++trials) {
        EXPECT_EQ((*candidate)[3], 0);
        search->tell(*candidate, {TrialStatus::measured, "", 1, 0, 1});
    }
    EXPECT_EQ(trials, 256);
}

TEST_P(EachSearch, does_not_give_what_it_was_told_of) {
    const TuningSpace space = made_up_space();
    const auto search = make_search(GetParam(), space, 2, constant());
    search->note(optimum);
    search->tell(optimum, {TrialStatus::measured, "", seconds_of(optimum), 0, 1});
    int trials = 0;
    for (; const auto candidate = search->next(); ++trials) {
        EXPECT_NE(*candidate, optimum);
        search->tell(*candidate, {TrialStatus::measured, "", seconds_of(*candidate), 0, 1});
    }
    EXPECT_GE(trials, 40);
}

TEST(search, evolution_breeds_from_what_it_was_told_of) {
    const TuningSpace space = made_up_space();
    const Candidate near = {5, 2, 6, 1};
    int met = 0, steps_away = 0;
    const auto search = make_search("evolution", space, 1, constant());
    search->next();
    search->tell(space.preferred, {TrialStatus::measured, "", seconds_of(space.preferred), 0, 1});
    search->note(near);
    search->tell(near, {TrialStatus::measured, "", seconds_of(near), 0, 1});
    for (int trial = 0; trial < 20; ++trial) {
        const auto candidate = search->next();
        ASSERT_TRUE(candidate);
        int knobs = 0;
        for (std::size_t k = 0; k < near.size(); ++k) knobs += (*candidate)[k] != near[k] ? 1 : 0;
        steps_away += knobs <= 2 ? 1 : 0;
        ++met;
        search->tell(*candidate, {TrialStatus::measured, "", seconds_of(*candidate), 0, 1});
    }
    EXPECT_EQ(met, 20);
    EXPECT_GE(steps_away, 8);  // of all candidates a fiftieth is that near
}

TEST_P(EachSearch, survives_when_everything_fails) {
    const TuningSpace space = made_up_space();
    const auto search = make_search(GetParam(), space, 1, rough());
    for (int trial = 0; trial < 100; ++trial) {
        const auto candidate = search->next();
        ASSERT_TRUE(candidate);
        search->tell(*candidate, {TrialStatus::failed, "killed by signal 11", 0, 0, 0});
    }
}

INSTANTIATE_TEST_SUITE_P(all, EachSearch, testing::ValuesIn(search_names()),
                         [](const auto& info) { return info.param; });

TEST(search, evolution_ends_when_the_rest_is_predicted_much_slower) {
    const TuningSpace space = made_up_space();
    const auto exact = [](const Candidate& c) { return seconds_of(c); };
    const auto search = make_search("evolution", space, 1, exact);
    int trials = 0;
    bool met = false;
    for (; const auto candidate = search->next(); ++trials) {
        met |= *candidate == optimum;
        search->tell(*candidate, {TrialStatus::measured, "", seconds_of(*candidate), 0, 1});
    }
    EXPECT_TRUE(met);
    EXPECT_LT(trials, 200);
}

TEST(search, an_unknown_name_is_refused_with_those_there_are) {
    const TuningSpace space = made_up_space();
    try {
        make_search("evolutin", space, 1, constant());
        FAIL();
    } catch (const UserError& error) {
        EXPECT_EQ(error.message(),
                  "there is no search 'evolutin'; there are evolution, random; did you mean 'evolution'?");
    }
}

}  // namespace
}  // namespace heddle

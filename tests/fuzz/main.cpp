// tests/fuzz/main.cpp -- heddle_fuzz: random programs under random schedules, compiled, against evaluate().
//
//   heddle_fuzz --seed 1 --cases 2000            the host, emitted CUDA executed here, and gradients, in turn
//   heddle_fuzz --check cuda --time 600          one of them, for ten minutes, from a seed of the clock
//   heddle_fuzz --check device --cases 5000      this machine's CUDA device
//   heddle_fuzz --check host --only 4711         one case: its text, its schedule, and what is wrong
//
// A case that fails is made smaller and printed as a test to paste. The exit status is 1 when one failed.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>

#include "dsl/print.h"
#include "tests/fuzz/child.h"
#include "tests/fuzz/shrink.h"

namespace heddle::fuzz {
namespace {

constexpr int cases_of_a_child = 40;
constexpr double seconds_of_a_child = 240, seconds_of_a_case = 40, seconds_between_lines = 15;

const std::map<std::string, Check> checks = {
    {"host", Check::host}, {"cuda", Check::cuda}, {"gradient", Check::gradient}, {"device", Check::device}};

std::string_view name_of(Check check) {
    for (const auto& [name, one] : checks)
        if (one == check) return name;
    return "";
}

void say(int descriptor, const std::string& line) {
    if (write(descriptor, line.data(), line.size()) < 0) _exit(4);
}

/// What processes that have ended took of processors, with those that they started.
double children_seconds() {
    rusage usage = {};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Draws and examines one case in a process of its own; a crash or no end is wrong, too.
Finding examine_apart(const Case& subject) {
    Child child(
        [&](int descriptor) {
            const Finding finding = examine(subject);
            say(descriptor, fmt::format("{}{}", static_cast<int>(finding.verdict), finding.text));
        },
        seconds_of_a_case);
    while (!child.poll(1000)) {
    }
    if (!child.problem().empty() || child.output().empty()) return {Verdict::wrong, child.problem()};
    return {static_cast<Verdict>(child.output()[0] - '0'), child.output().substr(1)};
}

/// A child's share: seeds [first, first + count) of one check.
struct Share {
    Check check;
    std::uint64_t first;
    int count;
    std::unique_ptr<Child> child;
};

struct Totals {
    std::int64_t examined = 0, refused = 0;
    std::vector<std::pair<Check, std::uint64_t>> failed;
    std::map<std::string, int> refusals;
    std::vector<std::tuple<double, Check, std::uint64_t>> seconds;
};

double clock_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Share start(Check check, std::uint64_t first, int count) {
    auto work = [=](int descriptor) {
        for (std::uint64_t seed = first; seed < first + static_cast<std::uint64_t>(count); ++seed) {
            say(descriptor, fmt::format("try {}\n", seed));
            const double begin = clock_seconds();
            std::string why;
            const auto subject = draw(seed, check, why);
            Finding finding{Verdict::refused, why};
            if (subject) finding = examine(*subject);
            const char* word[] = {"right", "wrong", "refused"};
            std::string line = finding.text.substr(0, finding.text.find('\n'));
            say(descriptor, fmt::format("{} {} {:.2f} {}\n", word[static_cast<int>(finding.verdict)], seed,
                                        clock_seconds() - begin, line));
        }
    };
    return {check, first, count, std::make_unique<Child>(work, seconds_of_a_child)};
}

void fails(Check check, std::uint64_t seed, Totals& totals) {
    totals.failed.emplace_back(check, seed);
    fmt::print(stderr, "failed: --check {} --only {}\n", name_of(check), seed);
}

/// Adds up what a share's child said; the case in which it ended early failed, and the rest is another share.
std::optional<Share> finish(const Share& share, Totals& totals) {
    std::uint64_t tried = share.first;
    bool open = false;
    std::istringstream lines(share.child->output());
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word >> tried;
        open = word == "try";
        if (open) continue;
        ++totals.examined;
        double seconds = 0;
        words >> seconds;
        totals.seconds.emplace_back(seconds, share.check, tried);
        if (word == "wrong") fails(share.check, tried, totals);
        if (word != "refused") continue;
        ++totals.refused;
        std::string why;
        std::getline(words, why);
        ++totals.refusals[why.substr(0, 60)];
    }
    if (share.child->problem().empty()) return {};
    if (open) {
        ++totals.examined;
        fails(share.check, tried, totals);
    }
    const auto left = static_cast<int>(share.first + static_cast<std::uint64_t>(share.count) - tried - 1);
    return left > 0 ? std::optional(start(share.check, tried + 1, left)) : std::nullopt;
}

void tell_progress(const Totals& totals, double seconds) {
    fmt::print(stderr, "{} cases in {:.0f} s, {:.0f} an hour: {} failed\n", totals.examined, seconds,
               static_cast<double>(totals.examined) / seconds * 3600, totals.failed.size());
}

void tell_slowest(Totals& totals, std::size_t count) {
    std::sort(totals.seconds.rbegin(), totals.seconds.rend());
    double sum = 0;
    for (const auto& one : totals.seconds) sum += std::get<double>(one);
    totals.seconds.resize(std::min(count, totals.seconds.size()));
    for (const auto& [seconds, check, seed] : totals.seconds)
        fmt::print("  {:6.2f} s of {:.0f} s  --check {} --only {}\n", seconds, sum, name_of(check), seed);
}

void report(Check check, std::uint64_t seed, bool shrinks) {
    std::string why;
    std::optional<Case> subject = draw(seed, check, why);
    if (!subject)
        return std::printf("%s %llu: drawing it fails: %s\n", std::string(name_of(check)).c_str(),
                           static_cast<unsigned long long>(seed), why.c_str()),
               void();
    if (shrinks)
        subject = shrink(*subject, [](const Case& one) { return examine_apart(one).verdict == Verdict::wrong; });
    const Finding finding = examine_apart(*subject);
    std::printf("\n%s %llu: %s\n%s\n", std::string(name_of(check)).c_str(), static_cast<unsigned long long>(seed),
                finding.text.c_str(), as_test(*subject, fmt::format("{}_{}", name_of(check), seed)).c_str());
    std::fflush(stdout);
}

int run(int argc, char** argv) {
    CLI::App app("random programs under random schedules, against evaluate()", "heddle_fuzz");
    std::uint64_t seed = 0, only = 0;
    std::int64_t cases = 0;
    double seconds = 0;
    std::string check = "all";
    int jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency())), shrunk = 5;
    bool refusals = false;
    std::size_t slowest = 0;
    app.add_option("--seed", seed, "of the first case; without it the clock's")->check(CLI::NonNegativeNumber);
    app.add_option("--cases", cases, "how many")->check(CLI::PositiveNumber);
    app.add_option("--time", seconds, "seconds after which no more cases are begun")->check(CLI::PositiveNumber);
    app.add_option("--check", check,
                   "host, cuda (executed here), gradient, or these in turn (all); device: a CUDA device")
        ->check(CLI::IsMember({"host", "cuda", "gradient", "all", "device"}));
    app.add_option("--jobs", jobs, "processes at once")->check(CLI::Range(1, 256));
    app.add_option("--shrink", shrunk, "how many failures are made smaller")->check(CLI::NonNegativeNumber);
    app.add_option("--only", only, "one case alone, by its number");
    app.add_flag("--refusals", refusals, "says why drafts were refused");
    app.add_option("--slowest", slowest, "says which cases took longest, so many");
    CLI11_PARSE(app, argc, argv);

    if (app.count("--only")) {
        if (check == "all") throw CLI::ValidationError("--only", "--check says of what");
        std::string why;
        const auto subject = draw(only, checks.at(check), why);
        if (!subject) return std::printf("refused: %s\n", why.c_str()), 0;
        std::printf("%s", as_test(*subject, "only").c_str());
        std::fflush(stdout);
        const Finding finding = examine(*subject);
        const char* word[] = {"right", "wrong", "refused"};
        std::printf("%s %s\n", word[static_cast<int>(finding.verdict)], finding.text.c_str());
        return finding.verdict == Verdict::wrong ? 1 : 0;
    }

    if (!app.count("--seed")) seed = static_cast<std::uint64_t>(time(nullptr));
    if (cases == 0 && seconds == 0) cases = 2000;
    const double begin = clock_seconds();
    Totals totals;
    std::vector<Share> running;
    std::int64_t begun = 0;
    double told = begin;
    const auto more = [&] {
        return (cases == 0 || begun < cases) && (seconds == 0 || clock_seconds() - begin < seconds);
    };
    for (int turn = 0; more() || !running.empty();) {
        while (more() && static_cast<int>(running.size()) < jobs) {
            const Check one =
                check == "all" ? std::array{Check::host, Check::cuda, Check::gradient}[turn++ % 3] : checks.at(check);
            const auto count = static_cast<int>(cases == 0 ? cases_of_a_child
                                                           : std::min<std::int64_t>(cases_of_a_child, cases - begun));
            running.push_back(start(one, seed + static_cast<std::uint64_t>(begun), count));
            begun += count;
        }
        for (std::size_t i = 0; i < running.size();) {
            if (!running[i].child->poll(20)) {
                ++i;
                continue;
            }
            if (auto rest = finish(running[i], totals))
                running[i++] = std::move(*rest);
            else
                running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (clock_seconds() - told < seconds_between_lines) continue;
        told = clock_seconds();
        tell_progress(totals, told - begin);
    }
    const double taken = clock_seconds() - begin;
    fmt::print("{} cases in {:.0f} s ({:.0f} s of processors) from seed {}, {:.0f} an hour: {} failed, {} refused\n",
               totals.examined, taken, children_seconds(), seed, static_cast<double>(totals.examined) / taken * 3600,
               totals.failed.size(), totals.refused);
    if (refusals)
        for (const auto& [why, count] : totals.refusals) fmt::print("  {:5}  {}\n", count, why);
    if (slowest > 0) tell_slowest(totals, slowest);
    std::fflush(stdout);
    for (const auto& [failed_check, failed_seed] : totals.failed) report(failed_check, failed_seed, shrunk-- > 0);
    return totals.failed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace heddle::fuzz

int main(int argc, char** argv) {
    try {
        return heddle::fuzz::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "heddle_fuzz: %s\n", error.what());
        return 2;
    }
}

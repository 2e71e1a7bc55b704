// schedules/schedule.h -- a schedule: a list of directives, as a value that prints, parses, compares and is applied.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dsl/pipeline.h"
#include "dsl/tensor.h"

namespace heddle {

struct LoopNest;
struct Target;

/// An argument of a directive: an integer, a word (a loop, a tensor, a keyword), or a list; `key=` where it has one.
struct Argument {
    std::string key;
    std::variant<std::int64_t, std::string, std::vector<Argument>> value;
    bool operator==(const Argument&) const = default;
};

/// One rewrite of the loop nest of one stage: `split(q, 14)`.
struct Directive {
    std::string stage;  ///< "y.1"; empty: the last stage of the first output
    std::string name;
    std::vector<Argument> arguments;
    bool operator==(const Directive&) const = default;
};

/// What directives are, what they do and what they check: see directive.h for the table, docs/directives.md for the
/// text.
class Schedule {
public:
    Schedule() = default;

    /// The directives that follow address this stage: a tensor (its last definition) or "y.0".
    Schedule& stage(const AnyTensor& tensor);
    Schedule& stage(const std::string& name);

    Schedule& split(const LoopName& loop, int factor, const char* tail = "guard");
    Schedule& fuse(const std::vector<LoopName>& loops, const LoopName& fused);
    Schedule& reorder(const std::vector<LoopName>& loops);
    Schedule& tile(const std::vector<LoopName>& loops, const std::vector<int>& factors);
    Schedule& unroll(const LoopName& loop, int factor = 0);
    Schedule& vectorize(const LoopName& loop);
    Schedule& parallel(const LoopName& loop);
    Schedule& partition(const LoopName& loop);
    Schedule& clip(const LoopName& loop);
    Schedule& accumulate_in(const char* memory, const LoopName& at);
    Schedule& cache_in(const AnyTensor& tensor, const char* memory, const LoopName& at,
                       const char* shape = "footprint");
    Schedule& pack(const AnyTensor& tensor, const std::vector<LoopName>& order);
    Schedule& tensorize(const char* atom);
    Schedule& compute_at(const AnyTensor& consumer, const LoopName& loop);
    Schedule& compute_inline();
    Schedule& fuse_epilogue();
    /// Any directive of the table, by name.
    Schedule& add(std::string name, std::vector<Argument> arguments);

    const std::vector<Directive>& directives() const { return directives_; }
    bool operator==(const Schedule& other) const { return directives_ == other.directives_; }
    bool empty() const { return directives_.empty(); }

private:
    std::string current_;
    std::vector<Directive> directives_;
};

/// One line: `y.1: split(q, 14) reorder(n, p, q.o, r, s, c, q.i) parallel(n); z: vectorize(k)`.
std::string print(const Schedule& schedule);
/// As pasteable C++: `Schedule().stage("y.1").split("q", 14)...;`.
std::string print_cpp(const Schedule& schedule);
/// The inverse of print. UserError with a caret under the place for anything malformed; names are checked when applied.
Schedule parse_schedule(std::string_view text);

/// Why a schedule is illegal: which directive, and a sentence with numbers.
struct Refusal {
    std::size_t directive = 0;  ///< position; the number of directives when the nest as a whole is illegal
    std::string reason;         ///< "split(q, 0): the factor must be at least 1"
};
/// Applies the directives in order to the plain nest. A refusal leaves `nest` unspecified.
std::optional<Refusal> apply(const Schedule& schedule, const Pipeline& pipeline, const Target& target, LoopNest& nest);
/// The same, throwing UserError with the reason.
LoopNest scheduled_nest(const Pipeline& pipeline, const Schedule& schedule, const Target& target);

/// A good schedule that needs no tuning, from the definitions alone, by family (contraction, stencil, reduction).
Schedule default_schedule(const Pipeline& pipeline, const Target& target);

}  // namespace heddle

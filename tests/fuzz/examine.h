// tests/fuzz/examine.h -- one case: a program, a target, a schedule; and what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schedules/schedule.h"
#include "tests/fuzz/draft.h"

namespace heddle::fuzz {

/// Compiled code against evaluate(), emitted CUDA executed against evaluate(), or derived gradients: against the change
/// of the output where that is linear, to the last bit, and compiled against evaluated. `device`: on this machine's
/// CUDA device, against evaluate().
enum class Check : std::uint8_t { host, cuda, gradient, device };

struct Case {
    Draft draft;
    Check check = Check::host;
    std::string target;  ///< as Target::parse reads it
    Schedule schedule;   ///< empty: the default one
};

/// Draws a case; the same seed gives the same one. Without value: the draft is refused, as `why` says.
std::optional<Case> draw(std::uint64_t seed, Check check, std::string& why);

enum class Verdict : std::uint8_t { right, wrong, refused };
struct Finding {
    Verdict verdict = Verdict::right;
    std::string text;  ///< what is wrong, or why it is no case
};
Finding examine(const Case& subject);

/// The case as a test to paste.
std::string as_test(const Case& subject, const std::string& name);

}  // namespace heddle::fuzz

// runtime/text.h -- numbers with units, and small helpers for messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// Three significant digits with a unit: "1.23 ms"; from ns to s.
std::string format_seconds(double seconds);
/// "6.4 MB"; powers of 1000.
std::string format_bytes(double bytes);
/// "1.85 G", "850"; powers of 1000.
std::string format_count(double count);

/// The parts with `separator` between them.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The candidates that `word` may be a slip of, nearest first and at most three: those within an edit distance
/// (insertions, deletions, substitutions and swaps of neighbours count 1, case is ignored) of a third of its length.
/// For messages that ask "did you mean".
std::vector<std::string> nearest_names(std::string_view word, const std::vector<std::string>& candidates);
/// "; did you mean 'split'?", naming the nearest candidates; empty when none is near. To follow an error's sentence.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace heddle

// tests/support/operator_texts.h -- operators at small and awkward sizes, for sweeps over schedules.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace heddle::test {

struct OperatorText {
    std::string name;
    std::string text;
};
inline void PrintTo(const OperatorText& op, std::ostream* out) { *out << op.name; }
/// Convolutions in several layouts with their gradients, linear layers, pooling, image filters, reductions, scatters.
const std::vector<OperatorText>& operator_texts();

}  // namespace heddle::test

// codegen/passes/partition_run_time.h -- edge and interior of a loop whose tests depend on run-time sizes.
#pragma once

#include <optional>
#include <vector>

#include "codegen/stmt.h"

namespace heddle {

struct RunTimeParts {
    Stmt parts;
    std::vector<Expr> conditions;  ///< over run-time sizes: the parts do what the loop does where these hold
};
/// For a loop v in [0, ceil(W / 6)) with tests such as 6*v + i + s - 1 < W, of inner loops i < 6 and s < 3: iterations
/// 0, whose tests of the lower end remain; [1, (W - 7) / 6 + 1), without tests; and what is left, a copy of the body
/// for each value of W - 6*v, in which the tests are constant. Where there would be too many copies, the last part is
/// one body with tests. Nothing when no test bounds the loop.
std::optional<RunTimeParts> partition_run_time(const For& loop);

}  // namespace heddle

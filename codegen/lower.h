// codegen/lower.h -- from built statements to statements that an emitter takes: the table of passes and the loop over
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codegen/stmt.h"
#include "schedules/target.h"

namespace heddle {

/// Statement to statement. `parameters` of the function are in scope.
struct Pass {
    std::string_view name;
    std::string_view summary;
    Stmt (*run)(const Stmt& body, const Target& target);
};

/// In the order in which they run.
std::span<const Pass> pass_table();

struct PassReport {
    std::string_view name;
    double seconds = 0;
    std::string text;  ///< the statements after it; only when asked for
};
struct LowerOptions {
    bool verify = false;      ///< run the verifier after each pass; tests and debug builds do
    bool keep_texts = false;  ///< fill PassReport::text
};

/// Runs all passes. `HEDDLE_DUMP=<pass>|all` prints the statements after that pass to stderr, `HEDDLE_VERIFY=1`
/// verifies. Throws InternalError naming the pass when the verifier objects.
Function lower(const Function& function, const Target& target, const LowerOptions& options = {},
               std::vector<PassReport>* reports = nullptr);

}  // namespace heddle

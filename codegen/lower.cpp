// codegen/lower.cpp -- the table of passes and the loop over it.
#include "codegen/lower.h"

#include <cstdio>
#include <cstdlib>

#include "codegen/passes/clip_loops.h"
#include "codegen/passes/expand_tiles.h"
#include "codegen/passes/insert_checks.h"
#include "codegen/passes/map_to_threads.h"
#include "codegen/passes/partition_loops.h"
#include "codegen/passes/simplify_statements.h"
#include "codegen/verify.h"
#include "runtime/log.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

constexpr Pass passes[] = {
    {"map_to_threads", "the work of a block is divided over its threads, copies run ahead of products", map_to_threads},
    {"expand_tiles", "tile statements on portable atoms become loops", expand_tiles},
    {"clip_loops", "clipped loops run over their valid range only", clip_loops},
    {"partition_loops", "partitioned loops become edge and interior ranges", partition_loops},
    {"insert_checks", "indices from data are tested; with checks, all accesses are", insert_checks},
    {"simplify_statements", "conditions that ranges decide vanish, with the code they guard", simplify_statements},
};

// HEDDLE_DUMP where it names a pass or is "all"; else null, said once.
const char* pass_to_dump() {
    const char* dump = std::getenv("HEDDLE_DUMP");
    if (!dump || !*dump) return nullptr;
    std::string known = "all";
    bool found = dump == known;
    for (const Pass& pass : passes) {
        found = found || pass.name == dump;
        known += ", " + std::string(pass.name);
    }
    if (!found) log_once("HEDDLE_DUMP", "HEDDLE_DUMP=" + std::string(dump) + " is no pass; there are " + known);
    return found ? dump : nullptr;
}

}  // namespace

std::span<const Pass> pass_table() { return passes; }

Function lower(const Function& function, const Target& target, const LowerOptions& options,
               std::vector<PassReport>* reports) {
    const char* dump = pass_to_dump();
    const char* verify_always = std::getenv("HEDDLE_VERIFY");
    const bool verifies = options.verify || (verify_always && *verify_always == '1');
    Function result = function;
    if (verifies) verify(result, "build");
    for (const Pass& pass : passes) {
        Timer timer;
        result.body = pass.run(result.body, target);
        if (reports) reports->push_back({pass.name, timer.seconds(), options.keep_texts ? print(result) : ""});
        if (dump && (pass.name == dump || std::string_view(dump) == "all"))
            std::fprintf(stderr, "--- after %s\n%s\n", std::string(pass.name).c_str(), print(result).c_str());
        if (verifies) verify(result, pass.name);
    }
    return result;
}

}  // namespace heddle

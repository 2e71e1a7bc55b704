// schedules/directive.h -- the table of directives: arguments, rewrite, checks, and the function that carries it out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle {

/// Nothing when the directive was applied, else the reason why it is illegal, with numbers.
using Reason = std::optional<std::string>;

struct DirectiveRow {
    std::string_view name;
    std::string_view group;      ///< loops, work, mapping, memory, preparation, arithmetic, pipelines
    std::string_view signature;  ///< "split(loop, factor, tail=guard|peel|shrink|round_up)"
    std::string_view rewrite;    ///< "for v in N  ->  for v.o in ceil(N/factor), for v.i in factor"
    std::string_view checks;
    Reason (*apply)(LoopNest& nest, StageNest& stage, const std::vector<Argument>& arguments);
};

const std::vector<DirectiveRow>& directive_table();
const DirectiveRow* find_directive(std::string_view name);

/// Checks on the whole nest after all directives: orders that lowering needs, register pressure, vector loops
/// innermost, no race in a parallel loop, stage placement. Nothing when legal.
Reason check_nest(const LoopNest& nest);

}  // namespace heddle

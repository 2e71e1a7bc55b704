// schedules/directive_support.h -- what the functions of directives share: arguments, loops by name, rewriting indices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/visit.h"
#include "runtime/text.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle {

/// Thrown inside of schedules/ by a directive that is illegal; the table turns it into a Reason.
struct Illegal {
    std::string reason;
};
[[noreturn]] void refuse(std::string reason);

/// The arguments of a directive by name. `names` are the parameters in order, the first `required` of them needed; an
/// argument is taken by its key, else by its position.
class Arguments {
public:
    /// Refuses arguments that are missing, too many, or have an unknown key.
    Arguments(const std::vector<Argument>& given, std::string_view directive, std::vector<std::string> names,
              std::size_t required);

    bool has(std::string_view name) const { return find(name) != nullptr; }
    /// Each refuses an argument of another kind.
    std::int64_t integer(std::string_view name) const;
    std::int64_t integer(std::string_view name, std::int64_t fallback) const;
    const std::string& word(std::string_view name) const;
    std::string word(std::string_view name, const std::string& fallback) const;
    /// A list, or a single one.
    std::vector<std::string> words(std::string_view name) const;
    std::vector<std::int64_t> integers(std::string_view name) const;

private:
    const Argument* find(std::string_view name) const;
    const Argument& required(std::string_view name) const;
    std::string usage() const;

    std::string_view directive_;
    std::vector<std::string> names_;
    std::vector<const Argument*> values_;
};

/// One of `words` by position; refuses others, listing what there is.
std::size_t choose(const std::string& word, const std::vector<std::string>& words, const std::string& what);
Memory parse_memory(const std::string& word);

/// "n, k.o, p": the loops of a stage, outermost first.
std::string loop_names(const StageNest& stage);
/// Refuses unknown names, listing the loops there are.
Loop& loop_named(StageNest& stage, const std::string& name);
/// The loop that a tile is attached to: undefined for "root", which is outside of all loops.
Symbol attachment(StageNest& stage, const std::string& name);
/// A tensor that the stage reads; refuses others, listing what it reads.
AnyTensor tensor_read(const StageNest& stage, const std::string& name);
/// An index expression in the text form's compact spelling: "2*p+r-1".
std::string index_text(const Expr& e);
/// "n,p+r-1": several.
std::string index_text(const std::vector<Expr>& indices);
/// The stage with this name; refuses others, listing what there is.
StageNest& stage_named(LoopNest& nest, const std::string& name);

/// The loop's extent where it is a plain integer.
std::optional<std::int64_t> static_extent(const Loop& loop);
/// The same, or a refusal that says why `directive` needs one.
std::int64_t needed_extent(const Loop& loop, const std::string& directive);
bool is_tile_loop(const Loop& loop);
bool is_bound(const Loop& loop);

/// An expression over domain variables as one over the present loops, simplified.
Expr over_loops(const StageNest& stage, const Expr& e);
/// All reads of a tensor on the right, over domain variables; every read when the tensor is undefined.
std::vector<const Read*> reads_of(const Definition& definition, const AnyTensor& tensor = {});
/// Ranges of the loops of a stage and of those that it is placed in.
Ranges all_ranges(const LoopNest& nest, const StageNest& stage);
/// Replaces a loop variable in the indices, guards and regions of a stage and of what is placed in it.
void replace_loop(LoopNest& nest, StageNest& stage, const Substitution& values);
/// The domain variables whose value depends on the loop.
std::vector<Symbol> variables_of(const StageNest& stage, const Symbol& loop);
/// Refuses when a directive given earlier names the loop ("pack(w) names it").
void require_unused(const LoopNest& nest, const StageNest& stage, const Loop& loop, const std::string& directive);

}  // namespace heddle

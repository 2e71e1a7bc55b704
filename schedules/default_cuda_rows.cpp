// schedules/default_cuda_rows.cpp -- CUDA schedules of reductions along rows, and of what is computed from them.
#include <algorithm>

#include "runtime/cuda_limits.h"
#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"

namespace heddle {
namespace {

constexpr std::int64_t threads_of_a_block = 128, most_threads = 1024, most_unrolled = 64;
constexpr std::int64_t vectors_worth_aligning = 32;
constexpr std::int64_t threads_of_a_row = 256;  // more leave too few blocks on a multiprocessor to overlap
// Of a row that takes a cluster: registers of a thread that hold parts of it, and those beside them.
constexpr std::int64_t most_words(std::int64_t tensors) { return tensors > 1 ? 72 : 80; }
constexpr std::int64_t other_registers(std::int64_t tensors) { return tensors > 1 ? 44 : 28; }

std::int64_t power_of_two_from(std::int64_t n) {
    std::int64_t power = 1;
    while (power < n) power *= 2;
    return power;
}

void bind_loop(Schedule& schedule, const std::string& loop, const char* axis) {
    schedule.add("bind", {{"", loop}, {"", std::string(axis)}});
}

// How a row is divided: `vector` neighbours at a time, `threads` of `blocks` blocks take turns.
struct RowPlan {
    std::int64_t length = 1, vector = 1, threads = 1, blocks = 1;
    int bytes = 4;         ///< of an element
    bool fixed = true;     ///< the length is known when code is made
    bool aligned = false;  ///< vectors lie at multiples of their length in memory, though rows start elsewhere
    std::int64_t vectors() const { return (length + (aligned ? 2 * vector - 2 : 0)) / vector; }
    std::int64_t steps() const { return (vectors() + threads * blocks - 1) / (threads * blocks); }
    std::int64_t held() const { return steps() * vector; }
    /// Registers that hold as much of one tensor; narrow elements are packed.
    std::int64_t words() const { return bytes >= 4 ? held() * (bytes / 4) : (held() * bytes + 3) / 4; }
    /// Blocks of a multiprocessor whose threads hold as much of so many tensors, and compute with it.
    std::int64_t occupancy(std::int64_t tensors) const {
        const std::int64_t registers = (words() * tensors + other_registers(tensors) + 7) / 8 * 8;
        return std::clamp<std::int64_t>(registers_in_all / (threads * registers), 1,
                                        std::min(most_resident_blocks, most_resident_threads / threads));
    }
};

// Elements of each of `tensors` that a thread of so many can hold beside what it computes.
std::int64_t most_held(std::int64_t threads, std::int64_t tensors) {
    return std::max<std::int64_t>(8, (threads > 512 ? 40 : tensors > 1 ? 96 : most_unrolled) / tensors);
}

// Lanes of a warp for short rows, a vector or a few each; then a block; where clusters are to be had, several blocks
// rather than a large one.
RowPlan plan_row(std::int64_t length, bool fixed, int bytes, bool may_align, bool clusters, std::int64_t tensors) {
    RowPlan plan;
    plan.length = length;
    plan.fixed = fixed;
    plan.bytes = bytes;
    plan.threads = threads_of_a_row;
    if (!fixed) return plan;
    plan.vector = vector_length(length, bytes);
    while (plan.vector > 1 && length / plan.vector < 2) plan.vector /= 2;
    const std::int64_t widest = 16 / bytes;
    if (may_align && plan.vector < widest && length >= vectors_worth_aligning * widest) {
        plan.vector = widest;
        plan.aligned = true;
    }
    // No more threads than vectors: a loop has no more iterations than there are.
    const std::int64_t vectors = plan.vectors();
    const bool few = vectors <= 32 && power_of_two_from(vectors) == vectors;
    plan.threads = std::min(power_of_two_from(few ? vectors : (vectors + 1) / 2), threads_of_a_row);
    if (plan.held() <= most_held(plan.threads, tensors)) return plan;
    // Small blocks, of which a multiprocessor has several: some load while others compute.
    RowPlan cluster = plan;
    for (const std::int64_t threads : {threads_of_a_row / 2, threads_of_a_row, 2 * threads_of_a_row}) {
        cluster.threads = threads;
        for (cluster.blocks = 2; clusters && cluster.blocks <= most_cluster_blocks; ++cluster.blocks)
            if (cluster.words() * tensors <= most_words(tensors)) return cluster;
    }
    while (plan.threads < most_threads && plan.held() > most_held(plan.threads, tensors)) plan.threads *= 2;
    return plan;
}

bool fits_registers(const RowPlan& plan, std::int64_t tensors) {
    if (plan.blocks > 1) return plan.words() * tensors <= most_words(tensors);
    return plan.held() <= most_held(plan.threads, tensors);
}

// The elements of a row are those of the variables that are not its position.
struct Row {
    DefinitionFacts facts;
    std::vector<Symbol> position, along;

    std::int64_t length() const {
        std::int64_t product = 1;
        for (const Symbol& s : along) product *= std::max<std::int64_t>(1, facts.of(s).extent);
        return product;
    }
    bool fixed() const {
        return std::all_of(along.begin(), along.end(), [&](const Symbol& s) { return facts.of(s).is_static; });
    }
};

// Widest element that is moved along the row.
int bytes_moved(const Row& row) {
    int bytes = 1;
    const Definition& definition = *row.facts.definition;
    for (const ReadFacts& read : row.facts.reads)
        if (!row.along.empty() && read.uses(row.along.back())) bytes = std::max(bytes, bytes_of(read.tensor.type()));
    if (definition.op == UpdateOp::assign) bytes = std::max(bytes, bytes_of(definition.target(0).type()));
    return bytes;
}

// Rows of a reduction: its free variables say which. Rows of another stage: those that its reductions are read at.
Row row_of(const Definition& definition, const std::vector<const StageNest*>& members) {
    Row row;
    row.facts = facts_of(definition);
    const bool reduces = definition.op != UpdateOp::assign;
    for (const VariableFacts& v : row.facts.variables) {
        bool position = reduces && !v.reduced;
        for (const ReadFacts& read : row.facts.reads)
            for (const StageNest* member : members)
                for (const AnyTensor& target : member->stage.targets)
                    if (!reduces && read.tensor == target && read.uses(v.symbol)) position = true;
        (position ? row.position : row.along).push_back(v.symbol);
    }
    return row;
}

// A tensor that the stage steps through along the row, element by element; empty: there is none.
std::string stepped_through(const Row& row) {
    if (row.along.size() != 1) return "";
    for (const ReadFacts& read : row.facts.reads)
        if (read.unit_stride(row.along[0]) && !read.leaves_along(row.along[0]) && !read.tensor.shape().empty())
            return read.tensor.name();
    return "";
}

// The loops along the row; the last two may be missing.
struct RowLoops {
    std::string steps, thread, block, vector;
};

RowLoops divide(NestWriter& writer, const Row& row, const RowPlan& plan) {
    LoopNames names;
    for (const Symbol& s : row.along) names.push_back(row.facts.of(s).name);
    RowLoops loops;
    std::string loop = writer.fuse(names);
    if (plan.aligned)
        writer.schedule().add("align", {{"", loop}, {"", stepped_through(row)}, {"", std::int64_t{plan.vector}}});
    if (plan.vector > 1) std::tie(loop, loops.vector) = writer.split(loop, plan.vector);
    std::tie(loops.steps, loops.thread) = writer.split(loop, plan.threads);
    if (plan.blocks > 1) std::tie(loops.steps, loops.block) = writer.split(loops.steps, plan.blocks);
    return loops;
}

// What decorates them: the threads, and lines of code where a row is short enough to stay in registers.
void decorate(Schedule& schedule, const RowLoops& loops, const RowPlan& plan, bool reduces) {
    bind_loop(schedule, loops.thread, "thread_x");
    if (plan.blocks > 1) bind_loop(schedule, loops.block, "cluster");
    const bool few =
        plan.blocks > 1 ? plan.steps() <= most_unrolled && fits_registers(plan, 1) : plan.held() <= most_unrolled;
    if (plan.fixed && plan.steps() > 1 && few) schedule.unroll(loops.steps);
    if (!loops.vector.empty()) reduces ? schedule.unroll(loops.vector) : schedule.vectorize(loops.vector);
    const char* group = plan.blocks > 1 ? "cluster" : plan.threads <= 32 ? "warps" : "threads";
    if (reduces) schedule.add("reduce_across", {{"", std::string(group)}});
}

// What the stage reads at one place along its rows, and a reduction of them, too: kept in registers it is read once.
std::vector<AnyTensor> read_again(const Row& row, const std::vector<const StageNest*>& members) {
    std::vector<AnyTensor> tensors;
    for (const ReadFacts& read : row.facts.reads) {
        const auto same = [&](const ReadFacts& other) { return other.tensor == read.tensor; };
        if (row.along.empty() || !read.uses(row.along.back()) ||
            std::count_if(row.facts.reads.begin(), row.facts.reads.end(), same) != 1)
            continue;
        const bool again = std::any_of(members.begin(), members.end(), [&](const StageNest* member) {
            const DefinitionFacts facts = facts_of(*member->stage.definition);
            return facts.definition->op != UpdateOp::assign &&
                   std::any_of(facts.reads.begin(), facts.reads.end(), same);
        });
        if (again) tensors.push_back(read.tensor);
    }
    return tensors;
}

LoopNames plain_order(const Row& row) {
    LoopNames order;
    for (const Symbol& s : row.position) order.push_back(row.facts.of(s).name);
    for (const Symbol& s : row.along) order.push_back(row.facts.of(s).name);
    return order;
}

// One loop for the rows, from the last of their variables that has a run-time size on; those outside of it have a grid
// axis of their own where they fit.
std::string fuse_positions(NestWriter& writer, const Row& row) {
    LoopNames outer, inner;
    std::int64_t rows = 1;
    for (const Symbol& s : row.position) {
        const VariableFacts& v = row.facts.of(s);
        if (!v.is_static && !inner.empty()) {
            outer.insert(outer.end(), inner.begin(), inner.end());
            inner.clear();
        }
        inner.push_back(v.name);
    }
    bool fits = !outer.empty();
    for (std::size_t i = 0; i < outer.size(); ++i) {
        const VariableFacts& v = row.facts.of(row.position[i]);
        fits = fits && v.is_static && (rows *= std::max<std::int64_t>(1, v.extent)) <= 65535;
    }
    if (fits) bind_loop(writer.schedule(), writer.fuse(outer), "block_y");
    return writer.fuse(inner);
}

// A run-time size further in would have to be divided by.
bool divides_by_sizes(const Row& row) {
    for (std::size_t i = 1; i < row.along.size(); ++i)
        if (!row.facts.of(row.along[i]).is_static) return true;
    return false;
}

// What was chosen beside what the plan says; the plan's own where nothing was. False where they do not go together.
bool take(RowChoice& choice, RowPlan& plan, const Target& target, bool clusters, std::int64_t tensors) {
    const auto either = [](std::int64_t& chosen, std::int64_t& planned) {
        if (chosen > 0) planned = chosen;
        chosen = planned;
    };
    const RowPlan own = plan;
    either(choice.vector, plan.vector);
    either(choice.threads, plan.threads);
    either(choice.blocks, plan.blocks);
    std::int64_t rows = plan.threads < threads_of_a_block ? threads_of_a_block / plan.threads : 1;
    either(choice.rows, rows);
    if (plan.threads * rows > most_threads || plan.blocks > most_cluster_blocks) return false;
    if (plan.vector == own.vector && plan.threads == own.threads && plan.blocks == own.blocks) return true;
    if (!plan.fixed) return plan.vector == own.vector && plan.blocks == 1;
    if (plan.vector != own.vector) {
        plan.aligned = false;
        if (plan.length % plan.vector != 0) return false;
    }
    if (plan.blocks > 1 && (target.compute_capability < 90 || !clusters || rows > 1)) return false;
    // No more threads than vectors, and no more registers than there are.
    const std::int64_t vectors = plan.vectors();
    if (plan.threads * plan.blocks > vectors || (plan.threads <= 32 && 32 % plan.threads != 0)) return false;
    return !choice.hold || fits_registers(plan, tensors);
}

}  // namespace

bool rows_cuda_stage(const StageNest& stage, const std::vector<const StageNest*>& members, const Target& target,
                     RowChoice& choice, Schedule& schedule) {
    const Definition& definition = *stage.stage.definition;
    const bool reduces = definition.op != UpdateOp::assign;
    const Row row = row_of(definition, members);
    if (row.along.empty() || divides_by_sizes(row) || !has_bare_left(definition) || row.facts.data_dependent)
        return false;
    const std::int64_t length = row.length();
    const bool fixed = row.fixed();
    int bytes = bytes_moved(row);
    bool may_align = !stepped_through(row).empty();
    for (const StageNest* member : members) {
        if (member->stage.definition->op == UpdateOp::assign) continue;
        const Row other = row_of(*member->stage.definition, {});
        if (other.along.empty() || divides_by_sizes(other) || other.length() != length || other.fixed() != fixed)
            return false;
        bytes = std::max(bytes, bytes_moved(other));
        may_align = may_align && !stepped_through(other).empty();
    }
    if (length < 2) return false;
    const std::vector<AnyTensor> held = choice.hold ? read_again(row, members) : std::vector<AnyTensor>();
    const auto tensors = std::max<std::int64_t>(1, static_cast<std::int64_t>(held.size()));
    // What is read once needs no cluster to hold it.
    RowPlan plan =
        plan_row(length, fixed, bytes, may_align, target.compute_capability >= 90 && !members.empty(), tensors);
    if (!take(choice, plan, target, !members.empty(), tensors)) return false;
    const bool in_registers = plan.fixed && fits_registers(plan, tensors);

    schedule.stage(stage.stage.name());
    NestWriter writer(schedule, row.facts);
    writer.reorder(plain_order(row));
    std::string at;
    LoopNames outer;
    const std::int64_t rows = choice.rows;
    if (!row.position.empty()) {
        at = fuse_positions(writer, row);
        outer = {at};
        if (rows > 1) {
            const auto [blocks, inside] = writer.split(at, rows);
            outer = {blocks, inside};
            at = inside;
        }
    }
    const RowLoops loops = divide(writer, row, plan);
    if (!outer.empty()) bind_loop(schedule, outer[0], "block_x");
    if (outer.size() > 1) bind_loop(schedule, outer[1], "thread_y");
    decorate(schedule, loops, plan, reduces);
    if (members.empty()) {
        std::int64_t blocks = 1;
        for (const Symbol& s : row.position) blocks *= row.facts.of(s).extent;
        const bool rolled = plan.fixed && plan.held() > most_unrolled;
        if (reduces && rolled)
            divide_over_blocks(definition, loops.steps, plan.steps(), blocks / rows, blocks_wanted, schedule);
        return true;
    }
    if (at.empty()) return false;
    if (in_registers)
        for (const AnyTensor& tensor : held) schedule.cache_in(tensor, "registers", at, "loop_coordinates");
    if (in_registers && plan.blocks > 1 && !held.empty()) schedule.add("occupancy", {{"", plan.occupancy(tensors)}});
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
        const Definition& other = *(*member)->stage.definition;
        schedule.stage((*member)->stage.name());
        schedule.add("compute_at", {{"", stage.stage.name()}, {"", at}});
        if (other.op == UpdateOp::assign) continue;
        const Row reduced = row_of(other, {});
        NestWriter inner(schedule, reduced.facts);
        inner.reorder(plain_order(reduced));
        decorate(schedule, divide(inner, reduced, plan), plan, true);
    }
    return true;
}

CudaForms rows_cuda_forms(const StageNest& stage, const std::vector<const StageNest*>& members, const Target& target,
                          bool all) {
    CudaForms forms;
    const auto add = [&](RowChoice choice, bool by_default) {
        Schedule written;
        if (!rows_cuda_stage(stage, members, target, choice, written)) return;
        CudaForm form;
        form.choices = {{"row in", choice.hold ? "registers" : "memory"},
                        {"vector", std::to_string(choice.vector)},
                        {"threads", std::to_string(choice.threads)},
                        {"blocks of a row", std::to_string(choice.blocks)},
                        {"rows of a block", std::to_string(choice.rows)}};
        if (std::any_of(forms.begin(), forms.end(), [&](const CudaForm& each) { return each.choices == form.choices; }))
            return;
        form.write = [&stage, members, target, choice](Schedule& schedule) {
            RowChoice again = choice;
            rows_cuda_stage(stage, members, target, again, schedule);
        };
        form.by_default = by_default;
        forms.push_back(std::move(form));
    };
    add({.hold = true}, true);
    add({.hold = false}, true);
    if (!all || forms.empty()) return forms;
    for (const bool hold : {true, false})
        for (const std::int64_t vector : {8, 4, 2, 1})
            for (std::int64_t threads = 1; threads <= most_threads; threads *= 2)
                for (const std::int64_t blocks : {1, 2, 3, 4, 5, 6, 8})
                    for (const std::int64_t rows : {1, 2, 4, 8, 16})
                        if (threads * rows <= 512 || rows == 1)
                            add({.vector = vector, .threads = threads, .blocks = blocks, .rows = rows, .hold = hold},
                                false);
    return forms;
}

}  // namespace heddle

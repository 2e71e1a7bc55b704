// schedules/space_tiles.cpp -- chains of stencils, and how large the tiles are that they are computed in.
//
//     parallel outer dimensions | i.o | j.o
//         each stage before the last: the rows and columns of it that the tile needs, in vectors along j
//         rows of the tile: vectors along j, of some rows together, which share what they read of the rows between
#include "schedules/space_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "dsl/visit.h"
#include "schedules/definition_facts.h"
#include "schedules/loop_nest.h"
#include "schedules/nest_writer.h"
#include "schedules/place_stages.h"
#include "schedules/target.h"

namespace heddle {
namespace {

constexpr std::size_t longest_chain = 8;                 ///< past it the rims of tiles cost more than memory does
constexpr double cached_bytes = 4 << 20;                 ///< intermediates of less stay in a cache by themselves
constexpr double tile_bytes = 640 << 10;                 ///< of all tiles together, in a core's own cache
constexpr double easy_bytes = 320 << 10;                 ///< the same, beside the rows that pass through that cache
constexpr double tight = 1.06;                           ///< time of tiles of more, over that of less
constexpr std::int64_t tile_rows[] = {16, 32, 64, 128};  ///< that are offered
constexpr std::int64_t tile_columns[] = {1024, 512, 256, 128};
constexpr double row_start = 16;  ///< columns that the start of a row costs as much as
constexpr int rows_together = 4;

/// How far the indices of a read lie before and behind the point, in the last two dimensions together.
struct Reach {
    std::int64_t rows = 0, columns = 0;
};

bool reads(const PipelineStage& stage, const AnyTensor& tensor) {
    return std::any_of(stage.definition->right.begin(), stage.definition->right.end(), [&](const Expr& e) {
        bool found = false;
        for_each_node(e, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            found = found || (read && read->tensor == tensor.node());
        });
        return found;
    });
}

/// What a stencil reads of `tensor` around each of its points; nothing where it reads otherwise.
std::optional<Reach> reach_of(const PipelineStage& stage, const AnyTensor& tensor) {
    const DefinitionFacts facts = facts_of(*stage.definition);
    const std::vector<Symbol> free = facts.free_variables();
    Reach reach;
    for (const ReadFacts& read : facts.reads) {
        if (read.tensor != tensor) continue;
        const BoundaryMode mode = read.boundary.mode;
        if (mode != BoundaryMode::none && mode != BoundaryMode::zero && mode != BoundaryMode::replicate) return {};
        if (read.indices.size() != free.size()) return {};
        std::int64_t low[2] = {0, 0};
        for (std::size_t d = 0; d < free.size(); ++d) {
            const std::optional<Affine>& index = read.indices[d];
            if (!index || index->terms.size() != 1 || index->coefficient(free[d]) != 1) return {};
            if (d + 2 < free.size() && index->constant != 0) return {};
            if (d + 2 >= free.size()) low[d + 2 - free.size()] = std::abs(index->constant);
        }
        reach.rows = std::max(reach.rows, low[0]);
        reach.columns = std::max(reach.columns, low[1]);
    }
    return reach;
}

/// An `=` over bare variables, each a dimension of known size, the last along the rows of memory.
bool is_image_stencil(const PipelineStage& stage) {
    const Definition& definition = *stage.definition;
    if (definition.op != UpdateOp::assign || stage.targets.size() != 1 || stage.index != 0) return false;
    if (stage.targets[0].node()->definitions.size() != 1 || definition.left.size() < 2 || !has_bare_left(definition))
        return false;
    const DefinitionFacts facts = facts_of(definition);
    return !facts.data_dependent && std::all_of(facts.variables.begin(), facts.variables.end(),
                                                [](const auto& v) { return v.is_static && !v.reduced; });
}

double bytes_of_image(const PipelineStage& stage) {
    double bytes = bytes_of(stage.targets[0].type());
    for (const VariableFacts& v : facts_of(*stage.definition).variables) bytes *= static_cast<double>(v.extent);
    return bytes;
}

class Finder {
public:
    Finder(const Pipeline& pipeline, const Target& target) : pipeline_(pipeline), target_(target) {}

    std::vector<StencilChain> run() {
        std::vector<StencilChain> chains;
        for (auto stage = pipeline_.stages.rbegin(); stage != pipeline_.stages.rend(); ++stage) {
            if (taken_.count(stage->name()) || !is_image_stencil(*stage)) continue;
            if (may_inline(pipeline_, *stage)) continue;
            std::vector<const PipelineStage*> chain = before(*stage);
            if (chain.size() < 2) continue;
            StencilChain found = chain_of(chain);
            if (found.space.knobs.empty()) continue;  // images smaller than a tile
            for (const PipelineStage* part : chain) taken_.insert(part->name());
            chains.push_back(std::move(found));
        }
        return chains;
    }

private:
    /// The stage, and before it those that only stages of the chain read.
    std::vector<const PipelineStage*> before(const PipelineStage& last) const {
        std::vector<const PipelineStage*> chain = {&last};
        const std::size_t rank = last.definition->left.size();
        for (auto stage = pipeline_.stages.rbegin(); stage != pipeline_.stages.rend(); ++stage) {
            if (&*stage == &last || chain.size() == longest_chain) continue;
            if (taken_.count(stage->name()) || !is_image_stencil(*stage) || may_inline(pipeline_, *stage)) continue;
            if (stage->definition->left.size() != rank || bytes_of_image(*stage) < cached_bytes) continue;
            const AnyTensor& tensor = stage->targets[0];
            if (std::count(pipeline_.outputs.begin(), pipeline_.outputs.end(), tensor)) continue;
            bool inside = true, read = false;
            for (const PipelineStage& reader : pipeline_.stages) {
                if (!reads(reader, tensor)) continue;
                read = true;
                inside = inside && reach_of(reader, tensor) && std::count(chain.begin(), chain.end(), &reader);
            }
            if (inside && read) chain.push_back(&*stage);
        }
        std::reverse(chain.begin(), chain.end());
        return chain;
    }

    /// Rows and columns that each stage has beyond the last one's tile, from its last readers to its first producers.
    static std::vector<Reach> rims(const std::vector<const PipelineStage*>& chain) {
        std::vector<Reach> rims(chain.size());
        for (std::size_t i = chain.size() - 1; i-- > 0;)
            for (std::size_t r = i + 1; r < chain.size(); ++r) {
                const std::optional<Reach> reach = reach_of(*chain[r], chain[i]->targets[0]);
                if (!reach || !reads(*chain[r], chain[i]->targets[0])) continue;
                rims[i].rows = std::max(rims[i].rows, rims[r].rows + reach->rows);
                rims[i].columns = std::max(rims[i].columns, rims[r].columns + reach->columns);
            }
        return rims;
    }

    StencilChain chain_of(const std::vector<const PipelineStage*>& chain) const {
        StencilChain result;
        for (const PipelineStage* stage : chain) result.stages.push_back(stage->name());
        const std::vector<Reach> rims = Finder::rims(chain);
        const auto facts = std::make_shared<std::vector<DefinitionFacts>>();
        for (const PipelineStage* stage : chain) facts->push_back(facts_of(*stage->definition));
        const int lanes = std::max(1, target_.vector_lanes() * 4 / std::max(4, facts->back().widest_bytes()));

        const std::vector<Symbol> free = facts->back().free_variables();
        const std::int64_t height = facts->back().of(free.end()[-2]).extent,
                           width = facts->back().of(free.back()).extent;
        std::vector<std::string> choices;
        std::string best;
        double least = std::numeric_limits<double>::infinity();
        for (const std::int64_t rows : tile_rows)
            for (const std::int64_t columns : tile_columns) {
                if (rows > height || columns > width) continue;
                double work = 0, bytes = 0;
                for (std::size_t i = 0; i < chain.size(); ++i) {
                    const auto tall = static_cast<double>(rows + 2 * rims[i].rows);
                    const auto vectors = std::ceil(static_cast<double>(columns + 2 * rims[i].columns) / lanes);
                    work += tall * vectors * lanes;
                    if (i + 1 < chain.size()) bytes += tall * vectors * lanes * bytes_of(chain[i]->targets[0].type());
                }
                choices.push_back(fmt::format("{}x{}", rows, columns));
                const double starts = 1 + row_start / static_cast<double>(columns);
                const double cost =
                    starts * work / static_cast<double>(rows * columns) * (bytes > easy_bytes ? tight : 1) +
                    (bytes > tile_bytes ? 100 : 0);
                if (cost >= least) continue;
                least = cost;
                best = choices.back();
            }
        const std::vector<std::string> names = result.stages;
        result.space = serial_space();
        result.space.legal = [](const Choices&) { return true; };
        result.space.emit = [names, facts, lanes](const Choices& choice, Schedule& schedule) {
            const std::string tile = choice.text("tile");
            write(names, *facts, lanes, std::stoll(tile), std::stoll(tile.substr(tile.find('x') + 1)),
                  choice.number("rows together", 1), schedule);
            if (choice.is("streaming stores", "on")) schedule.stage(names.back()).add("streaming_stores", {});
        };
        if (choices.empty()) return result;
        result.space.add("tile", choices, best);
        const bool shared_rows = std::any_of(chain.begin(), chain.end() - 1, [&](const PipelineStage* stage) {
            const std::optional<Reach> reach = reach_of(*chain.back(), stage->targets[0]);
            return reach && reach->rows > 0;
        });
        result.space.add("rows together", {"1", "2", std::to_string(rows_together)},
                         shared_rows ? std::to_string(rows_together) : "1");
        result.space.add("streaming stores", {"off", "on"}, "off");
        return result;
    }

    static void write(const std::vector<std::string>& names, const std::vector<DefinitionFacts>& facts, int lanes,
                      std::int64_t rows, std::int64_t columns, int together, Schedule& schedule) {
        const DefinitionFacts& last = facts.back();
        schedule.stage(names.back());
        NestWriter writer(schedule, last);
        const std::vector<Symbol> free = last.free_variables();
        LoopNames outer;
        for (std::size_t d = 0; d + 2 < free.size(); ++d) outer.push_back(last.of(free[d]).name);
        const auto [down, row] = writer.split(last.of(free.end()[-2]).name, rows);
        const auto [across, column] = writer.split(last.of(free.back()).name, columns);
        const auto [vectors, vector] = writer.split(column, lanes);
        LoopNames order = outer;
        std::string beside;
        order.insert(order.end(), {down, across});
        if (together > 1) {
            const auto [groups, several] = writer.split(row, together);
            beside = several;
            order.insert(order.end(), {groups, vectors, several, vector});
        } else {
            order.insert(order.end(), {row, vectors, vector});
        }
        writer.reorder(order);
        const bool images = !outer.empty() && last.of(free[0]).extent > 1;
        writer.parallel(images ? outer : LoopNames{down});
        if (!beside.empty()) schedule.unroll(beside);
        schedule.vectorize(vector);
        schedule.partition(down);
        schedule.partition(across);
        const std::string at = across;
        for (std::size_t i = names.size() - 1; i-- > 0;) {
            schedule.stage(names[i]);
            schedule.add("compute_at", {{"", names.back()}, {"", at}});
        }
        for (std::size_t i = names.size() - 1; i-- > 0;) {
            schedule.stage(names[i]);
            NestWriter inner(schedule, facts[i]);
            const auto [steps, step] = inner.split(facts[i].of(facts[i].free_variables().back()).name, lanes);
            schedule.vectorize(step);
            schedule.partition(steps);
        }
    }

    const Pipeline& pipeline_;
    const Target& target_;
    std::set<std::string> taken_;
};

}  // namespace

std::vector<StencilChain> stencil_chains(const Pipeline& pipeline, const Target& target) {
    return Finder(pipeline, target).run();
}

}  // namespace heddle

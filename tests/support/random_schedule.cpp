// tests/support/random_schedule.cpp -- directives with random arguments, kept when they are legal.
#include "tests/support/random_schedule.h"

#include <algorithm>

#include "dsl/visit.h"
#include "schedules/directive.h"
#include "schedules/loop_nest.h"
#include "schedules/tuning_space.h"

namespace heddle::test {
namespace {

class Generator {
public:
    Generator(const Pipeline& pipeline, const Target& target, std::uint64_t& state)
        : pipeline_(pipeline), target_(target), state_(state) {}

    Schedule run(int tries) {
        LoopNest nest = plain_nest(pipeline_, target_);
        Schedule kept, legal;
        for (int i = 0; i < tries; ++i) {
            const StageNest& stage = nest.stages[random_below(state_, static_cast<std::int64_t>(nest.stages.size()))];
            Schedule next = kept;
            next.stage(stage.stage.name());
            add_directive(next, nest, stage);
            LoopNest changed;
            const auto refusal = apply(next, pipeline_, target_, changed);
            // A nest that is illegal as a whole may become legal by the directives that follow.
            const bool unfinished = refusal && refusal->directive >= next.directives().size();
            if (refusal && !(unfinished && below(3) == 0)) continue;
            kept = next;
            if (!refusal) {
                legal = next;
                nest = changed;
            } else {
                apply_unchecked(next, nest);
            }
        }
        return legal;
    }

private:
    std::int64_t below(std::int64_t limit) { return random_below(state_, limit); }
    template <class T>
    const T& any(const std::vector<T>& list) {
        return list[below(static_cast<std::int64_t>(list.size()))];
    }
    static Argument word(std::string text, std::string key = "") { return {std::move(key), std::move(text)}; }
    static Argument integer(std::int64_t value) { return {"", value}; }

    // The nest with all directives, whatever the checks on the whole say.
    void apply_unchecked(const Schedule& schedule, LoopNest& nest) {
        nest = plain_nest(pipeline_, target_);
        for (const Directive& directive : schedule.directives())
            find_directive(directive.name)->apply(nest, *nest.find(directive.stage), directive.arguments);
    }

    std::string loop(const StageNest& stage) { return stage.loops.empty() ? "none" : any(stage.loops).name(); }
    std::string loop_or_root(const StageNest& stage) { return below(5) == 0 ? "root" : loop(stage); }
    std::string tensor_read(const StageNest& stage) {
        std::vector<std::string> names;
        for (const Expr& e : stage.stage.definition->right)
            for_each_node(e, [&](const Expr& node) {
                if (const auto* read = node.as<Read>()) names.push_back(read->tensor->name);
            });
        return names.empty() ? "none" : any(names);
    }
    std::vector<Argument> some_loops(const StageNest& stage, bool all) {
        std::vector<Argument> names;
        for (const Loop& l : stage.loops)
            if (all || below(2) == 0) names.push_back(word(l.name()));
        for (std::size_t i = names.size(); i > 1; --i)
            std::swap(names[i - 1], names[below(static_cast<std::int64_t>(i))]);
        return names;
    }

    void add_directive(Schedule& schedule, const LoopNest& nest, const StageNest& stage) {
        const std::vector<int> factors = {1, 2, 3, 4, 5, 7, 8, 16};
        if (target_.kind == TargetKind::cuda && below(3) == 0) return add_mapping(schedule, stage);
        switch (below(20)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                const char* tails[] = {"guard", "guard", "peel", "shrink"};
                schedule.split(loop(stage), any(factors), tails[below(4)]);
                return;
            }
            case 4:
            case 5:
                schedule.add("reorder", some_loops(stage, below(2) == 0));
                return;
            case 6: {
                if (stage.loops.size() < 2) return schedule.add("unroll", {word(loop(stage))}), void();
                const std::int64_t first = below(static_cast<std::int64_t>(stage.loops.size()) - 1);
                const std::int64_t count = 2 + below(static_cast<std::int64_t>(stage.loops.size()) - first - 1);
                std::vector<Argument> names;
                for (std::int64_t i = first; i < first + count; ++i) names.push_back(word(stage.loops[i].name()));
                schedule.add("fuse", {{"", names}, word("m" + std::to_string(below(1000)))});
                return;
            }
            case 7:
                schedule.add("unroll", {word(loop(stage))});
                return;
            case 8:
                schedule.add("unroll", {word(loop(stage)), integer(2 + below(3))});
                return;
            case 9:
            case 10:
                schedule.vectorize(stage.loops.empty() ? "none" : stage.loops.back().name());
                return;
            case 11:
                schedule.parallel(loop(stage));
                return;
            case 12:
                schedule.partition(loop(stage));
                return;
            case 13:
                schedule.clip(loop(stage));
                return;
            case 14: {
                const char* memories[] = {"registers", "stack", "heap"};
                schedule.accumulate_in(memories[below(3)], loop_or_root(stage));
                return;
            }
            case 15: {
                const char* memories[] = {"stack", "heap"};
                const char* shapes[] = {"footprint", "loop_coordinates", "flat_span"};
                schedule.add("cache_in", {word(tensor_read(stage)), word(memories[below(2)]), word(loop_or_root(stage)),
                                          word(shapes[below(3)])});
                return;
            }
            case 16:
                schedule.add("pack", {word(tensor_read(stage)), {"", pack_order(nest, stage)}});
                return;
            case 17:
                schedule.tensorize("fma");
                return;
            case 18:
                schedule.add("streaming_stores", {});
                return;
            default:
                if (stage.stage.definition->op != UpdateOp::assign && below(2) == 0)
                    schedule.add(below(2) ? "atomic" : "sort_points", {});
                else
                    place(schedule, nest, stage);
        }
    }

    // What only a device has.
    void add_mapping(Schedule& schedule, const StageNest& stage) {
        switch (below(8)) {
            case 0:
                schedule.add("split_reduction", {integer(2 + below(4))});
                return;
            case 1: {
                const char* groups[] = {"threads", "warps", "blocks"};
                schedule.add("reduce_across", {word(groups[below(3)])});
                return;
            }
            case 2:
                schedule.add("cache_in", {word(tensor_read(stage)), word("registers"), word(loop_or_root(stage))});
                return;
            case 3:
            case 4: {  // a reduced loop over threads is refused until it is combined: both at once
                const char* axes[] = {"thread_x", "thread_x", "thread_y", "thread_z"};
                schedule.add("bind", {word(loop(stage)), word(axes[below(4)])});
                schedule.add("reduce_across", {word(below(3) ? "threads" : "warps")});
                return;
            }
            default: {
                const char* axes[] = {"block_x", "block_y", "block_z", "thread_x", "thread_y", "thread_z"};
                schedule.add("bind", {word(loop(stage)), word(axes[below(6)])});
            }
        }
    }

    std::vector<Argument> pack_order(const LoopNest&, const StageNest& stage) {
        const std::string name = tensor_read(stage);
        std::vector<Argument> order;
        for (const Expr& right : stage.stage.definition->right)
            for_each_node(right, [&](const Expr& node) {
                const auto* read = node.as<Read>();
                if (!read || read->tensor->name != name) return;
                for (const Loop& l : stage.loops)
                    for (const Expr& index : read->indices) {
                        Substitution values(stage.index.begin(), stage.index.end());
                        const bool depends = uses(substitute(index, values), l.var);
                        const auto known = [&](const Argument& a) {
                            return std::get<std::string>(a.value) == l.name();
                        };
                        if (depends && std::none_of(order.begin(), order.end(), known)) order.push_back(word(l.name()));
                    }
            });
        return order;
    }

    void place(Schedule& schedule, const LoopNest& nest, const StageNest& stage) {
        switch (below(4)) {
            case 0:
                schedule.compute_inline();
                return;
            case 1:
                schedule.fuse_epilogue();
                return;
            default: {
                const StageNest& consumer = nest.stages[below(static_cast<std::int64_t>(nest.stages.size()))];
                schedule.add("compute_at", {word(consumer.stage.name()), word(loop(consumer))});
                (void)stage;
            }
        }
    }

    const Pipeline& pipeline_;
    const Target& target_;
    std::uint64_t& state_;
};

}  // namespace

std::int64_t random_below(std::uint64_t& state, std::int64_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(limit));
}

Schedule random_schedule(const Pipeline& pipeline, const Target& target, std::uint64_t& state, int tries) {
    return Generator(pipeline, target, state).run(tries);
}

Schedule sampled_schedule(const Pipeline& pipeline, const Target& target, std::uint64_t& state) {
    const TuningSpace space = tuning_space(pipeline, target);
    return space.schedule(space.sample(state));
}

}  // namespace heddle::test

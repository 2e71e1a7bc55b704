// tests/fuzz/shrink.cpp -- steps to smaller cases.
#include "tests/fuzz/shrink.h"

#include <algorithm>

namespace heddle::fuzz {
namespace {

/// The directives of a schedule but one.
Schedule without(const Schedule& schedule, std::size_t left_out) {
    Schedule rest;
    for (std::size_t i = 0; i < schedule.directives().size(); ++i) {
        if (i == left_out) continue;
        const Directive& directive = schedule.directives()[i];
        rest.stage(directive.stage);
        rest.add(directive.name, directive.arguments);
    }
    return rest;
}

class Steps {
public:
    explicit Steps(const Case& subject) : subject_(subject) {}

    std::vector<Case> all() {
        const auto directives = subject_.schedule.directives().size();
        for (std::size_t i = 0; i < directives; ++i) {
            Case next = subject_;
            next.schedule = without(subject_.schedule, i);
            if (!next.schedule.empty() || directives == 1) found_.push_back(std::move(next));
        }
        for (std::size_t s = subject_.draft.stages.size(); s-- > 0;) {
            edit([&](Draft& draft) { remove_stage(draft, s); }, subject_.draft.stages.size() > 1);
            if (s > 0) edit([&](Draft& draft) { draft.stages.resize(s); });
            stage(s);
        }
        for (std::size_t t = 0; t < subject_.draft.tensors.size(); ++t) {
            for (std::size_t d = 0; d < subject_.draft.tensors[t].shape.size(); ++d)
                for (const std::int64_t size : less(subject_.draft.tensors[t].shape[d]))
                    edit([&](Draft& draft) { draft.tensors[t].shape[d] = size; });
            const ScalarType type = subject_.draft.tensors[t].type;
            const ScalarType plain = is_integer(type) ? i32 : f32;
            if (type != plain && subject_.check != Check::gradient)
                edit([&](Draft& draft) { draft.tensors[t].type = plain; });
        }
        for (Case& next : found_) drop_unused(next.draft);
        return std::move(found_);
    }

private:
    template <class Edit>
    void edit(const Edit& change, bool possible = true) {
        if (!possible) return;
        found_.push_back(subject_);
        change(found_.back().draft);
    }

    static std::vector<std::int64_t> less(std::int64_t size) {
        std::vector<std::int64_t> sizes;
        for (const std::int64_t one : {std::int64_t{1}, size / 2, size - 1})
            if (one >= 1 && one < size && std::count(sizes.begin(), sizes.end(), one) == 0) sizes.push_back(one);
        return sizes;
    }

    /// What read its target reads an input then.
    static void remove_stage(Draft& draft, std::size_t s) {
        draft.tensors[draft.stages[s].target].input = true;
        draft.stages.erase(draft.stages.begin() + static_cast<std::ptrdiff_t>(s));
    }

    void stage(std::size_t s) {
        const Stage& whole = subject_.draft.stages[s];
        for (std::size_t v = 0; v < whole.variables.size(); ++v)
            for (const std::int64_t size : less(whole.variables[v].extent))
                edit([&](Draft& draft) { draft.stages[s].variables[v].extent = size; });
        for (std::size_t d = 0; d < whole.left.size(); ++d)
            index(whole.left[d], [s, d](Draft& draft) -> Index& { return draft.stages[s].left[d]; });
        std::vector<int> path;
        nodes(s, whole.value, path);
    }

    /// Each node of the value: gone in favour of a child or a number, or a read with simpler indices.
    void nodes(std::size_t s, const Node& node, std::vector<int>& path) {
        const auto at = [&, path](Draft& draft) -> Node& {
            Node* found = &draft.stages[s].value;
            for (const int child : path) found = &found->children[static_cast<std::size_t>(child)];
            return *found;
        };
        for (const Node& child : node.children) edit([&](Draft& draft) { at(draft) = Node(child); });
        if (node.is_read()) {
            edit([&](Draft& draft) {
                Node one;
                one.number = 1;
                at(draft) = one;
            });
            edit([&](Draft& draft) { at(draft).boundary.clear(); }, !node.boundary.empty());
            for (std::size_t d = 0; d < node.indices.size(); ++d)
                index(node.indices[d], [at, d](Draft& draft) -> Index& { return at(draft).indices[d]; });
        } else if (node.call.empty() && node.number != 1) {
            edit([&](Draft& draft) { at(draft).number = 1; });
        }
        for (std::size_t c = 0; c < node.children.size(); ++c) {
            path.push_back(static_cast<int>(c));
            nodes(s, node.children[c], path);
            path.pop_back();
        }
    }

    template <class At>
    void index(const Index& index, const At& at) {
        for (std::size_t i = 0; i < index.terms.size(); ++i) {
            edit([&](Draft& draft) {
                Index& changed = at(draft);
                changed.terms.erase(changed.terms.begin() + static_cast<std::ptrdiff_t>(i));
            });
            if (index.terms[i].factor != 1) edit([&](Draft& draft) { at(draft).terms[i].factor = 1; });
        }
        if (index.constant != 0) edit([&](Draft& draft) { at(draft).constant = 0; });
        if (index.divisor != 1) edit([&](Draft& draft) { at(draft).divisor = 1; });
        if (index.modulus != 1) edit([&](Draft& draft) { at(draft).modulus = 1; });
        if (index.data >= 0) edit([&](Draft& draft) { at(draft).data = -1; });
    }

    /// Tensors that nothing names any more.
    static void drop_unused(Draft& draft) {
        std::vector<int> uses(draft.tensors.size(), 0);
        for (Stage& stage : draft.stages) {
            ++uses[stage.target];
            for_each_tensor(stage, [&](int& tensor) { ++uses[tensor]; });
        }
        std::vector<int> place(draft.tensors.size(), -1);
        std::vector<DraftTensor> kept;
        for (std::size_t t = 0; t < uses.size(); ++t) {
            if (uses[t] == 0) continue;
            place[t] = static_cast<int>(kept.size());
            kept.push_back(draft.tensors[t]);
        }
        for (Stage& stage : draft.stages) {
            stage.target = place[stage.target];
            for_each_tensor(stage, [&](int& tensor) { tensor = place[tensor]; });
        }
        draft.tensors = std::move(kept);
    }

    template <class Do>
    static void for_each_tensor(Stage& stage, const Do& apply) {
        for_each_tensor(stage.value, apply);
    }
    template <class Do>
    static void for_each_tensor(Node& node, const Do& apply) {
        if (node.tensor >= 0) apply(node.tensor);
        for (Index& index : node.indices)
            if (index.data >= 0) apply(index.data);
        for (Node& child : node.children) for_each_tensor(child, apply);
    }

    const Case& subject_;
    std::vector<Case> found_;
};

}  // namespace

std::vector<Case> smaller(const Case& subject) { return Steps(subject).all(); }

Case shrink(Case subject, const std::function<bool(const Case&)>& fails, int tries) {
    for (bool shrunk = true; shrunk;) {
        shrunk = false;
        for (Case& next : smaller(subject)) {
            if (tries-- <= 0) return subject;
            if (!fails(next)) continue;
            subject = std::move(next);
            shrunk = true;
            break;
        }
    }
    return subject;
}

}  // namespace heddle::fuzz

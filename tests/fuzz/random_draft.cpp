// tests/fuzz/random_draft.cpp -- programs drawn at random.
#include "tests/fuzz/random_draft.h"

#include <algorithm>
#include <initializer_list>

#include "tests/support/random_schedule.h"

namespace heddle::fuzz {
namespace {

constexpr double largest_input = 3, largest_number = 3;
constexpr std::int64_t most_points = 20000, most_elements = 3000, most_input_elements = 20000;

/// Up to where every whole number has a place, and sums of them in any order are exact.
double exact_limit(ScalarType type) {
    if (type == f64 || type == i64) return 1e15;
    return type == i32 || !is_integer(type) ? 1 << 23 : 1 << 30;
}

class Generator {
public:
    Generator(std::uint64_t& state, bool in_double) : state_(state), in_double_(in_double) {}

    Draft run() {
        integers_ = !in_double_ && below(6) == 0;
        const std::int64_t stages = 1 + (below(2) ? 0 : 1 + below(2));
        while (static_cast<std::int64_t>(draft_.stages.size()) < stages) {
            const Draft before = draft_;
            const std::vector<double> largest = largest_;
            if (add_stage()) continue;
            draft_ = before;
            largest_ = largest;
        }
        return std::move(draft_);
    }

private:
    std::int64_t below(std::int64_t limit) { return test::random_below(state_, limit); }
    std::int64_t between(std::int64_t least, std::int64_t most) { return least + below(most - least + 1); }
    bool one_in(std::int64_t count) { return below(count) == 0; }
    template <class T>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<std::int64_t>(choices.size()))];
    }

    ScalarType random_type() {
        if (in_double_) return f64;
        return integers_ ? pick({i32, i32, i64, i8, u8, i16, u16}) : pick({f32, f32, f32, f32, f16, bf16, f64});
    }

    int new_tensor(const std::string& name, ScalarType type, std::vector<std::int64_t> shape, bool input) {
        draft_.tensors.push_back({name, type, std::move(shape), input});
        largest_.push_back(largest_input);
        return static_cast<int>(draft_.tensors.size()) - 1;
    }
    std::string next_name(const char* letters) {
        const std::size_t n = draft_.tensors.size();
        return std::string(1, letters[n % 3]) + std::to_string(n);
    }

    bool add_stage() {
        stage_ = Stage();
        const bool scatters = one_in(6);
        const std::int64_t rank = below(12) == 0 ? 0 : between(1, 4), reduced = scatters ? 0 : below(4);
        std::vector<std::int64_t> shape;
        for (std::int64_t d = 0; d < rank; ++d) shape.push_back(extent(rank));
        stage_.target = new_tensor(next_name("ytu"), random_type(), shape, false);
        stage_.scatters = scatters && rank > 0;
        const std::int64_t outer = stage_.scatters ? rank + below(3) : rank + reduced;
        for (std::int64_t v = 0; v < outer; ++v)
            stage_.variables.push_back({std::string(1, "ijklrstuvw"[v]), v < rank ? extent(rank) : between(1, 5)});
        if (!stage_.scatters && reduced == 1 && one_in(3)) stage_.variables.back().extent = between(6, 70);
        choose_update(!stage_.scatters && reduced == 0);
        if (stage_.scatters) scatter_left();
        if (points() > most_points || elements(draft_.tensors[stage_.target].shape) > most_elements) return false;
        stage_.value = value(2);
        for (const DraftTensor& tensor : draft_.tensors)
            if (elements(tensor.shape) > most_input_elements) return false;
        if (stage_.update == "argmax=" && reduced == 0) return false;
        const double bound = bound_of(stage_.value) * (stage_.update == "+=" ? static_cast<double>(points()) : 1);
        if (!fits(bound)) return false;
        largest_[stage_.target] = stage_.update == "argmax=" ? static_cast<double>(points()) : bound;
        draft_.stages.push_back(stage_);
        return true;
    }

    std::int64_t extent(std::int64_t rank) {
        return one_in(8) ? 1 : one_in(4) && rank < 3 ? between(9, 40) : between(1, 9);
    }
    static std::int64_t elements(const std::vector<std::int64_t>& shape) {
        std::int64_t count = 1;
        for (const std::int64_t extent : shape) count *= extent;
        return count;
    }
    std::int64_t points() const {
        std::int64_t count = 1;
        for (int v = 0; v < static_cast<int>(stage_.variables.size()); ++v) count *= extent_of(draft_, stage_, v);
        return count;
    }

    void choose_update(bool may_assign) {
        DraftTensor& target = draft_.tensors[stage_.target];
        if (may_assign && !one_in(4)) {
            stage_.update = "=";
        } else if (!in_double_ && !stage_.scatters && one_in(10)) {
            stage_.update = "argmax=";
            target.type = pick({i32, i64});
        } else if (one_in(12) && points() < 8) {
            stage_.update = "*=";
        } else {
            stage_.update = pick({"+=", "+=", "+=", "max=", "min="});
        }
    }

    void scatter_left() {
        const auto rank = static_cast<int>(draft_.tensors[stage_.target].shape.size());
        for (int d = 0; d < rank; ++d) {
            Index index{{{d, pick<std::int64_t>({1, 1, 2, 2, 3, -1})}}};
            if (rank + d < static_cast<int>(stage_.variables.size()))
                index.terms.push_back({rank + d, pick<std::int64_t>({1, 1, 2, -1})});
            const Span span = span_of(index, draft_, stage_);
            index.constant = -span.least - below(3);
            draft_.tensors[stage_.target].shape[d] = std::max<std::int64_t>(1, span.most - span.least + between(-2, 2));
            stage_.left.push_back(index);
        }
    }

    Node number() {
        Node node;
        node.number = between(-3, 3);
        return node;
    }

    Node value(int depth) {
        if (depth == 0 || one_in(4)) return read();
        Node node;
        switch (below(8)) {
            case 0:
            case 1:
            case 2:
                node.call = "*";
                node.children = {read(), value(depth - 1)};
                break;
            case 3:
                node.call = "*";
                node.children = {number(), value(depth - 1)};
                break;
            case 4:
            case 5:
                node.call = "+";
                node.children = {value(depth - 1), one_in(3) ? number() : value(depth - 1)};
                break;
            case 6:
                node.call = pick({"max", "min"});
                node.children = {value(depth - 1), one_in(2) ? number() : value(depth - 1)};
                break;
            default:
                node.call = pick({"abs", "positive"});
                node.children = {value(depth - 1)};
                if (node.call == "positive") node.children.push_back(number());
        }
        return node;
    }

    /// Of a tensor that is there, where its shape fits, else of a new input.
    Node read() {
        Node node;
        std::vector<int> there;
        for (int t = 0; t < static_cast<int>(draft_.tensors.size()); ++t)
            if (t != stage_.target && is_integer(draft_.tensors[t].type) == integers_ && t < first_index_tensor())
                there.push_back(t);
        if (!there.empty() && one_in(2)) {
            node.tensor = there[below(static_cast<std::int64_t>(there.size()))];
            read_existing(node);
        } else {
            read_new(node);
        }
        return node;
    }
    int first_index_tensor() const { return static_cast<int>(draft_.tensors.size()); }

    int any_variable() { return static_cast<int>(below(static_cast<std::int64_t>(stage_.variables.size()))); }

    Index index() {
        Index index;
        if (stage_.variables.empty() || one_in(15)) {
            index.constant = below(3);
            return index;
        }
        const int first = any_variable();
        index.terms.push_back({first, one_in(2) ? 1 : pick<std::int64_t>({1, 2, 3, -1})});
        const int second = any_variable();
        if (second != first && one_in(2)) index.terms.push_back({second, pick<std::int64_t>({1, 1, 2, 3, -1})});
        if (one_in(12))
            index.divisor = between(2, 3);
        else if (one_in(12))
            index.modulus = between(2, 4);
        return index;
    }

    static Span after_division(Span span, const Index& index) {
        if (index.modulus > 1) return {0, index.modulus - 1};
        return {span.least / index.divisor, span.most / index.divisor};  // least is not negative then
    }

    void read_new(Node& node) {
        const std::int64_t rank = between(stage_.variables.empty() ? 0 : 1, 4);
        const bool bounded = one_in(2);
        if (bounded && rank > 0)
            node.boundary = pick({"zero", "constant", "replicate", "reflect", "symmetric", "circular", "skip"});
        std::vector<std::int64_t> shape;
        for (std::int64_t d = 0; d < rank; ++d) {
            Index one = index();
            const std::int64_t least = span_of(one, draft_, stage_).least;
            one.constant -= least;
            if (node.boundary.empty() && !one.terms.empty() && one_in(12)) {
                shape.push_back(between(1, 6));
                node.indices.push_back(data_index(one.terms[0].variable));
                continue;
            }
            if (!node.boundary.empty() && one.divisor == 1 && one.modulus == 1) one.constant -= below(3);
            const Span span = after_division(span_of(one, draft_, stage_), one);
            std::int64_t size = span.most + 1 + (one_in(3) ? below(3) : 0);
            if (!node.boundary.empty()) size = std::max<std::int64_t>(1, size - below(3));
            while (!allowed(node.boundary, span, size)) ++size;
            shape.push_back(size);
            node.indices.push_back(one);
        }
        node.tensor = new_tensor(next_name("xwb"), random_type(), shape, true);
    }

    Index data_index(int variable) {
        Index index{{{variable, 1}}};
        index.data = new_tensor("p" + std::to_string(draft_.tensors.size()), pick({i32, i64, u8}),
                                {extent_of(draft_, stage_, variable)}, true);
        return index;
    }

    static bool allowed(const std::string& boundary, Span span, std::int64_t size) {
        if (boundary == "reflect") return span.least >= -(size - 1) && span.most <= 2 * (size - 1);
        if (boundary == "symmetric" || boundary == "circular") return span.least >= -size && span.most <= 2 * size - 1;
        return !boundary.empty() || (span.least >= 0 && span.most < size);
    }

    void read_existing(Node& node) {
        const std::vector<std::int64_t> shape = draft_.tensors[node.tensor].shape;
        bool inside = true;
        for (std::size_t d = 0; d < shape.size(); ++d) {
            Index one = index();
            for (int v = 0; v < static_cast<int>(stage_.variables.size()); ++v)  // the same element, often
                if (extent_of(draft_, stage_, v) == shape[d] && !one_in(4) && (v == static_cast<int>(d) || one_in(3)))
                    one = {{{v, 1}}};
            one.constant -= span_of(one, draft_, stage_).least;
            if (one_in(4) && one.divisor == 1 && one.modulus == 1) --one.constant;
            inside = inside && allowed("", after_division(span_of(one, draft_, stage_), one), shape[d]);
            node.indices.push_back(one);
        }
        if (!inside) node.boundary = pick({"zero", "constant", "replicate", "skip"});
    }

    double bound_of(const Node& node) const {
        if (node.is_read()) return std::max(largest_[node.tensor], 2.0);
        if (node.call.empty()) return largest_number;
        double bound = node.call == "*" ? 1 : 0;
        for (const Node& child : node.children) {
            const double one = bound_of(child);
            bound = node.call == "*" ? bound * one : node.call == "+" ? bound + one : std::max(bound, one);
        }
        return bound;
    }

    /// The narrowest type on the way decides; f16 overflows.
    bool fits(double bound) const {
        const ScalarType type = draft_.tensors[stage_.target].type;
        if (stage_.update == "*=") return bound < 7;
        if (type == f16 && bound > 60000) return false;
        return bound < (in_double_ ? 1e9 : integers_ ? exact_limit(i32) : exact_limit(f32));
    }

    std::uint64_t& state_;
    bool in_double_, integers_ = false;
    Draft draft_;
    Stage stage_;
    std::vector<double> largest_;
};

}  // namespace

Draft random_draft(std::uint64_t& state, bool in_double) { return Generator(state, in_double).run(); }

}  // namespace heddle::fuzz

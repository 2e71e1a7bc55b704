// schedules/compare.cpp -- points, errors and tolerances.
#include "schedules/compare.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "dsl/visit.h"
#include "runtime/random.h"
#include "schedules/accuracy.h"

namespace heddle {
namespace {

void collect_integers(const std::vector<Argument>& arguments, std::set<std::int64_t>& found) {
    for (const Argument& argument : arguments) {
        if (const auto* value = std::get_if<std::int64_t>(&argument.value)) found.insert(*value);
        if (const auto* list = std::get_if<std::vector<Argument>>(&argument.value)) collect_integers(*list, found);
    }
}

// Coordinates beside the first, a middle and the last edge of tiles along a dimension.
std::set<std::int64_t> edges_of(std::int64_t extent, const std::set<std::int64_t>& factors) {
    std::set<std::int64_t> edges{0, extent - 1, extent / 2};
    for (const std::int64_t factor : factors) {
        if (factor < 2 || factor >= extent) continue;
        const std::int64_t tiles = extent / factor;
        for (const std::int64_t tile : {std::int64_t{1}, tiles / 2, tiles})
            for (const std::int64_t at : {tile * factor - 1, tile * factor})
                if (at >= 0 && at < extent) edges.insert(at);
    }
    return edges;
}

// A running comparison of elements in some order.
class Comparer {
public:
    explicit Comparer(ScalarType type) : type_(type) {}

    void add(const Point& point, double found, double expected) {
        ++result_.elements;
        const bool same = found == expected || (std::isnan(found) && std::isnan(expected));
        if (std::isfinite(expected)) total_ += expected * expected;
        if (same) return;
        ++result_.different;
        double difference = std::abs(found - expected);
        if (!std::isfinite(difference)) difference = INFINITY;
        error_ += difference * difference;
        if (result_.worst && difference <= largest_) return;
        largest_ = difference;
        result_.worst = point;
        result_.found = found;
        result_.expected = expected;
    }
    double rounded(double value) const {
        alignas(8) std::byte memory[8];
        if (is_float(type_)) {
            store_float(type_, memory, value);
            return load_float(type_, memory);
        }
        return value;
    }
    Comparison result() {
        result_.relative_l2 = error_ == 0 ? 0 : std::sqrt(error_ / std::max(total_, 1e-60));
        return result_;
    }

private:
    ScalarType type_;
    Comparison result_;
    double error_ = 0, total_ = 0, largest_ = 0;
};

}  // namespace

std::vector<Point> oracle_points(const std::vector<std::int64_t>& shape, const Schedule& schedule, int count,
                                 std::uint64_t seed) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : shape) elements = std::min<std::int64_t>(elements * extent, 1ll << 40);
    std::vector<Point> points;
    if (elements <= count) {
        for_each_index(shape, [&](const Point& index) { points.push_back(index); });
        return points;
    }
    std::set<Point> chosen;
    const std::size_t rank = shape.size();
    for (std::uint64_t corner = 0; corner < (1ull << std::min<std::size_t>(rank, 8)); ++corner) {
        Point point(rank, 0);
        for (std::size_t d = 0; d < rank; ++d)
            if (d < 8 && (corner >> d & 1)) point[d] = shape[d] - 1;
        chosen.insert(point);
    }
    std::set<std::int64_t> factors;
    for (const Directive& directive : schedule.directives()) collect_integers(directive.arguments, factors);
    const auto random_point = [&] {
        Point point(rank);
        for (std::size_t d = 0; d < rank; ++d)
            point[d] = static_cast<std::int64_t>(next_random(seed) % static_cast<std::uint64_t>(shape[d]));
        return point;
    };
    for (std::size_t d = 0; d < rank; ++d)
        for (const std::int64_t edge : edges_of(shape[d], factors))
            for (int repeat = 0; repeat < 4; ++repeat) {
                Point point = random_point();
                point[d] = edge;
                chosen.insert(point);
            }
    for (int i = 0; i < count; ++i) chosen.insert(random_point());
    return {chosen.begin(), chosen.end()};
}

bool is_exact_on_integers(const Pipeline& pipeline) {
    bool exact = true;
    const auto look = [&](const Expr& e) {
        if (!is_float(e.type())) return;
        if (const auto* unary = e.as<Unary>()) {
            const auto op = unary->op;
            exact &= op == UnaryOp::negate || op == UnaryOp::abs || op == UnaryOp::floor || op == UnaryOp::ceil ||
                     op == UnaryOp::round;
        }
        if (const auto* binary = e.as<Binary>())
            exact &= binary->op != BinaryOp::div && binary->op != BinaryOp::pow && binary->op != BinaryOp::mod;
        if (const auto* constant = e.as<FloatImm>())
            exact &= constant->value == std::floor(constant->value) || std::isinf(constant->value);
    };
    for (const PipelineStage& stage : pipeline.stages) {
        if (stage.definition->op == UpdateOp::mul) exact = false;  // products grow past what is exact
        for (const Expr& value : stage.definition->right) for_each_node(value, look);
        for (const Expr& value : stage.definition->reducer.combine) for_each_node(value, look);
    }
    return exact;
}

double tolerance_of(const Pipeline& pipeline, ScalarType output) {
    return is_float(output) ? tolerance_of(accuracy_of(pipeline)) : 0;
}

double tolerance_of(const Pipeline& pipeline, const Schedule& schedule, const Target& target, ScalarType output) {
    return is_float(output) ? tolerance_of(accuracy_of(scheduled_nest(pipeline, schedule, target))) : 0;
}

Comparison compare(const Buffer& result, const std::vector<Point>& points, const std::vector<double>& expected) {
    Comparer comparer(result.type());
    for (std::size_t i = 0; i < points.size(); ++i)
        comparer.add(points[i], result.get(points[i]), comparer.rounded(expected[i]));
    return comparer.result();
}

Comparison compare(const Buffer& result, const Buffer& expected) {
    Comparer comparer(result.type());
    for_each_index(result.shape(), [&](const Point& point) {
        comparer.add(point, result.get(point), comparer.rounded(expected.get(point)));
    });
    return comparer.result();
}

}  // namespace heddle

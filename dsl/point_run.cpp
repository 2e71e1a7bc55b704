// dsl/point_run.cpp -- carries out the instructions of a definition, point by point.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "dsl/integer.h"
#include "dsl/point_program.h"
#include "runtime/text.h"

namespace heddle {
namespace {

double rounded(double value, bool single) { return single ? static_cast<float>(value) : value; }

double float_binary(BinaryOp op, double a, double b) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    switch (op) {
        case BinaryOp::add:
            return a + b;
        case BinaryOp::sub:
            return a - b;
        case BinaryOp::mul:
            return a * b;
        case BinaryOp::div:
            return a / b;
        case BinaryOp::min:
            return std::isnan(a) || std::isnan(b) ? nan : (b < a ? b : a);
        case BinaryOp::max:
            return std::isnan(a) || std::isnan(b) ? nan : (a < b ? b : a);
        case BinaryOp::pow:
            return std::pow(a, b);
        default:
            throw InternalError("an operation that floats do not have");
    }
}

bool float_compare(BinaryOp op, double a, double b) {
    switch (op) {
        case BinaryOp::eq:
            return a == b;
        case BinaryOp::ne:
            return a != b;
        case BinaryOp::lt:
            return a < b;
        case BinaryOp::le:
            return a <= b;
        default:
            throw InternalError("a comparison that floats do not have");
    }
}

bool is_comparison(BinaryOp op) {
    return op == BinaryOp::eq || op == BinaryOp::ne || op == BinaryOp::lt || op == BinaryOp::le;
}

double float_unary(UnaryOp op, double a) {
    switch (op) {
        case UnaryOp::negate:
            return -a;
        case UnaryOp::abs:
            return std::fabs(a);
        case UnaryOp::floor:
            return std::floor(a);
        case UnaryOp::ceil:
            return std::ceil(a);
        case UnaryOp::round:
            return std::nearbyint(a);
        case UnaryOp::sqrt:
            return std::sqrt(a);
        case UnaryOp::rsqrt:
            return 1 / std::sqrt(a);
        case UnaryOp::exp:
            return std::exp(a);
        case UnaryOp::log:
            return std::log(a);
        case UnaryOp::sin:
            return std::sin(a);
        case UnaryOp::cos:
            return std::cos(a);
        case UnaryOp::tanh:
            return std::tanh(a);
        case UnaryOp::erf:
            return std::erf(a);
        case UnaryOp::sigmoid:
            return 1 / (1 + std::exp(-a));
        case UnaryOp::logical_not:
            break;
    }
    throw InternalError("an operation that floats do not have");
}

std::int64_t int_unary(UnaryOp op, std::int64_t a, ScalarType type) {
    if (op == UnaryOp::logical_not) return a == 0;
    if (op == UnaryOp::negate) return apply(BinaryOp::sub, 0, a, type);
    if (op == UnaryOp::abs) return a < 0 ? apply(BinaryOp::sub, 0, a, type) : a;
    throw InternalError("an operation that integers do not have");
}

/// Toward zero; outside of i32 or i64 the nearest end, NaN to 0.
std::int64_t int_of_float(double value, ScalarType type) {
    if (std::isnan(value)) return 0;
    const double limit = type == i64 ? 0x1p63 : 0x1p31;
    if (value >= limit) return type == i64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << 31) - 1;
    if (value <= -limit) return type == i64 ? std::numeric_limits<std::int64_t>::min() : -(std::int64_t{1} << 31);
    return static_cast<std::int64_t>(value);
}

/// To the nearest value of a float type, ties to even.
double narrowed(double value, ScalarType type) {
    if (type == f32) return static_cast<float>(value);
    std::uint64_t bits = 0;
    store_float(type, &bits, value);
    return load_float(type, &bits);
}

/// The first of the largest values so far, of which a NaN is larger than any number; where `sub` is set, the last NaN.
bool displaces(const PointInstruction& i, const Value& candidate, const Value& best) {
    if (!is_float(i.type)) return candidate.i > best.i;
    if (std::isnan(candidate.f)) return i.sub != 0 || !std::isnan(best.f);
    return candidate.f > best.f;
}

}  // namespace

std::string PointProgram::point_text() const {
    std::vector<std::string> parts;
    for (const Loop& loop : loops_) parts.push_back(fmt::format("{}={}", loop.symbol.name(), slots_[loop.slot].i));
    return parts.empty() ? "" : " at " + join(parts, ", ");
}

[[noreturn]] void PointProgram::refuse_offset(const PointSource& source) const {
    throw InternalError(fmt::format("{} is read outside{}", source.tensor, point_text()));
}

Value PointProgram::load(const PointInstruction& i) const {
    const PointSource& source = sources_[i.extra];
    const std::int64_t offset = slots_[i.a].i;
    if (offset < source.first || offset > source.last) refuse_offset(source);
    const ElementSource& elements = source.elements;
    if (elements.compute) return elements.compute(offset);
    if (elements.type == f64) return Value{.f = static_cast<const double*>(elements.data)[offset]};
    if (elements.type == i64) return Value{.i = static_cast<const std::int64_t*>(elements.data)[offset]};
    const void* address = static_cast<const std::byte*>(elements.data) + offset * bytes_of(elements.type);
    if (is_float(elements.type)) return Value{.f = load_float(elements.type, address)};
    return Value{.i = load_int(elements.type, address)};
}

std::int64_t PointProgram::data_index(const PointInstruction& i) const {
    const std::int64_t value = slots_[i.a].i, extent = slots_[i.b].i;
    if (value >= 0 && value < extent) return value;
    const PointIndex& index = indices_[i.extra];
    if (index.clamped) return value < 0 ? 0 : extent - 1;
    throw UserError(where_,
                    fmt::format("{} gives {}{}{}; legal are 0 to {}, or clamp it with IndexMode::clamped", index.text,
                                value, index.tensor.empty() ? "" : " from " + index.tensor, point_text(), extent - 1));
}

void PointProgram::print(const PointInstruction& i) const {
    const PointPrint& entry = prints_[i.extra];
    std::string line = entry.label + ":";
    for (const auto& [slot, type] : entry.shown) {
        if (is_float(type))
            line += fmt::format(" {:.{}g}", slots_[slot].f, type == f64 ? 17 : 9);
        else
            line += fmt::format(" {}", slots_[slot].i);
    }
    std::fprintf(stderr, "%s\n", line.c_str());
}

bool PointProgram::run_code(const std::vector<PointInstruction>& code) {
    Value* const v = slots_.data();
    for (const PointInstruction& i : code) {
        Value& result = v[i.result];
        const auto unwanted = [&] { return i.when >= 0 && v[i.when].i == 0; };
        switch (i.op) {
            case PointOp::multiply_add:  // unsigned, so that it wraps
                result.i = static_cast<std::int64_t>(static_cast<std::uint64_t>(v[i.a].i) +
                                                     static_cast<std::uint64_t>(v[i.b].i) *
                                                         static_cast<std::uint64_t>(i.number));
                break;
            case PointOp::load:
                result = unwanted() ? Value{.i = 0} : load(i);
                break;
            case PointOp::load_f32: {
                result.i = 0;
                if (unwanted()) break;
                const PointSource& source = sources_[i.extra];
                const std::int64_t offset = v[i.a].i;
                if (offset < source.first || offset > source.last) refuse_offset(source);
                result.f = static_cast<const float*>(source.elements.data)[offset];
                break;
            }
            case PointOp::add:
                result.f = rounded(v[i.a].f + v[i.b].f, i.single);
                break;
            case PointOp::sub:
                result.f = rounded(v[i.a].f - v[i.b].f, i.single);
                break;
            case PointOp::mul:
                result.f = rounded(v[i.a].f * v[i.b].f, i.single);
                break;
            case PointOp::float_binary:
                if (const BinaryOp op{i.sub}; is_comparison(op))
                    result.i = float_compare(op, v[i.a].f, v[i.b].f);
                else
                    result.f = rounded(float_binary(op, v[i.a].f, v[i.b].f), i.single);
                break;
            case PointOp::int_binary:
                result.i = apply(BinaryOp{i.sub}, v[i.a].i, v[i.b].i, i.type);
                break;
            case PointOp::less:
                result.i = v[i.a].i < v[i.b].i;
                break;
            case PointOp::less_equal:
                result.i = v[i.a].i <= v[i.b].i;
                break;
            case PointOp::both:
                result.i = v[i.a].i & v[i.b].i;
                break;
            case PointOp::float_unary:
                result.f = rounded(float_unary(UnaryOp{i.sub}, v[i.a].f), i.single);
                break;
            case PointOp::int_unary:
                result.i = int_unary(UnaryOp{i.sub}, v[i.a].i, i.type);
                break;
            case PointOp::select:
                result = v[i.a].i ? v[i.b] : v[i.c];
                break;
            case PointOp::to_float:
                result.f = i.single ? static_cast<float>(v[i.a].i) : static_cast<double>(v[i.a].i);
                break;
            case PointOp::to_int:
                result.i = int_of_float(v[i.a].f, i.type);
                break;
            case PointOp::narrow_float:
                result.f = narrowed(v[i.a].f, i.type);
                break;
            case PointOp::narrow_int:
                result.i = wrap(v[i.a].i, i.type);
                break;
            case PointOp::data_index:
                result.i = unwanted() ? 0 : data_index(i);
                break;
            case PointOp::print:
                if (!unwanted()) print(i);
                break;
            case PointOp::skip_unless:
                if (v[i.a].i == 0) return false;
                break;
            case PointOp::skip_unless_less:
                if (v[i.a].i >= v[i.b].i) return false;
                break;
            case PointOp::skip_unless_less_equal:
                if (v[i.a].i > v[i.b].i) return false;
                break;
            case PointOp::load_accumulator:
                result = accumulators_[i.extra][v[i.a].i];
                break;
            case PointOp::store:
                accumulators_[i.extra][v[i.a].i] = v[i.b];
                break;
            case PointOp::update: {
                Value& sum = accumulators_[i.extra][v[i.a].i];
                const BinaryOp op{i.sub};
                if (!is_float(i.type))
                    sum.i = apply(op, sum.i, v[i.b].i, i.type);
                else if (op == BinaryOp::add)
                    sum.f = rounded(sum.f + v[i.b].f, i.single);
                else
                    sum.f = rounded(float_binary(op, sum.f, v[i.b].f), i.single);
                break;
            }
            case PointOp::update_argmax: {
                Value &position = accumulators_[0][v[i.a].i], &best = accumulators_[1][v[i.a].i];
                if (position.i >= 0 && !displaces(i, v[i.b], best)) break;
                position = v[i.c];
                best = v[i.b];
                break;
            }
        }
    }
    return true;
}

void PointProgram::run_loops(std::size_t depth) {
    if (depth == loops_.size()) return;
    const Loop& loop = loops_[depth];
    const std::vector<PointInstruction>& code = code_[depth + 1];
    const bool last = depth + 1 == loops_.size();
    for (std::int64_t i = loop.begin; i < loop.end; ++i) {
        slots_[loop.slot].i = i;
        if (run_code(code) && !last) run_loops(depth + 1);
    }
}

void PointProgram::run_all(std::span<Value* const> accumulators) {
    accumulators_ = accumulators;
    for (const Loop& loop : loops_)
        if (loop.begin >= loop.end) return;
    if (run_code(code_[0])) run_loops(0);
}

void PointProgram::run_element(std::span<Value* const> accumulators, std::span<const std::int64_t> index) {
    for (Loop& loop : loops_) {
        loop.begin = 0;
        loop.end = loop.extent;
    }
    for (std::size_t d = 0; d < wanted_.size(); ++d) {
        if (wanted_[d].loop < 0) {
            slots_[wanted_[d].slot].i = index[d];
            continue;
        }
        Loop& loop = loops_[wanted_[d].loop];
        loop.begin = std::max(loop.begin, index[d]);
        loop.end = std::min(loop.end, index[d] + 1);
    }
    run_all(accumulators);
}

}  // namespace heddle

// codegen/emit_llvm_pattern.cpp -- indices that differ between lanes by known constants: quotients, remainders,
// strides.
//
// With lanes v = 16*u + l, the index (v + 1) / 2 is 8*u + {0, 1, 1, 2, 2, ...}: few neighbouring elements, loaded as
// vectors and permuted, where a gather would take them one by one. A condition on such an index is one comparison.
#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>

#include <algorithm>

#include "codegen/emit_llvm_function.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool same_terms(const LinearForm& a, const LinearForm& b) {
    return a.terms.size() == b.terms.size() &&
           std::equal(a.terms.begin(), a.terms.end(), b.terms.begin(), [](const auto& s, const auto& t) {
               return s.value == t.value && s.coefficient == t.coefficient;
           });
}

bool reads(const Expr& e) {
    bool found = false;
    for_each_node(e, [&](const Expr& node) { found = found || node.as<Read>() || node.as<PrintWhen>(); });
    return found;
}

}  // namespace

// The form in each lane in turn, where the lanes differ in the constant alone. `over`: what the form is made of.
std::optional<LanePattern> FunctionEmitter::pattern_of(const std::vector<Expr>& over,
                                                       const std::function<LinearForm()>& form) {
    if (!lanes_ || std::any_of(over.begin(), over.end(), reads)) return std::nullopt;
    const Lanes lanes = *lanes_;
    const Binding first = symbols_.at(lanes.var);
    LanePattern pattern;
    bool known = true;
    lanes_.reset();
    probed_ = lanes.var;
    alike_.clear();
    for (int lane = 0; known && lane < lanes.count; ++lane) {
        next_alike_ = 0;
        symbols_[lanes.var] = {first.value, first.offset + lane, first.depth};
        const LinearForm here = form();
        known = here.linear && (lane == 0 || same_terms(here, pattern.common));
        if (lane == 0) pattern.common = here;
        pattern.offsets.push_back(here.constant);
    }
    symbols_[lanes.var] = first;
    probed_ = {};
    lanes_ = lanes;
    if (!known) return std::nullopt;
    pattern.common.constant = 0;
    return pattern;
}

// Nothing where lanes differ in another way, or not at all.
std::optional<LaneValue> FunctionEmitter::pattern_value(const Expr& e) {
    if (!lanes_ || e.type() != ScalarType::i64 || !varies(e)) return std::nullopt;
    const auto pattern = pattern_of({e}, [&] { return linear(e); });
    if (!pattern) return std::nullopt;
    std::vector<llvm::Constant*> offsets;
    for (const std::int64_t offset : pattern->offsets)
        offsets.push_back(llvm::ConstantInt::get(builder_.getInt64Ty(), static_cast<std::uint64_t>(offset), true));
    llvm::Value* lanes = llvm::ConstantVector::get(offsets);
    if (!pattern->common.terms.empty()) lanes = builder_.CreateAdd(splat(materialize(pattern->common)), lanes);
    return LaneValue{lanes, true};
}

// A comparison of indices: rest + constant of the lane >= 0, as one of small numbers; or constants.
std::optional<LaneValue> FunctionEmitter::pattern_condition(const Binary& test) {
    if (!lanes_ || test.a.type() != ScalarType::i64 || (!varies(test.a) && !varies(test.b))) return std::nullopt;
    const auto pattern = pattern_of({test.a, test.b}, [&] {
        LinearForm difference;
        linearize(test.b, 1, difference);
        linearize(test.a, -1, difference);
        return difference;
    });
    if (!pattern) return std::nullopt;
    constexpr std::int64_t most = 1 << 20;
    std::vector<llvm::Constant*> offsets;
    for (const std::int64_t offset : pattern->offsets) {
        if (std::abs(offset) >= most) return std::nullopt;
        offsets.push_back(llvm::ConstantInt::get(builder_.getInt32Ty(), static_cast<std::uint64_t>(offset), true));
    }
    llvm::Value* rest = materialize(pattern->common);
    rest = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, rest, builder_.getInt64(-2 * most));
    rest = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, rest, builder_.getInt64(2 * most));
    llvm::Value* difference = builder_.CreateAdd(splat(builder_.CreateTrunc(rest, builder_.getInt32Ty())),
                                                 llvm::ConstantVector::get(offsets));
    llvm::Value* zero = llvm::Constant::getNullValue(difference->getType());
    switch (test.op) {
        case BinaryOp::eq:
            return LaneValue{builder_.CreateICmpEQ(difference, zero), true};
        case BinaryOp::ne:
            return LaneValue{builder_.CreateICmpNE(difference, zero), true};
        case BinaryOp::lt:
            return LaneValue{builder_.CreateICmpSGT(difference, zero), true};
        case BinaryOp::le:
            return LaneValue{builder_.CreateICmpSGE(difference, zero), true};
        default:
            return std::nullopt;
    }
}

// Which elements of a vector some lane that is guarded to be there needs. `lanes_of_element`: for each element as many
// lanes as `multiplicity`, -1 for none.
llvm::Value* FunctionEmitter::needed_elements(const std::vector<std::int64_t>& lanes_of_element,
                                              std::size_t multiplicity) {
    llvm::Value* guard =
        guard_ && guard_->getType()->isVectorTy() ? guard_ : splat(guard_ ? guard_ : builder_.getTrue());
    llvm::Value* none = llvm::Constant::getNullValue(guard->getType());
    llvm::Value* needed = none;
    for (std::size_t m = 0; m < multiplicity; ++m) {
        std::vector<int> from;
        for (int element = 0; element < lanes_->count; ++element) {
            const std::int64_t lane = lanes_of_element[element * multiplicity + m];
            from.push_back(static_cast<int>(lane < 0 ? lanes_->count : lane));
        }
        needed = builder_.CreateOr(needed, builder_.CreateShuffleVector(guard, none, from));
    }
    return needed;
}

// Vectors of neighbouring elements, and of those what each lane needs.
LaneValue FunctionEmitter::load_pattern(const Storage& storage, const LanePattern& pattern, ScalarType type) {
    const auto [least, most] = std::minmax_element(pattern.offsets.begin(), pattern.offsets.end());
    const std::int64_t first = *least, span = *most - first + 1, count = lanes_->count;
    llvm::Type* element = memory_type(type);
    llvm::Type* whole = widened(element, true);
    llvm::Value* base = address(storage, pattern.common);
    llvm::Value* result = nullptr;
    for (std::int64_t begin = 0; begin < span; begin += count) {
        std::vector<std::vector<std::int64_t>> users(static_cast<std::size_t>(count));
        std::vector<int> from(static_cast<std::size_t>(count));
        std::size_t multiplicity = 1;
        bool used = false;
        for (int lane = 0; lane < count; ++lane) {
            const std::int64_t place = pattern.offsets[static_cast<std::size_t>(lane)] - first - begin;
            const bool here = place >= 0 && place < count;
            from[static_cast<std::size_t>(lane)] = static_cast<int>(here ? place : count + lane);
            if (!here) continue;
            used = true;
            auto& lanes = users[static_cast<std::size_t>(place)];
            lanes.push_back(lane);
            multiplicity = std::max(multiplicity, lanes.size());
        }
        if (!used) continue;
        std::vector<std::int64_t> lanes_of_element;
        for (auto& lanes : users) {
            lanes.resize(multiplicity, -1);
            lanes_of_element.insert(lanes_of_element.end(), lanes.begin(), lanes.end());
        }
        llvm::Value* pointer = builder_.CreateGEP(element, base, builder_.getInt64(first + begin));
        const llvm::Align alignment(static_cast<std::uint64_t>(bytes_of(type)));
        llvm::Value* vector = nullptr;
        if (!guard_ && begin + count <= span)
            vector = builder_.CreateAlignedLoad(whole, pointer, alignment);
        else
            vector =
                builder_.CreateMaskedLoad(whole, pointer, alignment, needed_elements(lanes_of_element, multiplicity),
                                          llvm::Constant::getNullValue(whole));
        llvm::Value* others = result ? result : llvm::Constant::getNullValue(whole);
        result = builder_.CreateShuffleVector(vector, others, from);
    }
    return from_memory({result, true}, type);
}

}  // namespace heddle

// codegen/emit_cuda_statements.cpp -- statements of emitted CUDA: stores, checks, names of values.
#include "codegen/emit_cuda_function.h"

namespace heddle {
namespace {

std::string lanes_text(std::uint32_t lanes) {
    std::string digits;
    for (; lanes > 0; lanes >>= 4) digits.insert(digits.begin(), "0123456789abcdef"[lanes & 15]);
    return "0x" + digits + "u";
}

}  // namespace

void CudaEmitter::line(const std::string& text) {
    output_ += std::string(static_cast<std::size_t>(indent_) * 4, ' ') + text + "\n";
}

void CudaEmitter::braces(const std::string& head, const Statements& body) {
    line(head + " {");
    ++indent_;
    body();
    --indent_;
    line("}");
}

void CudaEmitter::emit(const Stmt& s) {
    if (s.empty()) return;
    if (const auto* list = s.as<Block>()) {
        for (const Stmt& child : list->statements) emit(child);
    } else if (const auto* loop = s.as<For>()) {
        emit_loop(*loop);
    } else if (const auto* test = s.as<If>()) {
        braces("if (" + text_.value(test->condition) + ")", [&] { emit(test->then); });
    } else if (const auto* allocate = s.as<Allocate>()) {
        emit_allocate(*allocate);
    } else if (const auto* store = s.as<Store>()) {
        emit_store(*store);
    } else if (const auto* check = s.as<Check>()) {
        emit_check(*check);
    } else if (const auto* shuffle = s.as<Shuffle>()) {
        const AnyTensor& to = shuffle->to.storage;
        line(declaration_of(to) + text_.element(to, shuffle->to.indices) + " = __shfl_xor_sync(" +
             lanes_text(shuffle->lanes) + ", " + text_.value(shuffle->value) + ", " +
             std::to_string(shuffle->distance) + ");");
    } else if (s.as<Barrier>()) {
        line("__syncthreads();");
    } else if (const auto* let = s.as<Let>()) {
        emit_let(*let);
    } else if (const auto* call = s.as<Call>()) {
        emit_call(*call);
    } else {
        throw InternalError("CUDA emission: a tile statement was not expanded");
    }
}

void CudaEmitter::emit_atomic(const Store& store) {
    const AnyTensor& to = store.to.storage;
    const char* name = "atomic_add";
    if (store.atomic != UpdateOp::add) {
        text_.helper("atomic_change");
        name = store.atomic == UpdateOp::mul ? "atomic_mul" : "atomic_max";
        if (store.atomic != UpdateOp::mul) text_.helper(store.atomic == UpdateOp::max ? "max_nan" : "min_nan");
        if (store.atomic == UpdateOp::min) name = "atomic_min";
    }
    std::string value = converted(store.value, to);
    const auto* read = store.value.as<Read>();  // the template's type is that of both
    if (read && read->tensor->type != to.type())
        value = "static_cast<" + CudaText::memory_name(to.type()) + ">(" + value + ")";
    line(text_.helper(name) + "(&" + text_.element(to, store.to.indices) + ", " + value + ");");
}

void CudaEmitter::emit_store(const Store& store) {
    const AnyTensor& to = store.to.storage;
    if (store.atomic != UpdateOp::assign) return emit_atomic(store);
    const auto lane = stored_lanes_.find(&store);
    const std::string place = lane == stored_lanes_.end() ? text_.element(to, store.to.indices) : lane->second;
    const Interval range = is_float(store.value.type()) ? Interval{} : interval_of(store.value, text_.ranges);
    const bool values = text_.holds_values(to), fits = values && range.min >= 0 && range.max <= 127;
    if (copies_bits(store)) {
        const auto& from = *store.value.as<Read>();
        return line(place + " = " + text_.element(AnyTensor(from.tensor), from.indices) + ";");
    }
    const std::string value = converted(store.value, to);
    line(declaration_of(to) + place + " = " + (fits ? value : text_.stored(to, value, values)) + ";");
}

std::string CudaEmitter::converted(const Expr& value, const AnyTensor& to) {
    std::string text = text_.value(value);
    if (value.type() == compute_type(to.type())) return text;
    return "static_cast<" + CudaText::compute_name(to.type()) + ">(" + text + ")";
}

// From memory to memory of the same half type: there is nothing to convert.
bool CudaEmitter::copies_bits(const Store& store) const {
    const auto* read = store.value.as<Read>();
    if (!read || text_.has_alias(store.value)) return false;
    const AnyTensor from(read->tensor), &to = store.to.storage;
    return from.type() == to.type() && (to.type() == f16 || to.type() == bf16) && !text_.holds_values(from) &&
           !text_.holds_values(to);
}

void CudaEmitter::emit_let(const Let& let) {
    const std::string name = text_.unique(let.var.name());
    const std::string value = text_.value(let.value);
    text_.bind(let.var, name);
    const Interval range = interval_of(let.value, text_.ranges);
    SymbolicRange bounds;
    if (range.min != Interval::minus_infinity) bounds.min = Expr::integer(range.min);
    if (range.max != Interval::plus_infinity) bounds.max = Expr::integer(range.max);
    text_.ranges[let.var] = bounds;
    For scope;  // quotients of the name are named, too
    scope.var = let.var;
    scope.body = let.body;
    const std::size_t aliases = text_.aliases();
    declared({{name, value}}, scope, [&] { emit(let.body); });
    text_.forget_aliases(aliases);
    text_.ranges.erase(let.var);
}

void CudaEmitter::emit_check(const Check& check) {
    const std::size_t count = std::min<std::size_t>(check.values.size(), std::size(KernelReports{}.values));
    braces("if (!(" + text_.value(check.condition) + "))", [&] {
        // The first to come reports; the others return.
        braces("if (atomicCAS(reinterpret_cast<unsigned long long*>(&" + reports_ + "->failed_check), ~0ull, " +
                   std::to_string(first_message_ + source_.messages.size()) + "ull) == ~0ull)",
               [&] {
                   for (std::size_t i = 0; i < count; ++i)
                       line(reports_ + "->values[" + std::to_string(i) + "] = " + text_.value(check.values[i]) + ";");
               });
        line("return;");
    });
    source_.messages.push_back({check.message, static_cast<int>(count)});
}

}  // namespace heddle

// codegen/print_stmt.cpp -- statements and functions as text.
#include "codegen/stmt.h"
#include "dsl/print.h"

namespace heddle {
namespace {

std::string list(const std::vector<Expr>& items) {
    std::string text;
    for (const Expr& item : items) text += (text.empty() ? "" : ", ") + print(item);
    return text;
}

std::string place(const Place& p) { return p.storage.name() + "[" + list(p.indices) + "]"; }

std::string places(const std::vector<Place>& all) {
    std::string text;
    for (const Place& p : all) text += (text.empty() ? "" : ", ") + place(p);
    return all.size() == 1 ? text : "(" + text + ")";
}

std::string values(const std::vector<Expr>& all) { return all.size() == 1 ? list(all) : "(" + list(all) + ")"; }

std::string dims(const std::vector<TileDim>& all) {
    std::string text;
    for (const TileDim& d : all) {
        text += " " + d.var.name() + "<" + print(d.extent);
        if (d.kind != LoopKind::serial) text += ":" + std::string(name_of(d.kind));
        if (d.unroll > 1) text += " x" + std::to_string(d.unroll);
    }
    return text;
}

std::string where(const Expr& predicate) {
    return !predicate.defined() || is_const(predicate, 1) ? "" : " where " + print(predicate);
}

std::string type_of(const AnyTensor& storage) {
    std::vector<Expr> shape;
    for (const Extent& extent : storage.shape()) shape.push_back(extent.expr());
    return std::string(name_of(storage.type())) + "[" + list(shape) + "]";
}

std::string update_of(UpdateOp op, const Reducer& reducer) {
    return op == UpdateOp::tuple ? "reduce " + reducer.name + " " : std::string(name_of(op)) + " ";
}

std::string text_of(const CallOperand& operand) {
    if (operand.map) return operand.map->name;
    if (operand.place.storage.defined()) return (operand.address ? "&" : "") + place(operand.place);
    return print(operand.value);
}

std::string print_loop(const For& loop, int indent) {
    std::string text;
    if (loop.kind != LoopKind::serial) text += std::string(name_of(loop.kind)) + " ";
    text += loop.var.name() + " in [" + print(loop.min) + ", +" + print(loop.extent) + ")";
    if (loop.step.defined()) text += " by " + print(loop.step);
    if (loop.pipeline > 0) text += " pipelined(" + std::to_string(loop.pipeline) + ")";
    if (loop.unroll > 1) text += " unrolled by " + std::to_string(loop.unroll);
    if (loop.clipped) text += " clipped";
    if (loop.partitioned) text += " partitioned";
    return "for " + text + "\n" + print(loop.body, indent + 1);
}

}  // namespace

std::string print(const Stmt& s, int indent) {
    if (s.empty()) return "";
    if (const auto* block = s.as<Block>()) {
        std::string text;
        for (const Stmt& child : block->statements) text += print(child, indent);
        return text;
    }
    const std::string margin(static_cast<std::size_t>(indent) * 2, ' ');
    if (const auto* loop = s.as<For>()) return margin + print_loop(*loop, indent);
    if (const auto* test = s.as<If>())
        return margin + "if " + print(test->condition) + "\n" + print(test->then, indent + 1);
    if (const auto* allocate = s.as<Allocate>())
        return margin + allocate->storage.name() + " : " + type_of(allocate->storage) + " in " +
               std::string(name_of(allocate->memory)) + "\n" + print(allocate->body, indent);
    if (const auto* write = s.as<Store>())
        return margin + (write->atomic == UpdateOp::assign ? "" : "atomic ") + place(write->to) + " " +
               std::string(name_of(write->atomic)) + " " + print(write->value) +
               (write->streaming ? " (streaming)" : "") + "\n";
    if (const auto* check = s.as<Check>())
        return margin + "check " + print(check->condition) + " else \"" + check->message + "\" (" +
               list(check->values) + ")\n";
    if (const auto* shuffle = s.as<Shuffle>())
        return margin + place(shuffle->to) + " = " + print(shuffle->value) + " of lane ^ " +
               std::to_string(shuffle->distance) + "\n";
    if (s.as<Barrier>()) return margin + "barrier\n";
    if (const auto* copy = s.as<Copy>())
        return margin + "Copy" + dims(copy->dims) + ": " + place(copy->to) + " = " + print(copy->source) +
               where(copy->predicate) +
               (is_const(copy->predicate, 1) || !copy->fill.defined() ? "" : " else " + print(copy->fill)) +
               (copy->atom.empty() ? "" : "  atom " + copy->atom) + "\n";
    if (const auto* map = s.as<Map>())
        return margin + (map->atomic ? "atomic Map" : "Map") + dims(map->dims) + ": " + places(map->to) + " " +
               update_of(map->op, map->reducer) + values(map->values) + where(map->predicate) +
               (map->streaming ? " (streaming)" : "") + "\n";
    if (const auto* mma = s.as<Mma>())
        return margin + "Mma" + dims(mma->dims) + ": " + place(mma->to) + " += " + print(mma->a) + " * " +
               print(mma->b) + where(mma->predicate) + "  atom " + mma->atom + "\n";
    if (const auto* reduce = s.as<Reduce>(); reduce && reduce->axis != LoopKind::serial)
        return margin + "Reduce" + dims(reduce->dims) + ": " + places(reduce->to) + " " +
               update_of(reduce->op, reduce->reducer) + "across " + std::string(name_of(reduce->axis)) + " of " +
               std::to_string(reduce->block[0]) + " x " + std::to_string(reduce->block[1]) + " x " +
               std::to_string(reduce->block[2]) + " threads\n";
    if (const auto* reduce = s.as<Reduce>()) {
        std::string sources;
        for (const AnyTensor& source : reduce->sources) sources += (sources.empty() ? "" : ", ") + source.name();
        return margin + "Reduce" + dims(reduce->dims) + ": " + places(reduce->to) + " " +
               update_of(reduce->op, reduce->reducer) + sources + " over " + std::to_string(reduce->lanes) + " lanes\n";
    }
    if (const auto* let = s.as<Let>())
        return margin + "let " + let->var.name() + " = " + print(let->value) + "\n" + print(let->body, indent);
    if (const auto* call = s.as<Call>()) {
        std::string operands;
        for (const CallOperand& operand : call->operands) operands += (operands.empty() ? "" : ", ") + text_of(operand);
        return margin + (call->to.storage.defined() ? place(call->to) + " = " : "") + call->function + "(" + operands +
               ")" + where(call->predicate) + "\n";
    }
    if (const auto* team = s.as<Team>()) {
        std::string text = "team";
        for (const Symbol& loop : team->work.loops) text += " " + loop.name();
        for (const Role& role : team->roles)
            text += " " + role.name + "=" + std::to_string(role.count) + "x" + std::to_string(role.threads);
        return margin + text + "\n" + print(team->body, indent + 1);
    }
    throw InternalError("print: unknown statement");
}

std::string print(const Function& function) {
    std::string text = "function " + function.name + "(";
    for (std::size_t i = 0; i < function.parameters.size(); ++i)
        text += (i ? ", " : "") + function.parameters[i].name() + ": " + type_of(function.parameters[i]);
    for (const Symbol& size : function.sizes) text += "; " + size.name();
    return text + ")\n" + print(function.body, 1);
}

}  // namespace heddle

// schedules/directives_arithmetic.cpp -- tensorize, precision, reduce_across, split_reduction.
#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "runtime/text.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"

namespace heddle::directives {
namespace {

// Another name of the same multiply for this operand type: fma is fma_f64 in double, wgmma_m64n256k16 has a row a type.
const Atom* multiply_atom(const LoopNest& nest, const std::string& name, ScalarType operand) {
    const auto takes = [&](const Atom* atom) {
        return atom && std::count(atom->operands.begin(), atom->operands.end(), operand) > 0;
    };
    const Atom* atom = find_atom(name, nest.target.kind);
    if (takes(atom)) return atom;
    const Atom* typed = find_atom(name + "_" + std::string(name_of(operand)), nest.target.kind);
    if (!typed && operand == f32) typed = find_atom(name + "_tf32", nest.target.kind);
    if (takes(typed)) return typed;
    return atom ? atom : typed ? typed : find_atom(name);
}

// The two reads of a product.
std::pair<const Read*, const Read*> factors_of(const StageNest& stage) {
    const Definition& definition = *stage.stage.definition;
    const std::string wanted =
        fmt::format("{} is not a += of a product of two reads: {}", stage.stage.name(), print(definition));
    if (definition.op != UpdateOp::add || definition.right.size() != 1) refuse(wanted);
    const auto* product = definition.right[0].as<Binary>();
    if (!product || product->op != BinaryOp::mul) refuse(wanted);
    const auto *a = product->a.as<Read>(), *b = product->b.as<Read>();
    if (!a || !b) refuse(wanted);
    return {a, b};
}

AnyTensor operand(const StageNest& stage, const Arguments& arguments, std::string_view role) {
    return arguments.has(role) ? tensor_read(stage, arguments.word(role)) : AnyTensor();
}

AccuracyClass parse_accuracy(const std::string& word) {
    constexpr AccuracyClass classes[] = {AccuracyClass::f64, AccuracyClass::f32,  AccuracyClass::tf32,
                                         AccuracyClass::f16, AccuracyClass::bf16, AccuracyClass::i32};
    std::vector<std::string> names;
    for (const AccuracyClass accuracy : classes) names.emplace_back(name_of(accuracy));
    return classes[choose(word, names, "accuracy class")];
}

}  // namespace

void tensorize(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "tensorize", {"atom", "A", "B", "warps"}, 1);
    const auto [left, right] = factors_of(stage);
    const AnyTensor a(left->tensor), b(right->tensor);
    if (!has_bare_left(*stage.stage.definition))
        refuse(fmt::format("{} has computed left indices, and a multiply adds to an accumulator", stage.stage.name()));
    if (a.type() != b.type())
        refuse(fmt::format("{} is {} and {} is {}: the operands of a multiply have one type", a.name(),
                           name_of(a.type()), b.name(), name_of(b.type())));
    const std::string& name = arguments.word("atom");
    const Atom* atom = multiply_atom(nest, name, a.type());
    const std::vector<std::string> names = atom_names(AtomKind::multiply, nest.target.kind);
    if (!atom || atom->kind != AtomKind::multiply)
        refuse(fmt::format("'{}' is no atom that multiplies; there are {}{}", name, join(names, ", "),
                           did_you_mean(name, names)));
    std::string reason;
    if (!available(*atom, nest.target, reason)) refuse(reason);
    if (!std::count(atom->operands.begin(), atom->operands.end(), a.type())) {
        std::vector<std::string> types;
        for (const ScalarType type : atom->operands) types.emplace_back(name_of(type));
        refuse(fmt::format("atom {} takes {}, and {} and {} are {}", atom->name, join(types, ", "), a.name(), b.name(),
                           name_of(a.type())));
    }
    Tensorize tensorize;
    tensorize.atom = atom->name;
    tensorize.a = operand(stage, arguments, "A");
    tensorize.b = operand(stage, arguments, "B");
    if (tensorize.a.defined() && tensorize.a == tensorize.b && a != b)
        refuse(fmt::format("{} is named as both operands", tensorize.a.name()));
    if (arguments.has("warps")) {
        const std::vector<std::int64_t> warps = arguments.integers("warps");
        if (nest.target.kind == TargetKind::host || warps.size() != 2 || warps[0] < 1 || warps[1] < 1 ||
            warps[0] * warps[1] > 32)
            refuse(
                "warps={M, N} says how the warps of a CUDA block, at most 32, divide the rows and columns of a tile");
        tensorize.warps_m = static_cast<int>(warps[0]);
        tensorize.warps_n = static_cast<int>(warps[1]);
    }
    stage.tensorize = std::move(tensorize);
}

void precision(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "precision", {"class", "pieces", "promote"}, 1);
    Precision precision;
    precision.accuracy = parse_accuracy(arguments.word("class"));
    const std::int64_t pieces = arguments.integer("pieces", 1), promote = arguments.integer("promote", 0);
    if (pieces < 1 || pieces > 3) refuse(fmt::format("pieces must lie in 1 to 3, not {}", pieces));
    if (promote < 0 || promote > 1 << 20) refuse(fmt::format("promote must lie in 0 to {}, not {}", 1 << 20, promote));
    const Definition& definition = *stage.stage.definition;
    if ((pieces > 1 || promote > 0) && definition.op != UpdateOp::add)
        refuse(fmt::format("operands are split and sums promoted in a += of a product, not in {}",
                           name_of(definition.op)));
    const ScalarType type = definition.right[0].type();
    const std::string own(name_of(type));
    if (nest.target.kind == TargetKind::host && pieces > 1)
        refuse(fmt::format("the host multiplies {} exactly as it is: operands stay in one piece", own));
    if ((precision.accuracy == AccuracyClass::f64 && type != f64) ||
        (precision.accuracy == AccuracyClass::i32 && is_float(type)))
        refuse(fmt::format("{} computes in {}, which is not of class {}", stage.stage.name(), own,
                           name_of(precision.accuracy)));
    precision.pieces = static_cast<int>(pieces);
    precision.promote_every = static_cast<int>(promote);
    stage.precision = precision;
}

void reduce_across(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "reduce_across", {"threads"}, 1);
    const std::vector<std::string> names = {"threads", "warps", "cluster", "blocks"};
    const std::string& word = arguments.word("threads");
    choose(word, names, "group to reduce across");
    if (nest.target.kind == TargetKind::host)
        refuse(
            "on the host one thread reduces an element; a long reduction is divided over threads by its free loops, or "
            "in "
            "blocks by accumulate_in further in");
    if (word == "cluster" && nest.target.compute_capability < 90)
        refuse(fmt::format("clusters are of compute capability 90 or more; the target is {}", nest.target.text()));
    if (std::none_of(stage.loops.begin(), stage.loops.end(), [](const Loop& loop) { return loop.reduced; }))
        refuse(fmt::format("{} has no reduced loops", stage.stage.name()));
    stage.reduce_across = word;
}

void split_reduction(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "split_reduction", {"parts"}, 1);
    const std::int64_t parts = arguments.integer("parts");
    if (nest.target.kind == TargetKind::host)
        refuse(
            "the host has no second pass over partial sums; reorder a free loop outward and make it parallel, or "
            "accumulate in blocks with accumulate_in further in");
    if (parts < 2 || parts > 4096) refuse(fmt::format("parts must lie in 2 to 4096, not {}", parts));
    const Definition& definition = *stage.stage.definition;
    if (definition.op == UpdateOp::assign) refuse(fmt::format("{} is a = and reduces nothing", stage.stage.name()));
    if (!has_bare_left(definition))
        refuse(fmt::format("{} has computed left indices: its partial sums are not tiles", stage.stage.name()));
    if (definition.op == UpdateOp::argmax)
        refuse(
            "the maximum of an argmax= is kept only while it runs; +=, *=, max=, min= and tuples of values can be "
            "split");
    const auto first =
        std::find_if(stage.loops.begin(), stage.loops.end(), [](const Loop& loop) { return loop.reduced; });
    if (first == stage.loops.end()) refuse(fmt::format("{} has no reduced loops", stage.stage.name()));
    if (const std::optional<std::int64_t> extent = static_extent(*first); extent && *extent < parts)
        refuse(fmt::format("{} parts of {}, the outermost reduced loop, which has {} iterations", parts, first->name(),
                           *extent));
    stage.split_reduction = static_cast<int>(parts);
}

}  // namespace heddle::directives

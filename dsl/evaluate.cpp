// dsl/evaluate.cpp -- carries out all definitions of a pipeline over their whole domains.
#include "dsl/evaluate.h"

#include <fmt/format.h>

#include "dsl/element_values.h"
#include "dsl/point_program.h"
#include "dsl/print.h"
#include "dsl/unique_index.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

class Evaluation {
public:
    Evaluation(const Pipeline& pipeline, const NamedBuffers& inputs, EvaluatePrecision precision)
        : inputs_(inputs), parameters_(bind_parameters(pipeline, inputs)), precision_(precision) {
        for (const PipelineStage& stage : pipeline.stages) carry_out(stage);
    }

    Buffer result(const AnyTensor& tensor, bool keep_f64) const {
        const bool floating = is_float(tensor.type());
        const Buffer buffer(floating && keep_f64 ? f64 : tensor.type(), values_of(tensor.shape(), parameters_));
        const std::vector<Value>& values = values_.at(tensor.node().get());
        const int bytes = bytes_of(buffer.type());
        auto* address = static_cast<std::byte*>(buffer.data());
        for (std::size_t i = 0; i < values.size(); ++i, address += bytes) {
            if (floating)
                store_float(buffer.type(), address, values[i].f);
            else
                store_int(buffer.type(), address, values[i].i);
        }
        return buffer;
    }

private:
    void carry_out(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        for (const Expr& index : definition.left)
            if (const DataIndex* data = index.as<DataIndex>(); data && is_unique(*data))
                check_promise(index, *data, definition);
        for (std::size_t i = 0; i < stage.targets.size(); ++i) begin(stage.targets[i], definition, i);
        PointProgram program(definition,
                             {parameters_, precision_, [&](const TensorNode& t) { return source(t); }, false});
        if (program.empty_reduction() && !values_.at(stage.targets[0].node().get()).empty())
            check_empty_reduction(stage.targets[0], definition);
        std::vector<Value*> accumulators;
        for (const AnyTensor& target : stage.targets) accumulators.push_back(values_.at(target.node().get()).data());
        if (definition.op == UpdateOp::argmax) {
            std::vector<Value>& best = best_[stage.targets[0].node().get()];
            best.resize(values_.at(stage.targets[0].node().get()).size());
            accumulators.push_back(best.data());
        }
        program.run_all(accumulators);
        for (const AnyTensor& target : stage.targets)
            if (target.node()->definitions.back() == stage.definition)
                for (Value& value : values_.at(target.node().get())) value = finished(value, target.type(), precision_);
    }

    /// All values of an index that is promised to differ, and that they do.
    void check_promise(const Expr& promised, const DataIndex& data, const Definition& definition) {
        std::vector<Extent> shape;
        std::vector<Expr> left;
        Substitution free;
        for (const DomainVar& v : definition.domain) {
            if (!uses(data.value, v.symbol)) continue;
            shape.push_back(v.extent);
            left.emplace_back(Symbol(v.symbol.name(), SymbolKind::free, v.extent.expr().handle()));
            free[v.symbol] = left.back();
        }
        const AnyTensor values("values", i64, shape);
        const Expr value = index(substitute(data.value, free), substitute(data.extent, free));
        add_definition({values.node()}, left, UpdateOp::assign, {value}, {}, definition.where);
        carry_out({values.node()->definitions[0], {values}, 0});
        std::map<std::int64_t, std::size_t> seen;
        const std::vector<Value>& found = values_.at(values.node().get());
        for (std::size_t i = 0; i < found.size(); ++i) {
            const auto [known, added] = seen.emplace(found[i].i, i);
            if (added) continue;
            const std::string points =
                fmt::format("{} and {}", point_text(left, shape, known->second), point_text(left, shape, i));
            throw UserError(definition.where,
                            fmt::format("{} gives {} twice, at {}: its values were promised to differ; index(...) "
                                        "makes no promise",
                                        print(promised), found[i].i, points));
        }
        values_.erase(values.node().get());
    }

    /// "n=3, m=0".
    std::string point_text(const std::vector<Expr>& variables, const std::vector<Extent>& shape, std::size_t at) const {
        const std::vector<std::int64_t> sizes = values_of(shape, parameters_);
        std::string text;
        for (std::size_t d = variables.size(); d-- > 0;) {
            const auto size = static_cast<std::size_t>(sizes[d]);
            text = fmt::format("{}={}{}{}", print(variables[d]), at % size, text.empty() ? "" : ", ", text);
            at /= size;
        }
        return text;
    }

    void begin(const AnyTensor& target, const Definition& definition, std::size_t component) {
        std::int64_t elements = 1;
        for (std::int64_t extent : values_of(target.shape(), parameters_)) elements *= extent;
        values_.try_emplace(target.node().get(), static_cast<std::size_t>(elements),
                            starting_value(definition, target.type(), component));
    }

    ElementSource source(const TensorNode& tensor) const {
        if (tensor.definitions.empty()) return source_of(inputs_.at(tensor.name));
        const std::vector<std::int64_t> shape = values_of(*tensor.shape, parameters_);
        return {is_float(tensor.type) ? f64 : i64, values_.at(&tensor).data(), shape, row_major_strides(shape), {}};
    }

    const NamedBuffers& inputs_;
    const std::map<Symbol, std::int64_t> parameters_;
    const EvaluatePrecision precision_;
    std::map<const TensorNode*, std::vector<Value>> values_, best_;
};

}  // namespace

NamedBuffers evaluate(const Pipeline& pipeline, const NamedBuffers& inputs, EvaluatePrecision precision,
                      bool keep_f64) {
    const Evaluation evaluation(pipeline, inputs, precision);
    NamedBuffers outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs[output.name()] = evaluation.result(output, keep_f64);
    return outputs;
}

}  // namespace heddle

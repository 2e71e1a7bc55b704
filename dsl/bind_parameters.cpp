// dsl/bind_parameters.cpp -- the run-time sizes that make buffers fit their tensors.
#include <fmt/format.h>

#include "dsl/affine.h"
#include "dsl/evaluate.h"
#include "dsl/print.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

/// One dimension of a bound buffer.
struct Bound {
    const AnyTensor* tensor;
    std::size_t dimension;
    Affine extent;
    std::int64_t size;
};

[[noreturn]] void refuse(const Bound& bound, const std::string& expected) {
    throw UserError(fmt::format("{} has the size {} at dimension {}; its shape says {}{}", bound.tensor->name(),
                                bound.size, bound.dimension, print(bound.tensor->shape()[bound.dimension].expr()),
                                expected));
}

void check_buffer(const AnyTensor& tensor, const Buffer& buffer) {
    if (buffer.type() != tensor.type())
        throw UserError(fmt::format("{} is a tensor of {} and is given a buffer of {}", tensor.name(),
                                    name_of(tensor.type()), name_of(buffer.type())));
    if (buffer.rank() != tensor.rank())
        throw UserError(fmt::format("{} has {} dimensions and is given a buffer of shape {}", tensor.name(),
                                    tensor.rank(), describe_shape(buffer.shape())));
}

[[noreturn]] void refuse_missing(const AnyTensor& tensor, const NamedBuffers& buffers) {
    std::vector<std::string> given;
    for (const auto& named : buffers) given.push_back(named.first);
    const std::vector<std::string> near = nearest_names(tensor.name(), given);
    throw UserError(fmt::format("no buffer is given for the input {}; given are: {}{}", tensor.name(),
                                given.empty() ? "none" : join(given, ", "),
                                near.empty() ? "" : " (did you mean " + near[0] + "?)"));
}

/// Takes the value of the only unknown parameter; true when there was one.
bool solve(const Bound& bound, std::map<Symbol, std::int64_t>& values) {
    std::int64_t rest = bound.size - bound.extent.constant;
    const Symbol* unknown = nullptr;
    for (const auto& [symbol, coefficient] : bound.extent.terms) {
        if (const auto known = values.find(symbol); known != values.end()) {
            rest -= coefficient * known->second;
        } else if (unknown) {
            return false;
        } else {
            unknown = &symbol;
        }
    }
    if (!unknown) {
        std::vector<std::string> sizes;
        for (const auto& [symbol, coefficient] : bound.extent.terms)
            sizes.push_back(fmt::format("{} = {}", symbol.name(), values.at(symbol)));
        if (rest != 0) refuse(bound, sizes.empty() ? "" : ", and elsewhere " + join(sizes, ", "));
        return false;
    }
    const std::int64_t coefficient = bound.extent.coefficient(*unknown), value = rest / coefficient;
    if (rest % coefficient != 0 || value < unknown->min() || value > unknown->max())
        refuse(bound, fmt::format(", with {} in [{}, {}]", unknown->name(), unknown->min(), unknown->max()));
    values[*unknown] = value;
    return true;
}

}  // namespace

std::map<Symbol, std::int64_t> bind_parameters(const Pipeline& pipeline, const NamedBuffers& buffers) {
    std::vector<Bound> bounds;
    for (const std::vector<AnyTensor>* group : {&pipeline.inputs, &pipeline.outputs})
        for (const AnyTensor& tensor : *group) {
            const auto found = buffers.find(tensor.name());
            if (found == buffers.end()) {
                if (!tensor.has_definition()) refuse_missing(tensor, buffers);
                continue;
            }
            check_buffer(tensor, found->second);
            for (std::size_t d = 0; d < tensor.shape().size(); ++d)
                if (const std::optional<Affine> extent = affine_of(tensor.shape()[d].expr()))
                    bounds.push_back({&tensor, d, *extent, found->second.shape()[d]});
        }
    std::map<Symbol, std::int64_t> values;
    for (bool progress = true; progress;) {
        progress = false;
        for (const Bound& bound : bounds) progress = solve(bound, values) || progress;
    }
    for (const Symbol& parameter : pipeline.parameters)
        if (!values.count(parameter))
            throw UserError(
                fmt::format("the run-time size {} follows from no buffer: an input needs it as the size of a "
                            "dimension",
                            parameter.name()));
    // Sizes that are no sums of constants times parameters are checked once these are known.
    Substitution known;
    for (const auto& [symbol, value] : values) known[symbol] = Expr::integer(value);
    for (const AnyTensor& tensor : pipeline.inputs)
        for (std::size_t d = 0; d < tensor.shape().size(); ++d) {
            const std::int64_t size = buffers.at(tensor.name()).shape()[d];
            const Extent expected(substitute(tensor.shape()[d].expr(), known));
            if (expected.value() != size) refuse({&tensor, d, {}, size}, fmt::format(", here {}", expected.value()));
        }
    return values;
}

}  // namespace heddle

// ops/registry.h -- operators by name, made from texts: what the command and its help are built on.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

/// A tensor that an operator takes. `layouts` are the orders of dimensions that it knows, the first is the default; one
/// letter a dimension.
struct TensorRow {
    std::string_view name;
    std::vector<std::string_view> layouts;
    bool required;
    std::string_view summary;
};

struct ParameterRow {
    std::string_view name, values, fallback, summary;
};

class OperatorArguments;

/// An operator in the table. `make` returns its outputs.
struct OperatorRow {
    std::string_view name, summary;
    std::vector<TensorRow> tensors;
    std::vector<ParameterRow> parameters;
    std::string_view example;  ///< the arguments of one legal use
    std::vector<AnyTensor> (*make)(const OperatorArguments&);
};

/// A tensor with the layout in which it is given.
struct LaidOutTensor {
    AnyTensor tensor;
    std::string layout;  ///< empty: the default
};

/// Tensors and parameters of one use, checked against the operator's row.
class OperatorArguments {
public:
    /// Throws UserError for a tensor or parameter that the operator does not have, a missing tensor, an unknown layout,
    /// and a number of dimensions that the layout does not have.
    OperatorArguments(const OperatorRow& row, std::map<std::string, LaidOutTensor> tensors,
                      std::map<std::string, std::string> parameters);

    bool has(const std::string& tensor) const { return tensors_.count(tensor) != 0; }
    const AnyTensor& tensor(const std::string& name) const { return tensors_.at(name).tensor; }
    /// Position of the tensor's layout in its row.
    std::size_t layout(const std::string& name) const;

    /// The parameter as given, else its fallback.
    std::string text(const std::string& parameter) const;
    /// Each throws UserError for another form.
    std::int64_t integer(const std::string& parameter, std::int64_t least) const;
    /// "2" or "2,1".
    std::array<int, 2> pair(const std::string& parameter, int least) const;
    /// "zero", "constant:0.5", ...
    Boundary boundary(const std::string& parameter) const;

private:
    const OperatorRow& row_;
    std::map<std::string, LaidOutTensor> tensors_;
    std::map<std::string, std::string> parameters_;
};

/// All operators, in the order in which they are listed.
const std::vector<OperatorRow>& operator_table();
/// Throws UserError that lists the operators for an unknown name.
const OperatorRow& operator_named(std::string_view name);

}  // namespace heddle

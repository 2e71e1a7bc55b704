// ops/registry.h -- operators by name, made from texts: what the command and its help are built on.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"

namespace heddle {

/// A tensor that an operator takes. `layouts` are the orders of dimensions that it knows, the first is the default; one
/// letter a dimension. None: any number of dimensions, in any meaning.
struct TensorRow {
    std::string name;
    std::vector<std::string> layouts;
    bool required;
    std::string summary;
};

struct ParameterRow {
    std::string name, values, fallback, summary;
};

class OperatorArguments;

/// An operator in the table. `make` returns its outputs.
struct OperatorRow {
    std::string name, summary;
    std::vector<TensorRow> tensors;
    std::vector<ParameterRow> parameters;
    std::string example;  ///< one legal use, as words of a command line
    std::function<std::vector<AnyTensor>(const OperatorArguments&)> make;
    std::string differences = {};  ///< from PyTorch's operator of this name
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
    std::optional<AnyTensor> optional_tensor(const std::string& name) const;
    /// Position of the tensor's layout in its row.
    std::size_t layout(const std::string& name) const;

    /// The parameter as given, else its fallback.
    std::string text(const std::string& parameter) const;
    /// Whether it is given, or has a fallback.
    bool stated(const std::string& parameter) const { return !text(parameter).empty(); }
    /// Each throws UserError for another form.
    std::int64_t integer(const std::string& parameter,
                         std::int64_t least = std::numeric_limits<std::int32_t>::min()) const;
    double number(const std::string& parameter) const;
    /// "true" or "false", "1" or "0".
    bool flag(const std::string& parameter) const;
    /// "2", "2,1".
    std::vector<int> integers(const std::string& parameter, int least = std::numeric_limits<std::int32_t>::min()) const;
    PerDimension sizes(const std::string& parameter, int least) const { return integers(parameter, least); }
    /// A number a dimension, or "same".
    Padding padding(const std::string& parameter) const;
    /// One of `words`, by its position.
    std::size_t choice(const std::string& parameter, const std::vector<std::string>& words) const;
    /// "zeros", "constant:0.5", ...
    Boundary boundary(const std::string& parameter) const;
    /// A type's name; nothing where it is not stated.
    std::optional<ScalarType> type(const std::string& parameter) const;

private:
    const OperatorRow& row_;
    std::map<std::string, LaidOutTensor> tensors_;
    std::map<std::string, std::string> parameters_;
};

/// All operators, in the order in which they are listed.
const std::vector<OperatorRow>& operator_table();
/// Adds an operator at the end of the table; to be done before rows of it are in use, by one thread. Throws UserError
/// for a row without a name, an example or a function, and for a name or tensor that is there already.
void add_operator(OperatorRow row);
/// Throws UserError that lists the operators for an unknown name.
const OperatorRow& operator_named(std::string_view name);

}  // namespace heddle

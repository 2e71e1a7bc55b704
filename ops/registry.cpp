// ops/registry.cpp -- the table of operators, and reading their arguments.
#include "ops/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "dsl/boundary.h"
#include "dsl/lexer.h"
#include "ops/operator_rows.h"
#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle {
namespace {

template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& rows) {
    std::vector<std::string> names;
    for (const Row& row : rows) names.emplace_back(row.name);
    return names;
}

template <class Row>
const Row* find_row(const std::vector<Row>& rows, std::string_view name) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}

std::string layouts_of(const TensorRow& row) { return join(row.layouts, ", "); }

std::int64_t integer_of(const std::string& text, const std::string& what, std::int64_t least) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least ||
        value > std::numeric_limits<int>::max())
        throw UserError(fmt::format("{} takes integers of at least {}, not '{}'", what, least, text));
    return value;
}

}  // namespace

OperatorArguments::OperatorArguments(const OperatorRow& row, std::map<std::string, LaidOutTensor> tensors,
                                     std::map<std::string, std::string> parameters)
    : row_(row), tensors_(std::move(tensors)), parameters_(std::move(parameters)) {
    for (const auto& [name, given] : tensors_) {
        const TensorRow* known = find_row(row_.tensors, name);
        if (!known)
            throw UserError(fmt::format("{} has no tensor '{}'; it takes {}{}", row_.name, name,
                                        join(names_of(row_.tensors), ", "),
                                        did_you_mean(name, names_of(row_.tensors))));
        if (known->layouts.empty()) {
            if (!given.layout.empty())
                throw UserError(fmt::format("{}: {} has no layouts; write its sizes in their order in memory, not {}",
                                            row_.name, name, given.layout));
            continue;
        }
        const std::string layout = given.layout.empty() ? known->layouts.front() : given.layout;
        if (std::find(known->layouts.begin(), known->layouts.end(), layout) == known->layouts.end())
            throw UserError(
                fmt::format("{} knows no layout '{}' of {}; it knows {}", row_.name, layout, name, layouts_of(*known)));
        if (given.tensor.rank() != static_cast<int>(layout.size()))
            throw UserError(fmt::format("{}: {} has {} dimensions, as {}; {} were given", row_.name, name,
                                        layout.size(), layout, given.tensor.rank()));
    }
    for (const TensorRow& tensor : row_.tensors)
        if (tensor.required && !has(tensor.name))
            throw UserError(fmt::format("{} needs {} ({}), for example\n    {}", row_.name, tensor.name, tensor.summary,
                                        row_.example));
    for (const auto& [name, value] : parameters_)
        if (!find_row(row_.parameters, name))
            throw UserError(fmt::format("{} has no parameter '{}'; it takes {}{}", row_.name, name,
                                        join(names_of(row_.parameters), ", "),
                                        did_you_mean(name, names_of(row_.parameters))));
}

std::optional<AnyTensor> OperatorArguments::optional_tensor(const std::string& name) const {
    if (!has(name)) return {};
    return tensor(name);
}

std::size_t OperatorArguments::layout(const std::string& name) const {
    const auto given = tensors_.find(name);
    if (given == tensors_.end() || given->second.layout.empty()) return 0;
    const auto& layouts = find_row(row_.tensors, name)->layouts;
    return static_cast<std::size_t>(std::find(layouts.begin(), layouts.end(), given->second.layout) - layouts.begin());
}

std::string OperatorArguments::text(const std::string& parameter) const {
    const auto given = parameters_.find(parameter);
    if (given != parameters_.end()) return given->second;
    const ParameterRow* row = find_row(row_.parameters, parameter);
    require(row != nullptr, "an operator asks for parameters of its row only");
    return row->fallback;
}

std::int64_t OperatorArguments::integer(const std::string& parameter, std::int64_t least) const {
    return integer_of(text(parameter), fmt::format("{}: {}", row_.name, parameter), least);
}

double OperatorArguments::number(const std::string& parameter) const {
    const std::string given = text(parameter);
    char* end = nullptr;
    const double value = std::strtod(given.c_str(), &end);
    if (given.empty() || *end != 0)
        throw UserError(fmt::format("{}: {} takes a number, not '{}'", row_.name, parameter, given));
    return value;
}

bool OperatorArguments::flag(const std::string& parameter) const {
    return choice(parameter, {"false", "true", "0", "1"}) % 2 == 1;
}

std::vector<int> OperatorArguments::integers(const std::string& parameter, int least) const {
    const std::string given = text(parameter), what = fmt::format("{}: {}", row_.name, parameter);
    std::vector<int> values;
    for (std::size_t begin = 0; begin <= given.size();) {
        const std::size_t comma = std::min(given.find(',', begin), given.size());
        values.push_back(static_cast<int>(integer_of(given.substr(begin, comma - begin), what, least)));
        begin = comma + 1;
    }
    return values;
}

Padding OperatorArguments::padding(const std::string& parameter) const {
    const std::string given = text(parameter);
    if (given == "same") return Padding::same();
    if (given == "valid") return 0;
    return integers(parameter, 0);
}

std::size_t OperatorArguments::choice(const std::string& parameter, const std::vector<std::string>& words) const {
    const std::string given = text(parameter);
    const auto found = std::find(words.begin(), words.end(), given);
    if (found == words.end())
        throw UserError(fmt::format("{}: {} is one of {}, not '{}'{}", row_.name, parameter, join(words, ", "), given,
                                    did_you_mean(given, words)));
    return static_cast<std::size_t>(found - words.begin());
}

std::optional<ScalarType> OperatorArguments::type(const std::string& parameter) const {
    if (!stated(parameter)) return {};
    const std::optional<ScalarType> type = parse_type(text(parameter));
    if (!type)
        throw UserError(
            fmt::format("{}: '{}' is not a type; there are {}", row_.name, text(parameter), all_type_names()));
    return type;
}

Boundary OperatorArguments::boundary(const std::string& parameter) const {
    std::string given = text(parameter);
    if (given == "zeros") given = "zero";
    const std::string word = given.substr(0, given.find(':'));
    std::vector<std::string> known;
    for (int i = static_cast<int>(BoundaryMode::zero); i <= static_cast<int>(BoundaryMode::skip); ++i) {
        const auto mode = static_cast<BoundaryMode>(i);
        known.emplace_back(name_of(mode));
        if (word != name_of(mode)) continue;
        if (mode != BoundaryMode::constant && word == given) return {mode, 0};
        char* end = nullptr;
        const double value = word == given ? 0 : std::strtod(given.c_str() + word.size() + 1, &end);
        if (mode == BoundaryMode::constant && end && end != given.c_str() + word.size() + 1 && *end == 0)
            return {mode, value};
    }
    throw UserError(fmt::format("{}: '{}' is not a boundary; there are {} (as constant:0.5){}", row_.name, given,
                                join(known, ", "), did_you_mean(word, known)));
}

namespace {

std::vector<OperatorRow>& mutable_table() {
    static std::vector<OperatorRow> table = [] {
        std::vector<OperatorRow> rows;
        for (const auto append :
             {append_conv_rows, append_conv_transpose_rows, append_pool_rows, append_unpool_rows, append_column_rows,
              append_pad_rows, append_linear_rows, append_softmax_rows, append_elementwise_rows})
            append(rows);
        return rows;
    }();
    return table;
}

/// A name that a command line can hold before '='.
bool is_plain_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_word_character) && !std::isdigit(name[0]);
}

}  // namespace

const std::vector<OperatorRow>& operator_table() { return mutable_table(); }

void add_operator(OperatorRow row) {
    if (!is_plain_name(row.name))
        throw UserError(fmt::format("'{}' cannot be an operator's name: letters, digits and '_' can", row.name));
    if (find_row(operator_table(), row.name))
        throw UserError(fmt::format("there is an operator '{}' already: choose another name", row.name));
    if (!row.make) throw UserError(fmt::format("the operator '{}' has no function that makes it", row.name));
    if (!row.example.starts_with(row.name + " "))
        throw UserError(
            fmt::format("the operator '{}' needs an example of its use, as '{} x=f32:64x1000'", row.name, row.name));
    std::vector<std::string> names = names_of(row.tensors);
    for (const std::string& name : names_of(row.parameters)) names.push_back(name);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!is_plain_name(names[i]) || std::count(names.begin(), names.end(), names[i]) > 1)
            throw UserError(
                fmt::format("the operator '{}' cannot take '{}': names are letters, digits and '_', each "
                            "once",
                            row.name, names[i]));
    mutable_table().push_back(std::move(row));
}

const OperatorRow& operator_named(std::string_view name) {
    if (const OperatorRow* row = find_row(operator_table(), name)) return *row;
    const std::vector<std::string> known = names_of(operator_table());
    throw UserError(
        fmt::format("there is no operator '{}'; there are {}, and -e \"...\" takes a definition written in place{}",
                    name, join(known, ", "), did_you_mean(name, known)));
}

}  // namespace heddle

// schedules/directive_arguments.cpp -- the arguments of a directive by name.
#include <fmt/core.h>

#include <algorithm>

#include "runtime/text.h"
#include "schedules/directive.h"
#include "schedules/directive_support.h"

namespace heddle {
namespace {

std::string kind_of(const Argument& argument) {
    if (const auto* integer = std::get_if<std::int64_t>(&argument.value))
        return fmt::format("the integer {}", *integer);
    if (const auto* word = std::get_if<std::string>(&argument.value)) return fmt::format("'{}'", *word);
    return "a list";
}

}  // namespace

Arguments::Arguments(const std::vector<Argument>& given, std::string_view directive, std::vector<std::string> names,
                     std::size_t required)
    : directive_(directive), names_(std::move(names)), values_(names_.size()) {
    std::size_t next = 0;
    for (const Argument& argument : given) {
        std::size_t position = next;
        if (!argument.key.empty()) {
            const auto found = std::find(names_.begin(), names_.end(), argument.key);
            if (found == names_.end())
                refuse(fmt::format("there is no argument '{}'; it is {}{}", argument.key, usage(),
                                   did_you_mean(argument.key, names_)));
            position = static_cast<std::size_t>(found - names_.begin());
        }
        if (position >= names_.size())
            refuse(
                fmt::format("{} arguments where at most {} are taken; it is {}", given.size(), names_.size(), usage()));
        if (values_[position]) refuse(fmt::format("the argument '{}' is given twice", names_[position]));
        values_[position] = &argument;
        next = position + 1;
    }
    for (std::size_t i = 0; i < required; ++i)
        if (!values_[i]) refuse(fmt::format("the argument '{}' is missing; it is {}", names_[i], usage()));
}

std::string Arguments::usage() const {
    const DirectiveRow* row = find_directive(directive_);
    return std::string(row ? row->signature : directive_);
}

const Argument* Arguments::find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
        if (names_[i] == name) return values_[i];
    return nullptr;
}

const Argument& Arguments::required(std::string_view name) const {
    const Argument* argument = find(name);
    if (!argument) refuse(fmt::format("the argument '{}' is missing; it is {}", name, usage()));
    return *argument;
}

std::int64_t Arguments::integer(std::string_view name) const {
    const Argument& argument = required(name);
    const auto* value = std::get_if<std::int64_t>(&argument.value);
    if (!value) refuse(fmt::format("the {} must be an integer, not {}", name, kind_of(argument)));
    return *value;
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t fallback) const {
    return has(name) ? integer(name) : fallback;
}

const std::string& Arguments::word(std::string_view name) const {
    const Argument& argument = required(name);
    const auto* value = std::get_if<std::string>(&argument.value);
    if (!value) refuse(fmt::format("the {} must be a name, not {}", name, kind_of(argument)));
    return *value;
}

std::string Arguments::word(std::string_view name, const std::string& fallback) const {
    return has(name) ? word(name) : fallback;
}

std::vector<std::string> Arguments::words(std::string_view name) const {
    const Argument& argument = required(name);
    const auto* list = std::get_if<std::vector<Argument>>(&argument.value);
    if (!list) return {word(name)};
    std::vector<std::string> values;
    for (const Argument& item : *list) {
        const auto* value = std::get_if<std::string>(&item.value);
        if (!value) refuse(fmt::format("the {} must be names, not {}", name, kind_of(item)));
        values.push_back(*value);
    }
    return values;
}

std::vector<std::int64_t> Arguments::integers(std::string_view name) const {
    const Argument& argument = required(name);
    const auto* list = std::get_if<std::vector<Argument>>(&argument.value);
    if (!list) return {integer(name)};
    std::vector<std::int64_t> values;
    for (const Argument& item : *list) {
        const auto* value = std::get_if<std::int64_t>(&item.value);
        if (!value) refuse(fmt::format("the {} must be integers, not {}", name, kind_of(item)));
        values.push_back(*value);
    }
    return values;
}

}  // namespace heddle

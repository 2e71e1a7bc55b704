// heddle/plugin.h -- operators in a shared library of one's own, for `heddle ... --load libmyops.so`.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "heddle/heddle.h"
#include "ops/plugin.h"
#include "runtime/version.h"

namespace heddle {

namespace plugin_detail {

struct Node {
    OperatorRow (*make)();
    const Node* next;
};
// Each plugin has a list of its own: nothing of it is seen outside.
__attribute__((visibility("hidden"))) inline const Node* first = nullptr;

struct Registration : Node {
    explicit Registration(OperatorRow (*make)()) : Node{make, first} { first = this; }
};

__attribute__((visibility("hidden"))) inline const char* hand_over(void (*add)(void*, OperatorRow), void* to) noexcept {
    static std::string problem;
    try {
        std::vector<const Node*> nodes;  // the list holds the last one first
        for (const Node* node = first; node != nullptr; node = node->next) nodes.insert(nodes.begin(), node);
        for (const Node* node : nodes) add(to, node->make());
        return nullptr;
    } catch (const UserError& error) {
        problem = error.message();
    } catch (const std::exception& error) {
        problem = error.what();
    } catch (...) {
        problem = "something that is no exception was thrown";
    }
    return problem.c_str();
}

}  // namespace plugin_detail
}  // namespace heddle

/// What a command asks a plugin for.
extern "C" __attribute__((used, visibility("default"))) inline const heddle::PluginDescription* heddle_plugin() {
    static const heddle::PluginDescription description{HEDDLE_VERSION_TEXT, sizeof(heddle::OperatorRow),
                                                       reinterpret_cast<const void*>(&heddle::operator_table),
                                                       &heddle::plugin_detail::hand_over};
    return &description;
}

#define HEDDLE_PLUGIN_NAME_(prefix, line) prefix##line
#define HEDDLE_PLUGIN_NAME(prefix, line) HEDDLE_PLUGIN_NAME_(prefix, line)
/// Registers an operator; takes an OperatorRow or its members in braces, at namespace scope, as often as is wanted.
///     HEDDLE_REGISTER_OPERATOR({"twice", "2 x", {{"x", {}, true, "of any shape"}}, {}, "twice x=f32:8",
///                               [](const OperatorArguments& given) { return std::vector{twice(given.tensor("x"))}; }})
#define HEDDLE_REGISTER_OPERATOR(...)                                      \
    static const ::heddle::plugin_detail::Registration HEDDLE_PLUGIN_NAME( \
        heddle_registration_, __LINE__)([]() -> ::heddle::OperatorRow { return __VA_ARGS__; });

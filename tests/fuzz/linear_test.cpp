// tests/fuzz/linear_test.cpp -- which inputs a draft is linear in.
#include "tests/fuzz/linear.h"

#include <gtest/gtest.h>

namespace heddle::fuzz {
namespace {

using Names = std::vector<std::string>;

Node read(int tensor) {
    Node node;
    node.tensor = tensor;
    node.indices = {{{{0, 1}}}};
    return node;
}
Node call(const std::string& name, std::vector<Node> children) {
    Node node;
    node.call = name;
    node.children = std::move(children);
    return node;
}
Node number(std::int64_t value) {
    Node node;
    node.number = value;
    return node;
}

/// a, b and the integers p; h, where `first` says, and y of the given values.
Names linear(const std::string& update, Node value, const std::vector<Node>& first = {}) {
    Draft draft;
    draft.tensors = {{"a", f32, {4}, true},
                     {"b", f32, {4}, true},
                     {"p", i32, {4}, true},
                     {"h", f32, {4}, false},
                     {"y", f32, {4}, false}};
    for (const Node& node : first) draft.stages.push_back({3, "=", false, {}, {{"i", 4}}, node});
    draft.stages.push_back({4, update, false, {}, {{"i", 4}}, std::move(value)});
    return linear_inputs(draft);
}

const Node a = read(0), b = read(1), h = read(3);

TEST(LinearInputs, OfSumsAndProducts) {
    EXPECT_EQ(linear("=", a), (Names{"a", "b"}));  // what it does not depend on changes nothing
    EXPECT_EQ(linear("+=", call("*", {a, b})), (Names{"a", "b"}));
    EXPECT_EQ(linear("+=", call("+", {call("*", {a, number(3)}), number(1)})), (Names{"a", "b"}));
    EXPECT_EQ(linear("+=", call("*", {a, a})), (Names{"b"}));
    EXPECT_EQ(linear("+=", call("*", {a, call("+", {a, b})})), (Names{"b"}));
}

TEST(LinearInputs, NotOfExtremaAndFunctions) {
    for (const char* function : {"max", "min", "abs", "positive"})
        EXPECT_EQ(linear("=", call("+", {b, call(function, {a, number(2)})})), (Names{"b"})) << function;
    for (const char* update : {"max=", "min=", "*=", "argmax="}) EXPECT_EQ(linear(update, a), (Names{"b"})) << update;
}

TEST(LinearInputs, ThroughStages) {
    EXPECT_EQ(linear("=", call("*", {h, b}), {a}), (Names{"a", "b"}));
    EXPECT_EQ(linear("=", call("*", {h, a}), {a}), (Names{"b"}));
    EXPECT_EQ(linear("=", call("*", {h, b}), {call("abs", {a})}), (Names{"b"}));
}

}  // namespace
}  // namespace heddle::fuzz

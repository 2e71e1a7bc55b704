// tests/fuzz/draft.h -- a program in pieces: what is drawn at random, printed as a definition, and made smaller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/type.h"

namespace heddle::fuzz {

/// factor * variable, of the stage's variables.
struct Term {
    int variable = 0;
    std::int64_t factor = 1;
};

/// (sum of terms + constant), divided or reduced where `divisor` or `modulus` is above 1; or an element of a tensor of
/// integers, taken into range.
struct Index {
    std::vector<Term> terms;
    std::int64_t constant = 0, divisor = 1, modulus = 1;
    int data = -1;  ///< the tensor that holds the index; its own index is the one term
};

/// A number, a read, or a function of children: "+", "*", "max", "min", "abs", "positive" (a where a > 0, else b).
struct Node {
    std::string call;  ///< empty: a leaf
    std::vector<Node> children;
    int tensor = -1;  ///< of a read
    std::string boundary;
    std::vector<Index> indices;
    std::int64_t number = 0;

    bool is_read() const { return call.empty() && tensor >= 0; }
};

struct Variable {
    std::string name;
    std::int64_t extent = 1;
};

struct Stage {
    int target = 0;
    std::string update = "=";         ///< "+=", "max=", ...
    bool scatters = false;            ///< left indices are computed: all variables have extents of their own
    std::vector<Index> left;          ///< else variable d at dimension d
    std::vector<Variable> variables;  ///< those of the left first; their extents are the target's
    Node value;
};

struct DraftTensor {
    std::string name;
    ScalarType type = f32;
    std::vector<std::int64_t> shape;
    bool input = true;
};

struct Draft {
    std::vector<DraftTensor> tensors;
    std::vector<Stage> stages;
};

/// The text form. A draft that means nothing gives a text that the parser refuses.
std::string text_of(const Draft& draft);
/// The smallest and the largest value of an index before division, over the extents.
struct Span {
    std::int64_t least = 0, most = 0;
};
Span span_of(const Index& index, const Draft& draft, const Stage& stage);
/// Of a variable: the target's where the left is plain.
std::int64_t extent_of(const Draft& draft, const Stage& stage, int variable);

}  // namespace heddle::fuzz

// dsl/point_program.h -- a definition as a short list of instructions that run at each point of its domain.
//
// Values live in numbered slots. Each instruction stands at the depth of the innermost variable that it depends on, so
// that a loop repeats only what changes in it. Nothing is jumped over but whole points: what `select`, `&&` and `||`
// must not touch (loads, checked indices, prints) carries a condition slot instead.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "dsl/definition.h"
#include "dsl/evaluate.h"

namespace heddle {

/// A float, or an integer or boolean, by the type of what holds it.
union Value {
    double f;
    std::int64_t i;
};

/// Where the elements of a tensor are: in memory, or to be computed one by one.
struct ElementSource {
    ScalarType type = ScalarType::f64;  ///< of the elements in memory
    const void* data = nullptr;
    std::vector<std::int64_t> shape, strides;
    std::function<Value(std::int64_t offset)> compute;  ///< by row-major offset; empty for memory
};

/// What a definition is compiled for.
struct PointContext {
    const std::map<Symbol, std::int64_t>& parameters;
    EvaluatePrecision precision = EvaluatePrecision::declared;
    std::function<ElementSource(const TensorNode&)> source;
    bool one_element = false;  ///< run_element, else run_all
};

/// A tensor's or variable's extent at given parameters; throws InternalError for a parameter without a value.
std::int64_t value_of(const Extent& extent, const std::map<Symbol, std::int64_t>& parameters);
std::vector<std::int64_t> values_of(const std::vector<Extent>& shape, const std::map<Symbol, std::int64_t>& parameters);
std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape);

enum class PointOp : std::uint8_t {
    multiply_add,            ///< a + b * number, of i64
    load,                    ///< element at offset a of source `extra`
    load_f32,                ///< the same from memory that holds f32
    add,                     ///< of floats
    sub,                     ///< of floats
    mul,                     ///< of floats
    float_binary,            ///< any BinaryOp of floats, comparisons included
    int_binary,              ///< any BinaryOp of integers of `type`
    less,                    ///< of integers
    less_equal,              ///< of integers
    both,                    ///< of conditions
    float_unary,             ///< any UnaryOp of floats
    int_unary,               ///< any UnaryOp of integers of `type`
    select,                  ///< a ? b : c
    to_float,                ///< from an integer
    to_int,                  ///< from a float to i32 or i64
    narrow_float,            ///< through the float type `type`
    narrow_int,              ///< through the integer type `type`
    data_index,              ///< a in [0, b), checked or clamped by `extra`
    print,                   ///< entry `extra` of the prints
    skip_unless,             ///< leaves the point unless a
    skip_unless_less,        ///< leaves the point unless a < b
    skip_unless_less_equal,  ///< leaves the point unless a <= b
    load_accumulator,        ///< component `extra` at offset a
    store,                   ///< component `extra` at offset a takes b
    update,                  ///< component `extra` at offset a: combined with b by the BinaryOp `sub`
    update_argmax  ///< component 0 at offset a holds positions, 1 the values: value b of type `type`, position c
};

struct PointInstruction {
    PointOp op;
    ScalarType type = ScalarType::i64;
    std::uint8_t sub = 0;  ///< BinaryOp or UnaryOp
    bool single = false;   ///< the result rounds to f32
    int result = -1, a = -1, b = -1, c = -1;
    int when = -1;  ///< of a load, index or print: slot of a condition; where it is 0 the result is 0, and nothing else
                    ///< happens
    int extra = -1;
    std::int64_t number = 0;
};

/// A tensor that is read.
struct PointSource {
    ElementSource elements;
    std::string tensor;
    std::int64_t first, last;  ///< offsets that are inside
};
/// An index() with the words of its error.
struct PointIndex {
    std::string text, tensor;
    bool clamped;
};
struct PointPrint {
    std::string label;
    std::vector<std::pair<int, ScalarType>> shown;  ///< slots
};

/// A compiled definition with its slots; one run at a time.
class PointProgram {
public:
    PointProgram(const Definition& definition, const PointContext& context);

    /// Carries out the definition over its whole domain. `accumulators` holds one row-major array a target (and, of an
    /// argmax, a second one for the values so far).
    void run_all(std::span<Value* const> accumulators);
    /// The same for those points only that write the element `index`; an accumulator is one value.
    void run_element(std::span<Value* const> accumulators, std::span<const std::int64_t> index);
    /// A reduced variable ranges over nothing.
    bool empty_reduction() const { return empty_reduction_; }

private:
    struct Loop {
        Symbol symbol;
        int slot;
        std::int64_t extent, begin, end;
    };
    /// How one dimension of the left selects points of a given element: a loop's value, or a slot to compare with.
    struct Wanted {
        int loop = -1, slot = -1;
    };

    Wanted wanted(const Expr& index) const;
    void run_loops(std::size_t depth);
    bool run_code(const std::vector<PointInstruction>& code);
    [[noreturn]] void refuse_offset(const PointSource& source) const;
    Value load(const PointInstruction& instruction) const;
    std::int64_t data_index(const PointInstruction& instruction) const;
    void print(const PointInstruction& instruction) const;
    std::string point_text() const;

    SourceLocation where_;
    std::vector<Loop> loops_;
    std::vector<std::vector<PointInstruction>> code_;  ///< by depth; code_[0] runs once
    std::vector<Value> slots_;
    std::vector<PointPrint> prints_;
    std::vector<PointIndex> indices_;
    std::vector<PointSource> sources_;
    std::vector<Wanted> wanted_;
    std::span<Value* const> accumulators_;
    bool empty_reduction_ = false;
};

/// The literal `e` as a value.
Value value_of_constant(const Expr& e);

}  // namespace heddle

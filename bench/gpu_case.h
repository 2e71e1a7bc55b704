// bench/gpu_case.h -- one race: a layer in one direction and one arithmetic, as a definition with its costs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/convolution_pass.h"
#include "bench/gpu_layers.h"
#include "dsl/pipeline.h"
#include "ops/tensor_order.h"

namespace heddle::bench {

/// `both`: a loss and its gradient at once, as cross entropy is trained.
enum class Direction : std::uint8_t { forward, dx, dw, both };
/// How numbers are kept and multiplied. tf32: kept as f32, and a peer may multiply on tensor cores after rounding to 11
/// bits; the others multiply what they keep, and sum in f32.
enum class Arithmetic : std::uint8_t { f32, tf32, f16, bf16 };

/// "forward", "dx", "dw", "forward+dx"; "f32", "tf32", ...
std::string_view name_of(Direction direction);
std::string_view name_of(Arithmetic arithmetic);
/// The inverses. Throw UserError that lists the names for an unknown one.
Direction direction_named(const std::string& name);
Arithmetic arithmetic_named(const std::string& name);
ScalarType type_of(Arithmetic arithmetic);

/// The convolution whose passes a layer's directions are. A transposed one is a convolution from its output to its
/// input: its forward direction is that one's gradient by the input.
struct ConvolutionShape {
    std::int64_t N, C, H, W, K, R, S, P, Q;  ///< from N C H W by K filters to N K P Q
    std::int64_t stride, padding, dilation, groups;
};

struct GpuCase {
    GpuLayer layer;
    Direction direction = Direction::forward;
    Arithmetic arithmetic = Arithmetic::f32;

    /// "resnet50.3x3_64 dw bf16".
    std::string title() const;
    /// Images and filters have layouts; rows have not.
    bool has_layouts() const;
    bool is_convolution() const;
    bool has_products() const;             ///< convolutions and linear layers
    ConvolutionShape convolution() const;  ///< of a convolution or transposed convolution
    ConvolutionPass pass() const;          ///< of a transposed convolution that of the convolution
    /// Two for a multiply-add; points in the padding count. Of rows: 5 an element of softmax, 3 of its gradient.
    double operations() const;
    /// Inputs and outputs, each once.
    double bytes() const;
    /// Products that are added up in an element of the result.
    double terms() const;
    /// Largest relative L2 error of a right result: by type, and for f32 growing with the number of terms in a sum.
    double tolerance() const;
};

/// Every direction that a layer has and was asked for (none: all), in every arithmetic that makes sense for it: tf32
/// only where there are products.
std::vector<GpuCase> gpu_cases(const std::vector<GpuLayer>& layers, const std::vector<Direction>& directions,
                               const std::vector<Arithmetic>& arithmetics);

/// What Heddle computes, over tensors in `layout` (filters K R S C beside N H W C), named as the pass has them:
///   convolution, linear   y of x, w; dx of dy, w; dw of x, dy: as operators and their gradient()
///   transposed            the same of the convolution that it transposes: its forward direction is dx of dy, w
///   average_pool          y of x; dx of dy
///   max_pool              y and o of x, where o is the place in the window as one byte; dx of o, dy
///   softmax               y of x; dx of y, dy
///   cross_entropy         loss and dx of x and the classes t
Pipeline definition_of(const GpuCase& given, ActivationLayout layout);

}  // namespace heddle::bench

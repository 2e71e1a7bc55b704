// codegen/library_kernel.h -- a pipeline whose products of matrices a library computes, and compiled kernels the rest.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codegen/compile.h"

namespace heddle {

/// Steps in order: compiled kernels, and products by a BLAS (host) or cuBLAS (CUDA). It holds the tensors between the
/// steps, so that its calls run one after the other; on a device, put them on one stream.
class LibraryKernel {
public:
    struct State;
    explicit LibraryKernel(std::shared_ptr<State> state) : state_(std::move(state)) {}

    /// Runs on row-major buffers by name: every input and every output exactly once, on the device for a CUDA target.
    /// Throws UserError naming the tensor for a missing, unknown, misshapen or mistyped buffer.
    void operator()(const std::vector<std::pair<std::string, Buffer>>& arguments, void* stream = nullptr) const;

    /// One line a step: "x_columns: kernel", "y: 4 x [32,144] * [144,784]".
    std::string text() const;
    /// Calls of the library that a run makes.
    std::int64_t products() const;
    /// Memory of the tensors between the steps.
    std::int64_t scratch_bytes() const;

private:
    std::shared_ptr<State> state_;
};

/// Of any pipeline: what are products of matrices goes to the library, if they are f32 or f64 (CUDA: also f16 and bf16)
/// of static sizes, and everything else is compiled, a kernel a tensor. With explicit_gemm it is the convolution as
/// im2col and GEMM. A `=` or another update before a product is a kernel of its own that the product adds to.
/// Throws UserError where the library that it needs is not there.
///     const AnyTensor y = explicit_gemm(conv2d(x, w));
///     compile_with_library(Pipeline::of({y}))({{"x", x_buffer}, {"w", w_buffer}, {"y", y_buffer}});
LibraryKernel compile_with_library(const Pipeline& pipeline, const Target& target = Target::best(),
                                   const CompileOptions& options = {});

}  // namespace heddle

// ops/elementwise.h -- activations and arithmetic, element by element, as PyTorch's: to be fused into what they follow.
#pragma once

#include <string>

#include "dsl/tensor.h"

namespace heddle {

/// The functions themselves, to be written into any definition: `y(n, k) = relu(t(n, k))`. exp, tanh, erf and sigmoid
/// stand in dsl/expr.h.
Expr relu(Expr x);  ///< max(x, 0): a NaN stays one
Expr silu(Expr x);  ///< x * sigmoid(x)
/// x * (1 + erf(x / sqrt(2))) / 2.
Expr gelu(Expr x);
/// x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2.
Expr gelu_tanh(Expr x);

/// The same of all elements of a tensor. Throw UserError for a tensor of integers, but for relu.
AnyTensor relu(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());
AnyTensor silu(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());
AnyTensor gelu(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());
AnyTensor gelu_tanh(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());
AnyTensor sigmoid(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());
AnyTensor tanh(const AnyTensor& x, std::string name = "y", const CallSite& where = CallSite::current());

/// x + alpha * other and x * other. Shapes are matched from the last dimension; a dimension of extent 1, or one that is
/// not there, is repeated. Throw UserError for extents that do not match.
AnyTensor add(const AnyTensor& x, const AnyTensor& other, double alpha = 1, std::string name = "y",
              const CallSite& where = CallSite::current());
AnyTensor mul(const AnyTensor& x, const AnyTensor& other, std::string name = "y",
              const CallSite& where = CallSite::current());
/// x * factor.
AnyTensor scale(const AnyTensor& x, double factor, std::string name = "y", const CallSite& where = CallSite::current());

}  // namespace heddle

// tests/support/refusals.h -- what a schedule text does to a pipeline text: the nest, or the reason why it is illegal.
#pragma once

#include <ostream>
#include <string>

#include "schedules/loop_nest.h"

namespace heddle::test {

/// The nest, printed; throws UserError when the schedule is malformed or illegal.
std::string nest_text(const std::string& pipeline, const std::string& schedule,
                      const std::string& target = "host:avx512");
LoopNest nest_of(const std::string& pipeline, const std::string& schedule, const std::string& target = "host:avx512");
/// Why the schedule is illegal; "accepted" when it is legal.
std::string refusal_of(const std::string& pipeline, const std::string& schedule,
                       const std::string& target = "host:avx512");

/// A schedule, and a part of the reason for refusing it; "accepted" where it is legal.
struct RefusalCase {
    const char* schedule;
    const char* reason;
    const char* target = "host:avx512";
};
std::ostream& operator<<(std::ostream& out, const RefusalCase& c);
/// Fails unless the schedule is refused for that reason, or accepted.
void expect_case(const std::string& pipeline, const RefusalCase& c);

/// y[n,k,p,q] = bias[k], += zero(x) * w over c, r, s, then z = max(y, 0); f32, NCHW, 8 images of 56 x 56.
extern const char* const conv_relu;
/// b = three-point sum of x along q, y = three-point sum of b along p; 8 x 64 images of 56 x 56.
extern const char* const two_blurs;
/// 3x3 max pool of stride 2 of 8 x 64 images, skipping what is outside.
extern const char* const pool;
/// 3x3 convolution of bf16, channels last.
extern const char* const conv_nhwc;
/// Transposed convolution of stride 2, a scatter with computed left indices.
extern const char* const scatter;

}  // namespace heddle::test

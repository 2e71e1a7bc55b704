// tests/support/cuda_emulator/products.h -- the arithmetic of mma.sync, by fragments.
#pragma once

#include "tests/support/cuda_emulator/shim_interface.h"

namespace heddle::test {

/// d += a * b; parts of 32 lanes, laid out as the PTX manual's figures of each shape say. Products of floats are exact
/// in double and the sum of a row is rounded to float once.
void multiply_fragments(int operation, ShimPart* const (&parts)[32]);

/// The value of an element of a tensor core's operand.
double value_of_f16(unsigned short bits);
double value_of_bf16(unsigned short bits);
/// The lower 13 bits do not count.
double value_of_tf32(unsigned bits);

}  // namespace heddle::test

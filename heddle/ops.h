// heddle/ops.h -- the operators that come with Heddle, each a definition like any other.
#pragma once

#include "ops/conv2d.h"

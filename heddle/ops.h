// heddle/ops.h -- the operators that come with Heddle, each a definition like any other.
#pragma once

#include "ops/conv.h"
#include "ops/conv_transpose.h"
#include "ops/cross_entropy.h"
#include "ops/elementwise.h"
#include "ops/im2col.h"
#include "ops/linear.h"
#include "ops/pad.h"
#include "ops/pool.h"
#include "ops/softmax.h"
#include "ops/unpool.h"

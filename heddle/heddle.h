// heddle/heddle.h -- everything a program needs to define, schedule, compile and run.
#pragma once

#include "codegen/compile.h"
#include "dsl/evaluate.h"
#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/pipeline.h"
#include "dsl/print.h"
#include "dsl/saved_gradient.h"
#include "dsl/tensor.h"
#include "dsl/unique_index.h"
#include "runtime/buffer.h"
#include "runtime/error.h"
#include "runtime/thread_pool.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

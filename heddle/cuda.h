// heddle/cuda.h -- what a program needs beside heddle/heddle.h for CUDA devices: memory, streams, graphs, tensors.
#pragma once

#include "codegen/kernel_graph.h"
#include "runtime/cublas.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/dlpack.h"

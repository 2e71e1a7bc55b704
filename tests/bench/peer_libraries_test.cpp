// tests/bench/peer_libraries_test.cpp -- a library of a peer that is not there is one line, which says how to name it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "bench/cudnn_api.h"
#include "runtime/cublas_api.h"
#include "runtime/error.h"

namespace heddle::bench {
namespace {

TEST(peer_libraries, that_are_not_there_are_one_line) {
    setenv("HEDDLE_CUDNN", "/nowhere/libcudnn.so.9", 1);
    setenv("HEDDLE_CUBLAS", "/nowhere/libcublas.so.13", 1);
    EXPECT_EQ(cudnn_problem().value_or("").find("no cuDNN: /nowhere/libcudnn.so.9: cannot open shared object file"), 0u)
        << cudnn_problem().value_or("found");
    EXPECT_NE(cudnn_problem()->find("HEDDLE_CUDNN can name the library"), std::string::npos);
    EXPECT_EQ(cublas_problem().value_or("").find("no cuBLAS: /nowhere/libcublas.so.13: cannot open"), 0u);
    EXPECT_EQ(cudnn_problem()->find('\n'), std::string::npos);
    EXPECT_EQ(cudnn_version(), "");
    EXPECT_THROW(cudnn_api(), UserError);
    EXPECT_THROW(cublas_api(), UserError);
}

}  // namespace
}  // namespace heddle::bench

// tests/schedules/proof_lowerings_test.cpp -- four hard CUDA kernels as nests: what the directives must be able to say.
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/proof_schedules.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

TEST(ProofLowerings, ArePrintedAsTheyRun) {
    for (const ProofSchedule& proof : proof_schedules()) {
        SCOPED_TRACE(proof.name);
        expect_golden(proof.name, nest_text(proof.text, proof.schedule, "cuda:sm_90"));
    }
}

}  // namespace
}  // namespace heddle::test

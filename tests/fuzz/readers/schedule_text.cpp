// tests/fuzz/readers/schedule_text.cpp -- schedules as text: printed, they read back; applied, they are legal or
// refused.
#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"
#include "schedules/target.h"
#include "tests/fuzz/readers/target.h"

namespace {

/// A convolution, and what reads it.
const heddle::Pipeline& convolution() {
    static const heddle::Pipeline pipeline = heddle::parse_pipeline(
        "x: f32[2,9,10,8]; w: f32[3,3,8,32]; h: f32[2,9,10,32]\n"
        "h[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c,k]\ny[n,p,q,k] = max(h[n,p,q,k], 0.0)");
    return pipeline;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return heddle::fuzz::read_or_refuse([&] {
        const heddle::Schedule schedule = heddle::parse_schedule(heddle::fuzz::text_of(data, size));
        heddle::fuzz::expect(heddle::parse_schedule(print(schedule)) == schedule, "a printed schedule reads back");
        for (const heddle::Target& target : {heddle::Target::parse("host:avx2"), heddle::Target::cuda(90)}) {
            heddle::LoopNest nest;
            if (const auto refusal = apply(schedule, convolution(), target, nest))
                heddle::fuzz::expect(!refusal->reason.empty(), "a refusal says why");
            else
                heddle::fuzz::expect(!print(nest).empty(), "a legal nest prints");
        }
    });
}

// tests/codegen/same_bits_test.cpp -- the same bits in every run, with any number of threads, compiled again or cached.
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "runtime/thread_pool.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Program {
    const char* name;
    const char* text;
    const char* schedule = nullptr;
};
const Program programs[] = {
    {"convolution",
     "x: f32[2,9,11,24]; w: f32[3,3,24,20]; y: f32[2,9,11,20]\n"
     "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c,k]"},
    {"weight_gradient",
     "x: f32[4,13,13,8]; g: f32[4,13,13,8]; w: f32[3,3,8]\n"
     "w[r,s,c] += zero(x)[n,p+r-1,q+s-1,c] * g[n,p,q,c]"},
    {"softmax", "x: f32[37,101]\nm[n] max= x[n,c]\ns[n] += exp(x[n,c] - m[n])\ny[n,c] = exp(x[n,c] - m[n]) / s[n]"},
    {"long_sum", "x: f32[200000]; y: f32[1]\ny[0*n] += x[n]"},
    {"sorted_scatter", "x: f32[3000]; t: i32[3000]; u: f32[7]\nu[index_clamped(t[n],7)] += x[n]", "sort_points()"},
};
void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

class SameBits : public testing::TestWithParam<Program> {
protected:
    void TearDown() override { set_thread_count(available_cpus()); }

    const Pipeline pipeline_ = Compiled(std::string(GetParam().text)).pipeline();
    const NamedBuffers inputs_ = random_inputs(pipeline_, 5);  // not whole: every order of a sum has bits of its own
    const std::optional<Schedule> schedule_ =
        GetParam().schedule ? std::optional(parse_schedule(GetParam().schedule)) : std::nullopt;

    std::string bits_of(const Kernel& kernel) const {
        std::string bits;
        for (const auto& [name, buffer] : run_kernel(kernel, inputs_))
            bits.append(static_cast<const char*>(buffer.data()),
                        static_cast<std::size_t>(buffer.elements() * bytes_of(buffer.type())));
        return bits;
    }
};

TEST_P(SameBits, InEveryRun) {
    const Kernel kernel = compile_here(pipeline_, schedule_);
    const std::string bits = bits_of(kernel);
    for (int run = 0; run < 20; ++run) EXPECT_EQ(bits_of(kernel) == bits, true) << run;
}

TEST_P(SameBits, WithAnyNumberOfThreads) {
    const Kernel kernel = compile_here(pipeline_, schedule_);
    const std::string bits = bits_of(kernel);
    for (const int threads : {1, 2, 3, 8}) {
        set_thread_count(threads);
        EXPECT_EQ(bits_of(kernel) == bits, true) << threads;
    }
}

TEST_P(SameBits, CompiledAgainAndFromTheCache) {
    const std::string bits = bits_of(compile_here(pipeline_, schedule_));
    EXPECT_EQ(bits_of(compile_here(pipeline_, schedule_)) == bits, true);
    CompileOptions options;
    options.schedule = schedule_ ? *schedule_ : default_schedule(pipeline_, Target::host());
    for (int run = 0; run < 2; ++run)
        EXPECT_EQ(bits_of(compile(pipeline_, Target::host(), options)) == bits, true) << run;
}

TEST_P(SameBits, WhenManyThreadsCallAtOnce) {
    const Kernel kernel = compile_here(pipeline_, schedule_);
    const std::string bits = bits_of(kernel);
    std::vector<std::string> found(8);
    std::vector<std::thread> callers;
    for (std::string& one : found) callers.emplace_back([&] { one = bits_of(kernel); });
    for (std::thread& caller : callers) caller.join();
    for (const std::string& one : found) EXPECT_EQ(one == bits, true);
}

INSTANTIATE_TEST_SUITE_P(Programs, SameBits, testing::ValuesIn(programs),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test

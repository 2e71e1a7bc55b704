// tests/emulator/byte_products_test.cpp -- products of bytes of the whole range on tensor cores: exact, signed or not.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"

namespace heddle::test {
namespace {

NamedBuffers whole_range(const Pipeline& pipeline) {
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : input.shape()) shape.push_back(extent.value());
        const Buffer buffer(input.type(), shape);
        for (std::int64_t i = 0; i < buffer.elements(); ++i)
            buffer.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * i * 7 + 13 * i + 128);
        inputs[input.name()] = buffer;
    }
    return inputs;
}

/// Blocks of 64 x 32 x 64; `x` and `w` are read in the order of their memory.
std::string difference(const std::string& type, const std::string& x, const std::string& w) {
    const auto shape = [](const std::string& read, const char* row) {
        return read.back() == 'k' ? std::string("[") + row + ",128]" : std::string("[128,") + row + "]";
    };
    const Pipeline pipeline = parse_pipeline("x: " + type + shape(x, "64") + "\nw: " + type + shape(w, "32") +
                                             "\ny: i32[64,32]\ny[m,n] += x[" + x + "] * w[" + w + "]");
    const Schedule schedule = parse_schedule(
        "tile({m, n}, {64, 32}) split(k, 64) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) "
        "bind(n.o, block_x) accumulate_in(registers, n.o) cache_in(x, shared, k.o) cache_in(w, shared, k.o) "
        "tensorize(mma_sync_m16n8k32, A=x, B=w)");
    const NamedBuffers inputs = whole_range(pipeline);
    return first_difference("y", emulate(pipeline, schedule, Target::cuda(80), inputs).at("y"),
                            evaluate(pipeline, inputs).at("y"));
}

class ByteProducts : public testing::TestWithParam<const char*> {};

TEST_P(ByteProducts, AreExactWhateverTheOrder) {
    EXPECT_EQ(difference(GetParam(), "m,k", "n,k"), "");
    EXPECT_EQ(difference(GetParam(), "k,m", "n,k"), "");
    EXPECT_EQ(difference(GetParam(), "m,k", "k,n"), "");
    EXPECT_EQ(difference(GetParam(), "k,m", "k,n"), "");
}
INSTANTIATE_TEST_SUITE_P(Types, ByteProducts, testing::Values("i8", "u8"));

}  // namespace
}  // namespace heddle::test

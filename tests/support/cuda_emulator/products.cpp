// tests/support/cuda_emulator/products.cpp -- the fragments of mma.sync.
#include "tests/support/cuda_emulator/products.h"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "runtime/type.h"

namespace heddle::test {
namespace {

template <class Element>
Element element_of(const void* registers, int place) {
    Element element;
    std::memcpy(&element, static_cast<const char*>(registers) + static_cast<std::size_t>(place) * sizeof(Element),
                sizeof(Element));
    return element;
}

// 16 x 8 = (16 x k) * (k x 8), where a register holds `packed` elements that follow one another in k. A lane's group is
// lane / 4; it holds the k places of quarter lane % 4.
//   a[0]: row group, k quarter        a[2]: the same, second half of k
//   a[1]: row group + 8               b[0], b[1]: column group, the halves of k
//   d[0], d[1]: row group, columns 2 * quarter and the next; d[2], d[3]: row group + 8
template <class Element, class Sum, class Wide, class Value>
void multiply_16x8(ShimPart* const (&parts)[32], int k, Value value) {
    const int packed = 4 / static_cast<int>(sizeof(Element)), half = k / 2;
    std::vector<Wide> a(static_cast<std::size_t>(16 * k)), b(static_cast<std::size_t>(8 * k));
    for (int lane = 0; lane < 32; ++lane) {
        const int group = lane / 4, quarter = lane % 4;
        for (int r = 0; r < 4; ++r)
            for (int i = 0; i < packed; ++i) {
                const int row = group + 8 * (r % 2), column = half * (r / 2) + quarter * packed + i;
                a[row * k + column] = value(element_of<Element>(parts[lane]->a, r * packed + i));
            }
        for (int r = 0; r < 2; ++r)
            for (int i = 0; i < packed; ++i)
                b[group * k + half * r + quarter * packed + i] =
                    value(element_of<Element>(parts[lane]->b, r * packed + i));
    }
    for (int lane = 0; lane < 32; ++lane)
        for (int r = 0; r < 4; ++r) {
            const int row = lane / 4 + 8 * (r / 2), column = 2 * (lane % 4) + r % 2;
            Sum& d = static_cast<Sum*>(parts[lane]->d)[r];
            Wide sum = static_cast<Wide>(d);
            for (int i = 0; i < k; ++i) sum += a[row * k + i] * b[column * k + i];
            d = static_cast<Sum>(sum);
        }
}

// 8 x 8 = (8 x 4) * (4 x 8): a is row lane / 4, k place lane % 4; b is column lane / 4, k place lane % 4.
void multiply_8x8_f64(ShimPart* const (&parts)[32]) {
    double a[8][4], b[8][4];
    for (int lane = 0; lane < 32; ++lane) {
        a[lane / 4][lane % 4] = element_of<double>(parts[lane]->a, 0);
        b[lane / 4][lane % 4] = element_of<double>(parts[lane]->b, 0);
    }
    for (int lane = 0; lane < 32; ++lane)
        for (int r = 0; r < 2; ++r)
            for (int i = 0; i < 4; ++i)
                static_cast<double*>(parts[lane]->d)[r] += a[lane / 4][i] * b[2 * (lane % 4) + r][i];
}

}  // namespace

double value_of_f16(unsigned short bits) { return f16_value(bits); }
double value_of_bf16(unsigned short bits) { return bf16_value(bits); }
double value_of_tf32(unsigned bits) {
    bits &= 0xffffe000u;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void multiply_fragments(int operation, ShimPart* const (&parts)[32]) {
    switch (operation) {
        case shim_mma_f16:
            return multiply_16x8<unsigned short, float, double>(parts, 16, value_of_f16);
        case shim_mma_bf16:
            return multiply_16x8<unsigned short, float, double>(parts, 16, value_of_bf16);
        case shim_mma_tf32:
            return multiply_16x8<unsigned, float, double>(parts, 8, value_of_tf32);
        case shim_mma_i8:
            return multiply_16x8<signed char, int, std::int64_t>(parts, 32,
                                                                 [](signed char e) { return std::int64_t{e}; });
        case shim_mma_u8:
            return multiply_16x8<unsigned char, int, std::int64_t>(parts, 32,
                                                                   [](unsigned char e) { return std::int64_t{e}; });
        case shim_mma_f64:
            return multiply_8x8_f64(parts);
        default:
            throw std::logic_error("no such product");
    }
}

}  // namespace heddle::test

// runtime/hash.cpp -- MurmurHash3 x64 128, reading words as little-endian on any machine.
#include "runtime/hash.h"

#include <bit>

namespace heddle {
namespace {

constexpr std::uint64_t c1 = 0x87c37b91114253d5ULL, c2 = 0x4cf5ad432745937fULL;

/// Up to 8 bytes, the first lowest.
std::uint64_t word(std::span<const std::byte> bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    return value;
}

std::uint64_t mix_first(std::uint64_t k) { return std::rotl(k * c1, 31) * c2; }
std::uint64_t mix_second(std::uint64_t k) { return std::rotl(k * c2, 33) * c1; }

std::uint64_t finish(std::uint64_t k) {
    k = (k ^ k >> 33) * 0xff51afd7ed558ccdULL;
    k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return k ^ k >> 33;
}

}  // namespace

std::array<std::uint64_t, 2> hash_bytes(std::span<const std::byte> bytes, std::uint32_t seed) {
    std::uint64_t h1 = seed, h2 = seed;
    const std::size_t size = bytes.size();
    for (; bytes.size() >= 16; bytes = bytes.subspan(16)) {
        h1 = (std::rotl(h1 ^ mix_first(word(bytes.first<8>())), 27) + h2) * 5 + 0x52dce729;
        h2 = (std::rotl(h2 ^ mix_second(word(bytes.subspan<8, 8>())), 31) + h1) * 5 + 0x38495ab5;
    }
    if (bytes.size() > 8) h2 ^= mix_second(word(bytes.subspan(8)));
    if (!bytes.empty()) h1 ^= mix_first(word(bytes.first(bytes.size() < 8 ? bytes.size() : 8)));
    h1 ^= size;
    h2 ^= size;
    h1 += h2;
    h2 += h1;
    h1 = finish(h1);
    h2 = finish(h2);
    h1 += h2;
    h2 += h1;
    return {h1, h2};
}

}  // namespace heddle

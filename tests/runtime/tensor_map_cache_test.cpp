// tests/runtime/tensor_map_cache_test.cpp -- the same buffers encode nothing anew; others, and other recipes, do.
#include "runtime/tensor_map_cache.h"

#include <gtest/gtest.h>

#include "runtime/error.h"

namespace heddle::test {
namespace {

struct Counted {
    int encoded = 0;
    TensorMapCache cache{[this](const TensorMapRecipe& recipe, const void* base) {
        ++encoded;
        TensorMap map{};
        map.words[0] = reinterpret_cast<std::uintptr_t>(base);
        map.words[1] = static_cast<std::uint64_t>(recipe.sizes[0]);
        return map;
    }};
    void expect(const TensorMapRecipe& recipe, std::uintptr_t base, int count) {
        const TensorMap map = cache.find(recipe, reinterpret_cast<const void*>(base));
        EXPECT_EQ(map.words[0], base);
        EXPECT_EQ(map.words[1], static_cast<std::uint64_t>(recipe.sizes[0]));
        EXPECT_EQ(encoded, count);
    }
};

TEST(tensor_map_cache, repeated_and_alternating_buffers) {
    Counted counted;
    TensorMapRecipe recipe, other;
    recipe.sizes[0] = 8;
    other.sizes[0] = 16;
    counted.expect(recipe, 4096, 1);
    counted.expect(recipe, 4096, 1);
    counted.expect(recipe, 8192, 2);
    counted.expect(recipe, 4096, 2);
    counted.expect(other, 4096, 3);  // other sizes at the same address
    counted.expect(recipe, 4096, 3);
}

TEST(tensor_map_cache, forgets_the_oldest_of_many) {
    Counted counted;
    TensorMapRecipe recipe;
    recipe.sizes[0] = 8;
    for (int i = 0; i < 9; ++i) counted.expect(recipe, 4096u * static_cast<unsigned>(i + 1), i + 1);
    counted.expect(recipe, 4096 * 9, 9);
    counted.expect(recipe, 4096, 10);
}

TEST(tensor_map_cache, a_refused_map_is_not_kept) {
    int tries = 0;
    TensorMapCache cache([&](const TensorMapRecipe&, const void*) -> TensorMap {
        if (++tries == 1) throw UserError("not aligned");
        return {};
    });
    EXPECT_THROW(cache.find({}, nullptr), UserError);
    EXPECT_NO_THROW(cache.find({}, nullptr));
    EXPECT_EQ(tries, 2);
}

}  // namespace
}  // namespace heddle::test

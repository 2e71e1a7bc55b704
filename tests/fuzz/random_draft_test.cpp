// tests/fuzz/random_draft_test.cpp -- drafts: the same for the same seed, accepted by the parser, and of all kinds.
#include "tests/fuzz/random_draft.h"

#include <gtest/gtest.h>

#include <set>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/fuzz/examine.h"

namespace heddle::fuzz {
namespace {

constexpr std::uint64_t drafts = 600;

TEST(RandomDraft, IsTheSameForTheSameSeed) {
    std::set<std::string> texts;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        std::uint64_t one = seed, other = seed;
        const std::string text = text_of(random_draft(one));
        EXPECT_EQ(text_of(random_draft(other)), text);
        EXPECT_EQ(one, other);
        texts.insert(text);
    }
    EXPECT_EQ(texts.size(), 100u);
}

TEST(RandomDraft, IsAcceptedByTheParser) {
    int refused = 0;
    for (std::uint64_t seed = 1; seed <= drafts; ++seed) {
        std::uint64_t state = seed;
        const std::string text = text_of(random_draft(state, seed % 2 == 0));
        try {
            const Pipeline pipeline = parse_pipeline(text);
            EXPECT_EQ(print(parse_pipeline(print(pipeline))), print(pipeline)) << text;
        } catch (const UserError& error) {
            ++refused;
            if (refused < 4) std::printf("%s\n%s\n", text.c_str(), error.what());
        }
    }
    EXPECT_LE(refused, static_cast<int>(drafts) / 100);
}

TEST(RandomDraft, HasEverythingInIt) {
    std::string all;
    std::uint64_t state = 1;
    for (std::uint64_t seed = 1; seed <= drafts; ++seed) all += text_of(random_draft(state));
    for (const char* part :
         {" = ",        " += ",     " max= ",     " min= ",    " *= ",   " argmax= ",      "zero(",  "constant(",
          "replicate(", "reflect(", "symmetric(", "circular(", "skip(",  "index_clamped(", ")/2",    ")%3",
          "select(",    "abs(",     "max(",       "min(",      ": f16[", ": bf16[",        ": f32[", ": f64[",
          ": i8[",      ": u8[",    ": i16[",     ": u16[",    ": i32[", ": i64[",         "-i",     "[]"})
        EXPECT_NE(all.find(part), std::string::npos) << part;
}

TEST(Draw, GivesTheSameCaseForTheSameSeed) {
    for (const Check check : {Check::host, Check::cuda, Check::gradient})
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            std::string why;
            const auto one = draw(seed, check, why), other = draw(seed, check, why);
            ASSERT_EQ(one.has_value(), other.has_value());
            if (!one) continue;
            EXPECT_EQ(as_test(*one, "a"), as_test(*other, "a"));
            EXPECT_EQ(one->schedule, other->schedule);
        }
}

}  // namespace
}  // namespace heddle::fuzz

// tests/fuzz/child_test.cpp -- work that ends well, crashes, gives up or never ends, and what it said before.
#include "tests/fuzz/child.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <csignal>

namespace heddle::fuzz {
namespace {

struct End {
    std::string output, problem;
    bool operator==(const End&) const = default;
};

void PrintTo(const End& end, std::ostream* out) { *out << '"' << end.output << "\", \"" << end.problem << '"'; }

/// How work ends that says "hello" first.
End end_of(void (*after)(), double seconds = 20) {
    Child child(
        [after](int descriptor) {
            if (write(descriptor, "hello", 5) != 5) _exit(9);
            after();
        },
        seconds);
    while (!child.poll(100)) {
    }
    return {child.output(), child.problem()};
}

TEST(FuzzChild, TellsHowItEnded) {
    EXPECT_EQ(end_of([] {}), (End{"hello", ""}));
    EXPECT_EQ(end_of([] { _exit(3); }), (End{"hello", "exit status 3"}));
    EXPECT_EQ(end_of([] { raise(SIGKILL); }), (End{"hello", "killed by signal 9"}));
}

TEST(FuzzChild, IsEndedWhenItsTimeIsOver) {
    EXPECT_EQ(end_of([] { pause(); }, 0.3), (End{"hello", "no end in 0.3 s"}));
}

TEST(FuzzChild, TakesWhatItStartedWithIt) {
    const auto begin = time(nullptr);
    EXPECT_EQ(end_of(
                  [] {
                      if (fork() == 0) sleep(60);  // holds the other end of the pipe open
                      sleep(60);
                  },
                  0.3),
              (End{"hello", "no end in 0.3 s"}));
    EXPECT_LT(time(nullptr) - begin, 20);
}

}  // namespace
}  // namespace heddle::fuzz

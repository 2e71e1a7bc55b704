// tests/support/golden.cpp -- texts compared with files of tests/golden.
#include "tests/support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace heddle::test {
namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// "line 3: expected ..., found ...".
std::string first_difference(const std::string& expected, const std::string& found) {
    std::istringstream a(expected), b(found);
    for (int line = 1;; ++line) {
        std::string wanted, got;
        const bool more_wanted = static_cast<bool>(std::getline(a, wanted));
        const bool more_got = static_cast<bool>(std::getline(b, got));
        if (!more_wanted && !more_got) return "only line ends differ";
        if (wanted != got || more_wanted != more_got)
            return "line " + std::to_string(line) + "\n  golden: " + (more_wanted ? wanted : "(end)") +
                   "\n  found:  " + (more_got ? got : "(end)");
    }
}

}  // namespace

void expect_golden(const std::string& name, const std::string& text) {
    expect_file(std::filesystem::path(HEDDLE_TESTS_DIR) / "golden" / (name + ".txt"), text);
}

void expect_file(const std::filesystem::path& path, const std::string& text) {
    const char* update = std::getenv("HEDDLE_UPDATE_GOLDENS");
    if (update && *update == '1') {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    if (!std::filesystem::exists(path)) {
        ADD_FAILURE() << path << " does not exist; HEDDLE_UPDATE_GOLDENS=1 writes it";
        return;
    }
    const std::string golden = read_file(path);
    if (golden != text) ADD_FAILURE() << path << ", " << first_difference(golden, text);
}

}  // namespace heddle::test

// tests/fuzz/readers/without_libfuzzer.cpp -- goes through a corpus, then through random changes of it.
//
//   heddle_read_npy -max_total_time=10 FOLDER... FILE...
//
// The options are libFuzzer's; the others of its own are ignored. The input that ends the process is left in the file
// crash-input, in the working directory, and runs again as its argument.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/random.h"
#include "tests/fuzz/readers/target.h"

namespace {

constexpr std::size_t longest = 1 << 14;
constexpr unsigned most_seconds_of_one = 10;
std::string current;  // a signal handler reads it

void keep_current(int signal) {
    if (std::FILE* file = std::fopen("crash-input", "wb")) {
        std::fwrite(current.data(), 1, current.size(), file);
        std::fclose(file);
    }
    std::fprintf(stderr, "signal %d at an input of %zu bytes: see crash-input\n", signal, current.size());
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void try_one(std::string input) {
    current = std::move(input);
    alarm(most_seconds_of_one);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
    alarm(0);
}

/// One to six edits: bytes replaced, removed or put in, numbers at their limits, pieces of this or another text.
std::string changed(std::string text, const std::vector<std::string>& corpus, heddle::Random& random) {
    static constexpr std::string_view likely = "()[]{}<>=+-*/%!|&,;:.#\"'\n 0123456789npqrsxy";
    static const char* const numbers[] = {
        "0",    "-1", "1", "255", "2147483648", "9223372036854775807", "-9223372036854775808", "99999999999999999999",
        "1e999"};
    for (std::size_t edits = 1 + random.below(6); edits > 0; --edits) {
        const std::size_t at = random.below(text.size() + 1), length = random.below(1 + random.below(20));
        const std::string& other = corpus[random.below(corpus.size())];
        switch (random.below(6)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(random.next());
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, 1, likely[random.below(likely.size())]);
                break;
            case 3:
                text.insert(at, numbers[random.below(std::size(numbers))]);
                break;
            case 4:
                text.insert(at, text.substr(random.below(text.size() + 1), length));
                break;
            default:
                text.insert(at, other.substr(random.below(other.size() + 1), length));
        }
    }
    if (text.size() > longest) text.resize(longest);
    return text;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
    double seconds = 0;
    std::vector<std::string> corpus;
    for (int i = 1; i < argc; ++i) {
        if (std::strncmp(argv[i], "-max_total_time=", 16) == 0) seconds = std::atof(argv[i] + 16);
        if (argv[i][0] == '-') continue;
        if (std::filesystem::is_directory(argv[i]))
            for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
                corpus.push_back(content_of(entry.path()));
        else
            corpus.push_back(content_of(argv[i]));
    }
    if (corpus.empty()) return std::fprintf(stderr, "%s: name files or folders to read\n", argv[0]), 2;
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGALRM}) std::signal(signal, keep_current);
    for (const std::string& input : corpus) try_one(input);

    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto end = now() + std::chrono::duration<double>(seconds);
    heddle::Random random(1);
    long runs = static_cast<long>(corpus.size());
    for (; now() < end; ++runs) try_one(changed(corpus[random.below(corpus.size())], corpus, random));
    std::printf("%ld inputs, %zu of them from the corpus\n", runs, corpus.size());
}

// tools/database_key.cpp -- a key by the digits of its name, or by the operator that it is of.
#include "tools/database_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"
#include "runtime/kernel_cache.h"
#include "runtime/text.h"
#include "tools/problem.h"

namespace heddle::tools {
namespace {

constexpr std::size_t name_digits = 8, fewest_digits = 4;

bool is_name(const std::string& word) {
    return word.size() >= fewest_digits && word.size() <= name_digits &&
           word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::filesystem::path database_path(const CommandLine& line) {
    const std::optional<std::string> given = line.text("--db");
    return given ? std::filesystem::path(*given) : Database::standard_path();
}

Database open_database(const CommandLine& line) {
    const std::filesystem::path path = database_path(line);
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
        throw UserError(
            fmt::format("there is no tuning database {}: 'heddle tune' and 'heddle db import' make it", path.string()));
    return Database(path);
}

OptionRow database_option() { return {"--db", "FILE", "the database (HEDDLE_DB, else the standard place)"}; }

bool names_operator(const CommandLine& line) {
    return line.has("-e") || line.words().size() > 1 || (line.words().size() == 1 && !is_name(line.words()[0]));
}

std::string short_name(const TuningKey& key) {
    return hash_text(key.pipeline + "\n" + key.target).substr(0, name_digits);
}

TuningKey key_of(const CommandLine& line, const Database& database) {
    const std::vector<std::string>& words = line.words();
    if (words.empty() && !line.has("-e"))
        throw UserError(
            "name a key by its digits, as 'heddle db list' shows them, or by its operator with its tensors");
    if (names_operator(line)) return TuningKey::of(make_problem(line).pipeline, target_of(line));
    std::vector<TuningKey> found;
    std::vector<std::string> known;
    for (const KeySummary& summary : database.keys()) {
        known.push_back(short_name(summary.key));
        if (known.back().starts_with(words[0])) found.push_back(summary.key);
    }
    if (found.empty())
        throw UserError(fmt::format("the database has no key {}; it has {}{}", words[0],
                                    known.empty() ? "none" : join(known, ", "), did_you_mean(words[0], known)));
    if (found.size() > 1)
        throw UserError(fmt::format("{} keys begin with {}: give more digits", found.size(), words[0]));
    return found[0];
}

std::string one_line(const std::string& pipeline, std::size_t width) {
    std::string text;
    for (const char c : pipeline) {
        if (c != '\n')
            text += c;
        else if (!text.empty())
            text += "; ";
    }
    while (text.ends_with("; ")) text.resize(text.size() - 2);
    if (text.size() > width) text = text.substr(0, width - 3) + "...";
    return text;
}

}  // namespace heddle::tools

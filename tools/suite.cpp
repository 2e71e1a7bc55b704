// tools/suite.cpp -- rows of a list of layers as words of a command line.
#include "tools/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ops/registry.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/type.h"
#include "tools/interrupt.h"
#include "tools/json_fields.h"
#include "tools/load.h"
#include "tools/tensor_text.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

using nlohmann::json;

/// Which fields a kind of layer has, and how its words are written.
struct Kind {
    const char* name;
    std::vector<const char*> fields;
    std::string (*words)(const class Layer&);
};

/// A row with its sizes, in one type and layout.
class Layer {
public:
    Layer(const json& row, std::string where, std::string type, bool nhwc)
        : row_(row), where_(std::move(where)), type_(std::move(type)), nhwc_(nhwc) {}

    std::int64_t size(const char* field) const {
        const std::string name = field;
        return size_field(row_, field, name == "padding" || name == "output_padding" ? 0 : 1, where_);
    }
    /// "x=f32:nhwc:8x56x56x64".
    std::string image() const {
        return nhwc_ ? fmt::format("x={}:nhwc:{}x{}x{}x{}", type_, size("N"), size("H"), size("W"), size("C"))
                     : fmt::format("x={}:nchw:{}x{}x{}x{}", type_, size("N"), size("C"), size("H"), size("W"));
    }
    std::string rows() const { return fmt::format("x={}:{}x{}", type_, size("N"), size("C")); }
    /// " stride=2 padding=1".
    std::string parameters(const std::vector<const char*>& fields) const {
        std::string text;
        for (const char* field : fields) text += fmt::format(" {}={}", field, size(field));
        return text;
    }
    std::string window() const { return fmt::format(" kernel_size={},{}", size("R"), size("S")); }
    std::int64_t channels_of_group() const {
        if (size("C") % size("groups") != 0 || size("K") % size("groups") != 0)
            throw UserError(fmt::format("{}: \"groups\" {} should divide \"C\" {} and \"K\" {}", where_, size("groups"),
                                        size("C"), size("K")));
        return size("C") / size("groups");
    }
    const std::string& type() const { return type_; }
    bool nhwc() const { return nhwc_; }

private:
    const json& row_;
    std::string where_, type_;
    bool nhwc_;
};

std::string convolution(const Layer& l) {
    const std::int64_t K = l.size("K"), C = l.channels_of_group(), R = l.size("R"), S = l.size("S");
    return fmt::format("conv2d {} {}{}", l.image(),
                       l.nhwc() ? fmt::format("w={}:krsc:{}x{}x{}x{}", l.type(), K, R, S, C)
                                : fmt::format("w={}:kcrs:{}x{}x{}x{}", l.type(), K, C, R, S),
                       l.parameters({"stride", "padding", "dilation", "groups"}));
}
std::string transposed(const Layer& l) {
    return fmt::format("conv_transpose2d {} w={}:kcrs:{}x{}x{}x{}{}", l.image(), l.type(), l.size("C"), l.size("K"),
                       l.size("R"), l.size("S"), l.parameters({"stride", "padding", "output_padding"}));
}
std::string max_pool(const Layer& l) {
    return "max_pool2d " + l.image() + l.window() + l.parameters({"stride", "padding"});
}
std::string average_pool(const Layer& l) {
    return "avg_pool2d " + l.image() + l.window() + l.parameters({"stride", "padding"});
}
std::string softmax(const Layer& l) { return "softmax " + l.rows(); }
std::string cross_entropy(const Layer& l) {
    return fmt::format("cross_entropy {} target=i64:{}", l.rows(), l.size("N"));
}
std::string linear(const Layer& l) {
    return fmt::format("linear {} w={}:{}x{}", l.rows(), l.type(), l.size("K"), l.size("C"));
}

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> table = {
        {"convolution", {"N", "C", "H", "W", "K", "R", "S", "stride", "padding", "dilation", "groups"}, convolution},
        {"transposed_convolution",
         {"N", "C", "H", "W", "K", "R", "S", "stride", "padding", "output_padding"},
         transposed},
        {"max_pool", {"N", "C", "H", "W", "R", "S", "stride", "padding"}, max_pool},
        {"average_pool", {"N", "C", "H", "W", "R", "S", "stride", "padding"}, average_pool},
        {"softmax", {"N", "C"}, softmax},
        {"cross_entropy", {"N", "C"}, cross_entropy},
        {"linear", {"N", "C", "K"}, linear}};
    return table;
}

const Kind& kind_of(const json& row, const std::string& where) {
    const std::string name = row.contains("kind") ? text_field(row, "kind", where) : "convolution";
    std::vector<std::string> known;
    for (const Kind& kind : kinds()) {
        if (name == kind.name) return kind;
        known.emplace_back(kind.name);
    }
    throw UserError(fmt::format("{}: '{}' is no kind of layer; there are {}{}", where, name, join(known, ", "),
                                did_you_mean(name, known)));
}

std::vector<std::string> words_in(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::vector<std::string> words_of(const json& row, const std::string& where, const std::string& type, bool nhwc) {
    std::vector<std::string> allowed = {"name", "use"};
    std::vector<std::string> words;
    if (row.contains("use")) {
        words = words_in(text_field(row, "use", where));
        if (words.empty()) throw UserError(where + ": \"use\" names no operator");
    } else {
        const Kind& kind = kind_of(row, where);
        allowed = {"name", "kind"};
        allowed.insert(allowed.end(), kind.fields.begin(), kind.fields.end());
        words = words_in(kind.words(Layer(row, where, type, nhwc)));
    }
    for (const auto& [field, value] : row.items())
        if (std::find(allowed.begin(), allowed.end(), field) == allowed.end())
            throw UserError(fmt::format("{}: a layer of this kind has no \"{}\"{}; it has {}", where, field,
                                        did_you_mean(field, allowed), join(allowed, ", ")));
    return words;
}

/// The inputs of floating type among the words: those with a gradient.
std::vector<std::string> float_inputs(const std::vector<std::string>& words) {
    std::vector<std::string> names;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || !looks_like_tensor(word.substr(equals + 1))) continue;
        const TensorText tensor = parse_tensor(word.substr(0, equals), word.substr(equals + 1));
        if (!tensor.type || is_float(*tensor.type)) names.push_back(word.substr(0, equals));
    }
    return names;
}

std::vector<std::string> split_at_commas(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream stream(text);
    for (std::string name; std::getline(stream, name, ',');) names.push_back(name);
    return names;
}

}  // namespace

std::vector<SuiteEntry> read_suite(const std::string& file, const CommandLine& line) {
    return parse_suite(text_of_file(file), file, line);
}

std::vector<SuiteEntry> parse_suite(std::string_view text, const std::string& origin, const CommandLine& line) {
    const std::string type = line.text("--type").value_or("f32"), layout = line.text("--layout").value_or("nhwc");
    if (const auto known = parse_type(type); !known || !is_float(*known))
        throw UserError(fmt::format("--type is a floating type, as f32 or bf16, not '{}'", type));
    if (layout != "nhwc" && layout != "nchw")
        throw UserError(fmt::format("--layout is nhwc or nchw, not '{}'", layout));
    const std::string grad = line.text("--grad").value_or("");
    std::vector<SuiteEntry> entries;
    for (const json& row : rows_of(text, origin)) {
        const auto name = row["name"].get<std::string>();
        const std::string where = fmt::format("{}, {}", origin, name);
        const std::vector<std::string> words = words_of(row, where, type, layout == "nhwc");
        const std::vector<std::string> inputs = float_inputs(words);
        entries.push_back({name, words});
        for (const std::string& input : grad == "all" ? inputs : split_at_commas(grad)) {
            if (std::find(inputs.begin(), inputs.end(), input) == inputs.end())
                throw UserError(
                    fmt::format("{}: has no input '{}' with a gradient; it has {}", where, input, join(inputs, ", ")));
            SuiteEntry entry{fmt::format("{} d{}", name, input), words};
            entry.arguments.insert(entry.arguments.end(), {"--grad", input});
            entries.push_back(std::move(entry));
        }
    }
    return entries;
}

double SuiteClock::share_of(double total, std::size_t layers_left) const {
    constexpr double least = 0.5;
    return std::max(least, (total - since.seconds()) / static_cast<double>(layers_left) - beside);
}

std::string SuitePlace::title(std::string_view task) const {
    return count > 1 ? fmt::format("{} {}/{}", task, index + 1, count) : std::string(task);
}

int run_suite(const CommandLine& line, const Subcommand& subcommand,
              int (*one)(const CommandLine&, const SuitePlace&)) {
    if (!line.words().empty() || line.has("-e"))
        throw UserError("--suite names the layers: give no operator beside it, and no -e");
    load_plugins(line);
    const std::vector<SuiteEntry> entries = read_suite(*line.text("--suite"), line);
    std::vector<std::string> options;
    for (const auto& [name, values] : line.given())
        if (name != "--suite" && name != "--type" && name != "--layout" && name != "--grad" && name != "--load")
            for (const std::string& value : values)
                options.push_back(value.empty() ? name : fmt::format("{}={}", name, value));
    int worst = 0;
    SuiteClock clock;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::vector<std::string> arguments = entries[i].arguments;
        arguments.insert(arguments.end(), options.begin(), options.end());
        if (!line.has("--json"))
            fmt::print("{}\n",
                       coloured(Colour::bold, fmt::format("[{}/{}] {}", i + 1, entries.size(), entries[i].title)));
        std::fflush(stdout);
        int status = 0;
        try {
            status = one(CommandLine(subcommand, arguments), {i, entries.size(), &clock});
        } catch (const UserError& error) {
            fmt::print(stderr, "heddle: {}: {}\n", entries[i].title, error.message());
            status = 1;
        }
        if (status == interrupted_status) return status;
        worst = std::max(worst, status);
    }
    return worst;
}

std::vector<OptionRow> suite_options() {
    return {{"--suite", "FILE",
             "all layers of a list (bench/layers/*.json), one after the other, also in the directions "
             "of --grad"},
            {"--type", "TYPE", "of the layers of a suite that state only sizes (f32)"},
            {"--layout", "LAYOUT", "of the same: nhwc or nchw (nhwc)"}};
}

}  // namespace heddle::tools

// tools/problem.cpp -- from words to a pipeline and its data.
#include "tools/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "codegen/tuning/sample_inputs.h"
#include "dsl/gather_pipeline.h"
#include "dsl/lexer.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/cuda_driver.h"
#include "runtime/npy.h"
#include "runtime/text.h"
#include "tools/gradient_problem.h"
#include "tools/load.h"
#include "tools/saved_results.h"
#include "tools/tensor_text.h"

namespace heddle::tools {
namespace {

// A tensor of the command line with its data, where a file holds it.
struct GivenTensor {
    TensorText text;
    ScalarType type = f32;
    std::vector<std::int64_t> shape;
    Buffer data;
};

GivenTensor load(const std::string& name, const std::string& text) {
    GivenTensor given;
    given.text = parse_tensor(name, text);
    if (given.text.file) {
        given.data = read_npy(*given.text.file);
        given.type = given.data.type();
        given.shape = given.data.shape();
        if (given.text.type && *given.text.type != given.type)
            throw UserError(fmt::format("{}: {} holds {}, not {}", name, given.text.file->string(),
                                        describe(given.data), name_of(*given.text.type)));
    } else {
        given.type = *given.text.type;
        given.shape = given.text.sizes;
    }
    return given;
}

AnyTensor tensor_of(const std::string& name, const GivenTensor& given) {
    return AnyTensor(name, given.type, std::vector<Extent>(given.shape.begin(), given.shape.end()));
}

void keep_data(Problem& problem, const std::map<std::string, GivenTensor>& tensors) {
    for (const auto& [name, given] : tensors) {
        problem.shapes[name] = given.shape;
        if (given.data.defined() && given.text.file) problem.given[name] = given.data;
    }
}

// What the words behind an operator's name give.
struct OperatorWords {
    const OperatorRow& row;
    std::map<std::string, GivenTensor> given;
    std::map<std::string, LaidOutTensor> tensors;
    std::map<std::string, std::string> parameters;
};
OperatorWords read_words(const std::vector<std::string>& words) {
    OperatorWords read{operator_named(words.at(0)), {}, {}, {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto [name, value] = parse_assignment(words[i]);
        bool is_tensor = looks_like_tensor(value), is_parameter = false;
        for (const TensorRow& tensor : read.row.tensors) is_tensor |= tensor.name == name;
        for (const ParameterRow& parameter : read.row.parameters) is_parameter |= parameter.name == name;
        if (read.tensors.count(name) || read.parameters.count(name))
            throw UserError(fmt::format("'{}' is given twice: {}", name, words[i]));
        if (!is_tensor || is_parameter) {
            read.parameters[name] = value;
            continue;
        }
        read.given[name] = load(name, value);
        read.tensors[name] = {tensor_of(name, read.given[name]), read.given[name].text.layout};
    }
    return read;
}

// Names that a text declares itself: `x: f32[N,64]`.
std::vector<std::string> declared_in(std::string_view text) {
    std::vector<std::string> names;
    TokenStream stream(text);
    for (bool begin = true; stream.peek().kind != TokenKind::end; stream.take()) {
        if (begin && stream.peek().kind == TokenKind::name && stream.at_symbol(":", 1))
            names.emplace_back(stream.peek().text);
        begin = stream.at_line_end();
    }
    return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// A tensor that is both declared in the text and given must fit its declaration.
void check_declared(const AnyTensor& tensor, const GivenTensor& given) {
    const std::string& name = tensor.name();
    const std::string stated = fmt::format("{} {}", name_of(given.type), describe_shape(given.shape));
    if (tensor.type() != given.type)
        throw UserError(fmt::format("{} is declared as {}, and given as {}", name, name_of(tensor.type()), stated));
    if (tensor.rank() != static_cast<int>(given.shape.size()))
        throw UserError(fmt::format("{} is declared with {} dimensions, and given as {}", name, tensor.rank(), stated));
    for (int d = 0; d < tensor.rank(); ++d) {
        const Extent& extent = tensor.shape()[d];
        if (extent.is_static() && extent.value() != given.shape[d])
            throw UserError(fmt::format("{} is declared with extent {} in dimension {}, and given as {}", name,
                                        extent.value(), d, stated));
    }
}

Problem from_text(const std::string& text, const std::vector<std::string>& words) {
    ParseContext context;
    std::map<std::string, GivenTensor> given;
    const std::vector<std::string> declared = declared_in(text);
    for (const std::string& word : words) {
        const auto [name, value] = parse_assignment(word);
        if (given.count(name)) throw UserError(fmt::format("'{}' is given twice: {}", name, word));
        given[name] = load(name, value);
        if (!given[name].text.layout.empty())
            throw UserError(
                fmt::format("{}: a definition in place has no layouts; write the sizes in the order of its "
                            "indices",
                            word));
        if (!contains(declared, name)) context.tensors[name] = tensor_of(name, given[name]);
    }
    const std::vector<AnyTensor> defined = parse_definitions(text, context);
    if (defined.empty()) throw UserError("the text of -e defines no tensor: write one as in y[n] += x[n,c]");

    // Outputs are the tensors that nothing reads.
    const Pipeline whole = Pipeline::of(defined);
    std::vector<AnyTensor> outputs;
    for (const AnyTensor& tensor : defined) {
        bool read = false;
        for (const PipelineStage& stage : whole.stages)
            for (const Expr& value : stage.definition->right)
                for_each_node(value, [&](const Expr& e) {
                    if (const auto* node = e.as<Read>()) read |= node->tensor == tensor.node();
                });
        if (!read) outputs.push_back(tensor);
    }
    Problem problem;
    problem.title = outputs.empty() ? defined.back().name() : outputs.front().name();
    problem.written = problem.pipeline = Pipeline::of(outputs.empty() ? defined : outputs);
    for (const auto& [name, tensor] : given) {
        const AnyTensor known = problem.pipeline.find(name);
        std::vector<std::string> inputs;
        for (const AnyTensor& input : problem.pipeline.inputs) inputs.push_back(input.name());
        if (!known.defined() || !contains(inputs, name))
            throw UserError(fmt::format("'{}' is not an input of the definition; its inputs are {}{}", name,
                                        join(inputs, ", "), did_you_mean(name, inputs)));
        check_declared(known, tensor);
    }
    keep_data(problem, given);
    return problem;
}

}  // namespace

std::vector<OptionRow> problem_options() {
    return {{"-e", "TEXT", "a definition in place of an operator's name: \"y[n,k] += x[n,c] * w[k,c]\""},
            load_option(),
            {"--target", "TARGET",
             "host, host:avx2, host,threads=1, cuda (this machine's, else sm_90), cuda:sm_80, checked (tests every "
             "access and says which failed)"},
            {"--schedule", "TEXT", "a schedule as 'heddle show' prints it; else the tuned one, else the default"},
            {"--grad", "NAMES", "the gradients by these inputs instead, from the output's, dy: x,w,bias or all"},
            {"--saved", "NAMES",
             "with --grad: results of the forward that the gradient is given instead of computing them again: y,m or "
             "all"}};
}

OperatorArguments operator_arguments(const std::vector<std::string>& words) {
    OperatorWords read = read_words(words);
    return {read.row, std::move(read.tensors), std::move(read.parameters)};
}

Problem make_problem(const std::vector<std::string>& words) {
    OperatorWords read = read_words(words);
    Problem problem;
    problem.title = words[0];
    problem.written = problem.pipeline =
        Pipeline::of(read.row.make(OperatorArguments(read.row, std::move(read.tensors), std::move(read.parameters))));
    keep_data(problem, read.given);
    return problem;
}

Problem make_problem(const CommandLine& line) {
    load_plugins(line);
    const std::optional<std::string> names = line.text("--grad"), saved = line.text("--saved");
    if (saved && !names) throw UserError("--saved names results that a gradient is given: give --grad, too");
    std::vector<std::string> words = line.words();
    std::map<std::string, GivenTensor> derived;  // dy, and saved results
    if (names)
        for (const std::string& name : split_names("dy," + saved.value_or("dy")))
            std::erase_if(words, [&](const std::string& word) {
                if (!word.starts_with(name + "=")) return false;
                derived[name] = load(name, word.substr(name.size() + 1));
                return true;
            });
    Problem problem;
    if (const std::optional<std::string> text = line.text("-e"))
        problem = from_text(*text, words);
    else if (words.empty())
        throw UserError("name an operator ('heddle list' shows them), or give a definition with -e \"...\"");
    else
        problem = make_problem(words);
    if (names) {
        problem = gradient_of(problem, *names, saved.value_or(""));
        for (const auto& [name, given] : derived) check_declared(problem.pipeline.find(name), given);
        keep_data(problem, derived);
    }
    problem.pipeline = gather_pipeline(problem.written);
    return problem;
}

Target target_of(const CommandLine& line) {
    const std::string text = line.text("--target").value_or("host");
    if (text == "checked") return Target::host().checked();
    return Target::parse(text);
}

std::optional<Schedule> schedule_of(const CommandLine& line) {
    const std::optional<std::string> text = line.text("--schedule");
    if (!text) return {};
    return parse_schedule(*text);
}

NamedBuffers make_inputs(const Problem& problem, std::uint64_t seed, bool integers) {
    if (problem.forward) return make_saved_inputs(problem, seed, integers);
    NamedBuffers inputs;
    for (const AnyTensor& input : problem.pipeline.inputs) {
        const std::string& name = input.name();
        ++seed;
        if (const auto file = problem.given.find(name); file != problem.given.end()) {
            inputs[name] = file->second;
            continue;
        }
        std::vector<std::int64_t> shape;
        if (const auto stated = problem.shapes.find(name); stated != problem.shapes.end()) {
            shape = stated->second;
        } else {
            for (const Extent& extent : input.shape()) {
                if (!extent.is_static())
                    throw UserError(fmt::format("{} has a run-time size ({}): give its sizes, as {}={}:...", name,
                                                print(extent.expr()), name, name_of(input.type())));
                shape.push_back(extent.value());
            }
        }
        inputs[name] = sample_input(problem.pipeline, input, shape, seed, integers);
    }
    return inputs;
}

NamedBuffers make_outputs(const Problem& problem, const NamedBuffers& inputs) {
    return heddle::make_outputs(problem.pipeline, inputs);
}

}  // namespace heddle::tools

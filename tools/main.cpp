// tools/main.cpp -- the heddle command: finds the subcommand, runs it, and turns errors into exit statuses.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string_view>

#include "codegen/tuning/worker.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "tools/interrupt.h"
#include "tools/subcommands.h"

namespace heddle::tools {
namespace {

enum ExitStatus { success = 0, wrong_use = 2, our_bug = 3 };

std::string overview(const std::vector<Subcommand>& subcommands) {
    std::string text =
        "heddle: defines, schedules, compiles, checks and tunes stencil operators\n\nusage: heddle SUBCOMMAND ...\n\n";
    for (const Subcommand& subcommand : subcommands)
        text += fmt::format("  {:8} {}\n", subcommand.name, subcommand.summary);
    return text + R"(
an operator is named with its tensors, or a definition is written in place:
  heddle run conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1
  heddle show -e "y[n,k] += x[n,c] * w[k,c]" x=f32:64x512 w=f32:1000x512
tensors are type:sizes, type:layout:sizes (sizes in the layout's own order) or files: x=@x.npy
see 'heddle SUBCOMMAND --help' for options and examples, 'heddle list' for operators

exit status: 0 fine, 1 a check failed, 2 wrong use, 3 a bug of ours, 130 interrupted
)";
}

/// Runs the one of `known` that the first argument names; `of` is said of an unknown name: "subcommand".
int dispatch(const std::vector<Subcommand>& known, const std::vector<std::string>& arguments, const std::string& of) {
    const std::string name = arguments.empty() ? "" : arguments[0];
    const std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
    std::vector<std::string> names;
    for (const Subcommand& subcommand : known) {
        names.emplace_back(subcommand.name.substr(subcommand.name.find(' ') + 1));
        if (names.back() != name) continue;
        const bool helps = std::any_of(rest.begin(), rest.end(),
                                       [](const std::string& word) { return word == "--help" || word == "-h"; });
        const bool group = !subcommand.actions.empty();
        if (helps && (!group || rest[0].starts_with('-'))) {
            fmt::print("{}", help(subcommand));
            return success;
        }
        if (group) return dispatch(subcommand.actions, rest, fmt::format("action of heddle {}", name));
        return subcommand.run(CommandLine(subcommand, rest));
    }
    if (name.empty()) throw UserError(fmt::format("name an {}: {}", of, join(names, ", ")));
    throw UserError(
        fmt::format("there is no {} '{}'; there are {}{}", of, name, join(names, ", "), did_you_mean(name, names)));
}

int run(const std::vector<std::string>& arguments) {
    const std::vector<Subcommand> subcommands{list_subcommand(),   show_subcommand(),   run_subcommand(),
                                              check_subcommand(),  bench_subcommand(),  tune_subcommand(),
                                              db_subcommand(),     report_subcommand(), emit_subcommand(),
                                              doctor_subcommand(), demo_subcommand()};
    const std::string name = arguments.empty() ? "" : arguments[0];
    if (name.empty() || name == "--help" || name == "-h" || name == "help") {
        fmt::print(name.empty() ? stderr : stdout, "{}", overview(subcommands));
        return name.empty() ? wrong_use : success;
    }
    if (name == "--version") {
        fmt::print("heddle {}\n", HEDDLE_VERSION);
        return success;
    }
    return dispatch(subcommands, arguments, "subcommand");
}

int guarded(const std::vector<std::string>& arguments) {
    try {
        return run(arguments);
    } catch (const UserError& error) {
        std::fflush(stdout);
        fmt::print(stderr, "heddle: {}\n", error.message());
        return wrong_use;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "heddle: not enough memory for these sizes; give smaller ones\n");
        return wrong_use;
    } catch (const std::exception& error) {
        std::fflush(stdout);
        const bool says_how = dynamic_cast<const InternalError*>(&error) != nullptr;
        fmt::print(stderr, "heddle: {}\n{}Add the command line and the output of 'heddle doctor'.\n", error.what(),
                   says_how ? "" : "This is a bug in Heddle. Please report it with this text. ");
        return our_bug;
    }
}

}  // namespace
}  // namespace heddle::tools

int main(int count, char** values) {
    if (count == 2 && std::string_view(values[1]) == "worker") return heddle::serve_worker();  // of a tuner
    heddle::tools::handle_interrupts();
    const int status = heddle::tools::guarded({values + 1, values + count});
    if (std::fflush(stdout) != 0 && status == 0) {
        fmt::print(stderr, "heddle: standard output cannot be written\n");
        return 2;
    }
    return status;
}

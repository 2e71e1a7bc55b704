// tools/main.cpp -- the heddle command: finds the subcommand, runs it, and turns errors into exit statuses.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

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

int dispatch(const std::vector<std::string>& arguments) {
    const std::vector<Subcommand> subcommands{list_subcommand(),  show_subcommand(),   run_subcommand(),
                                              check_subcommand(), bench_subcommand(),  tune_subcommand(),
                                              emit_subcommand(),  doctor_subcommand(), demo_subcommand()};
    const std::string name = arguments.empty() ? "" : arguments[0];
    if (name.empty() || name == "--help" || name == "-h" || name == "help") {
        fmt::print(name.empty() ? stderr : stdout, "{}", overview(subcommands));
        return name.empty() ? wrong_use : success;
    }
    if (name == "--version") {
        fmt::print("heddle {}\n", HEDDLE_VERSION);
        return success;
    }
    std::vector<std::string> known;
    for (const Subcommand& subcommand : subcommands) {
        known.emplace_back(subcommand.name);
        if (subcommand.name != name) continue;
        const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
        for (const std::string& word : rest) {
            if (word != "--help" && word != "-h") continue;
            fmt::print("{}", help(subcommand));
            return success;
        }
        return subcommand.run(CommandLine(subcommand, rest));
    }
    throw UserError(
        fmt::format("there is no subcommand '{}'; there are {}{}", name, join(known, ", "), did_you_mean(name, known)));
}

int guarded(const std::vector<std::string>& arguments) {
    try {
        return dispatch(arguments);
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
    heddle::tools::handle_interrupts();
    const int status = heddle::tools::guarded({values + 1, values + count});
    if (std::fflush(stdout) != 0 && status == 0) {
        fmt::print(stderr, "heddle: standard output cannot be written\n");
        return 2;
    }
    return status;
}

// tests/support/c_program.cpp -- C programs around exported operators.
#include "tests/support/c_program.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

std::int64_t elements_of(const AnyTensor& tensor, const Substitution& sizes) {
    std::int64_t elements = 1;
    for (const Extent& extent : tensor.shape())
        elements *= simplify(substitute(extent.expr(), sizes)).as<IntImm>()->value;
    return elements;
}

// The program in front of `main`.
constexpr const char* support = R"(#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* take(const char* name, size_t bytes) {
    FILE* file = fopen(name, "rb");
    void* memory = malloc(bytes + 1);
    if (!file || !memory || fread(memory, 1, bytes, file) != bytes) exit(3);
    fclose(file);
    return memory;
}
static void give(const char* name, const void* memory, size_t bytes) {
    FILE* file = fopen(name, "wb");
    if (!file || fwrite(memory, 1, bytes, file) != bytes) exit(3);
    fclose(file);
}
static void backwards(void* self, int64_t count, heddle_task task, void* context) {
    for (int64_t i = count; i-- > 0;) task(context, i, i + 1);
    *(int*)self += 1;
}
)";

}  // namespace

std::optional<std::string> no_c_compiler() {
    if (std::system("cc --version >/dev/null 2>&1") == 0) return std::nullopt;
    return "there is no C compiler `cc`";
}

Ran run_in(const std::filesystem::path& folder, const std::string& command) {
    const int status = std::system(fmt::format("cd '{}' && {{ {}; }} >output 2>&1", folder.string(), command).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(folder / "output")};
}

std::string host_main(const std::string& name, const Pipeline& pipeline, const NamedBuffers& inputs) {
    Substitution sizes;
    std::string numbers, declared, arguments[2], compared, given;
    for (const auto& [symbol, value] : bind_parameters(pipeline, inputs)) sizes[symbol] = Expr::integer(value);
    for (const Symbol& symbol : pipeline.parameters)
        numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", sizes.at(symbol).as<IntImm>()->value);
    int count = 0;
    const auto add = [&](const AnyTensor& tensor, bool output) {
        const std::int64_t bytes = elements_of(tensor, sizes) * bytes_of(tensor.type());
        for (int call = 0; call < (output ? 2 : 1); ++call)
            declared += output ? fmt::format("    void* a{}_{} = malloc({});\n    memset(a{}_{}, 0xa5, {});\n", count,
                                             call, bytes + 1, count, call, bytes + 1)
                               : fmt::format("    void* a{} = take(\"{}.bin\", {});\n", count, tensor.name(), bytes);
        for (int call = 0; call < 2; ++call)
            arguments[call] += fmt::format("{}a{}{}", count ? ", " : "", count, output ? fmt::format("_{}", call) : "");
        if (output) {
            // The byte behind an output stays as it was.
            compared +=
                fmt::format("    if (memcmp(a{0}_0, a{0}_1, {1}) || ((unsigned char*)a{0}_0)[{2}] != 0xa5) return 2;\n",
                            count, bytes + 1, bytes);
            given += fmt::format("    give(\"{}.bin\", a{}_0, {});\n", tensor.name(), count, bytes);
        }
        ++count;
    };
    for (const AnyTensor& input : pipeline.inputs) add(input, false);
    for (const AnyTensor& output : pipeline.outputs) add(output, true);
    for (std::string& list : arguments)
        if (!numbers.empty()) list += ", " + numbers;
    return fmt::format(
        "#include \"{0}.h\"\n{1}\nint main(void) {{\n    int loops = 0;\n{2}    int result = {0}({3});\n"
        "    if (!result) result = {0}_parallel({4}, backwards, &loops);\n"
        "    if (result) {{\n        puts({0}_error(result));\n        return 1;\n    }}\n{5}{6}    return 0;\n}}\n",
        name, support, declared, arguments[0], arguments[1], compared, given);
}

void write_inputs(const std::filesystem::path& folder, const NamedBuffers& inputs) {
    for (const auto& [name, buffer] : inputs)
        write_file(folder / (name + ".bin"),
                   std::string(static_cast<const char*>(buffer.data()),
                               static_cast<std::size_t>(buffer.elements() * bytes_of(buffer.type()))));
}

NamedBuffers read_outputs(const std::filesystem::path& folder, const NamedBuffers& like) {
    NamedBuffers outputs;
    for (const auto& [name, buffer] : like) {
        const Buffer read(buffer.type(), buffer.shape());
        const std::string bytes = read_file(folder / (name + ".bin"));
        if (bytes.size() == static_cast<std::size_t>(read.elements() * bytes_of(read.type())) && !bytes.empty())
            std::memcpy(read.data(), bytes.data(), bytes.size());
        outputs[name] = read;
    }
    return outputs;
}

}  // namespace heddle::test

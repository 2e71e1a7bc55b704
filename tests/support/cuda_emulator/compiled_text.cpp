// tests/support/cuda_emulator/compiled_text.cpp -- texts compiled by the compiler that built the tests.
#include "tests/support/cuda_emulator/compiled_text.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/cuda_emulator/machine.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

std::string output_of(const std::string& command, int* status = nullptr) {
    std::string text;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot run " + command);
    char part[4096];
    while (const std::size_t count = std::fread(part, 1, sizeof part, pipe)) text.append(part, count);
    const int ended = pclose(pipe);
    if (status) *status = ended;
    return text;
}

std::string line_of(const std::string& text, int number) {
    std::istringstream lines(text);
    std::string line;
    for (int i = 0; i < number; ++i)
        if (!std::getline(lines, line)) return "";
    const std::size_t first = line.find_first_not_of(' ');
    return first == std::string::npos ? "" : line.substr(first);
}

std::uintptr_t bytes_of_image(std::uintptr_t base) {
    struct Search {
        std::uintptr_t base, bytes;
    } search{base, 0};
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto* wanted = static_cast<Search*>(data);
            if (info->dlpi_addr != wanted->base) return 0;
            for (int i = 0; i < info->dlpi_phnum; ++i)
                if (info->dlpi_phdr[i].p_type == PT_LOAD)
                    wanted->bytes = std::max<std::uintptr_t>(wanted->bytes,
                                                             info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
            return 1;
        },
        &search);
    return search.bytes;
}

}  // namespace

CompiledText::CompiledText(const std::vector<std::string>& texts) : texts_(texts) {
    static const TemporaryFolder folder;
    static int next = 0;
    const std::string stem = (folder.path() / fmt::format("kernels_{}", next++)).string();
    std::string source =
        "#include \"tests/support/cuda_emulator/shim.h\"\n#include \"tests/support/cuda_emulator/shim_memory.h\"\n";
    std::string table;
    std::vector<int> places;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        std::vector<std::string> kernels;
        const std::string text = host_text(texts[i], kernels);
        source += fmt::format("namespace text_{0} {{\n#line 1 \"text_{0}\"\n{1}\n}}\n", i, text);
        for (const std::string& kernel : kernels) {
            table += fmt::format(
                "    {{\"{1}\", [](const void* const* a) {{ shim_call(text_{0}::{1}, a); }}, "
                "shim_parameters(text_{0}::{1})}},\n",
                i, kernel);
            places.push_back(static_cast<int>(i));
        }
    }
    source +=
        "#line 1 \"table\"\nextern \"C\" __attribute__((visibility(\"default\"))) const ShimKernel shim_kernels[] = "
        "{\n" +
        table + "    {0, 0, 0}};\n";
    std::ofstream(stem + ".cpp") << source;
    file_ = stem + ".so";
    const std::string command = fmt::format(
        "{} -std=c++17 -O1 -g1 -gdwarf-4 -w -fPIC -shared -fno-exceptions -fvisibility=hidden "
        "-fsanitize=thread,alignment "
        "-fno-sanitize-recover=alignment -static-libgcc -nostdlib -I{} {}.cpp -o {} -lm",
        HEDDLE_TESTS_COMPILER, std::filesystem::path(HEDDLE_TESTS_DIR).parent_path().string(), stem, file_);
    int status = 0;
    const std::string log = output_of(command, &status);
    if (status != 0)
        throw std::runtime_error(fmt::format("emulation: the host's compiler refuses a text\n{}\n{}", command, log));
    void* library = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(fmt::format("emulation: {}", dlerror()));
    const auto connect =
        reinterpret_cast<void (*)(const ShimFunctions*, const ShimThread***)>(dlsym(library, "shim_connect"));
    connect(&machine_functions(), &thread_);
    const auto* kernels = static_cast<const ShimKernel*>(dlsym(library, "shim_kernels"));
    for (std::size_t i = 0; kernels[i].name; ++i) kernels_.push_back({places[i], &kernels[i]});
    Dl_info info{};
    dladdr(reinterpret_cast<const void*>(connect), &info);
    image_begin_ = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    image_bytes_ = bytes_of_image(image_begin_);
}

const ShimKernel* CompiledText::find(int text, const std::string& kernel) const {
    for (const Named& named : kernels_)
        if (named.text == text && kernel == named.kernel->name) return named.kernel;
    return nullptr;
}

std::string CompiledText::line(const void* code) const {
    const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(code) - image_begin_;
    if (place >= image_bytes_) return "an unknown line";
    // The frames of inlined functions, innermost first; the first in a text is meant.
    std::istringstream frames(output_of(fmt::format("addr2line -i -e {} 0x{:x}", file_, place - 1)));
    std::string frame;
    while (std::getline(frames, frame)) {
        const std::size_t at = frame.rfind("text_"), colon = frame.rfind(':');
        if (at == std::string::npos || colon == std::string::npos || colon < at) continue;
        const auto text = static_cast<std::size_t>(std::atoi(frame.c_str() + at + 5));
        const int number = std::atoi(frame.c_str() + colon + 1);
        if (text < texts_.size()) return fmt::format("line {}: {}", number, line_of(texts_[text], number));
    }
    return "an unknown line";
}

}  // namespace heddle::test

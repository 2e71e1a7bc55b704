// runtime/cubin.cpp -- the ELF sections of a cubin that say what a kernel takes, and the assembler's report.
//
// .nv.info holds attributes of functions, each one byte of form, one of kind, then two bytes of value or, for form 4,
// of the size of what follows. Kinds: 0x2f registers and 0x11 stack frame, each {symbol, value}. .nv.info.<kernel>
// holds 0x17, a parameter: {index, ordinal (16 bits), offset (16 bits), flags, whose bits from 18 on are the size}.
// .nv.shared.<kernel> is the static shared memory, with the system's 1024 bytes where .nv.shared.reserved.0 is there.
#include "runtime/cubin.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>

#include "runtime/error.h"

namespace heddle {
namespace {

constexpr int attribute_frame = 0x11, attribute_parameter = 0x17, attribute_registers = 0x2f;
constexpr int reserved_shared_bytes = 1024;

/// Reads a T at a byte offset; throws past the end.
template <class T>
T read(std::span<const std::byte> bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
        throw InternalError(fmt::format("a cubin of {} bytes ends before byte {}", bytes.size(), offset + sizeof(T)));
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}

std::string read_name(std::span<const std::byte> table, std::size_t offset) {
    std::string name;
    while (const char c = read<char>(table, offset++)) name += c;
    return name;
}

struct Section {
    std::string name;
    Elf64_Shdr header;
    std::span<const std::byte> bytes;  ///< empty for one without contents
};

std::vector<Section> read_sections(std::span<const std::byte> image) {
    const auto header = read<Elf64_Ehdr>(image, 0);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_CUDA)
        throw InternalError(fmt::format("{} bytes that should be a cubin are none", image.size()));
    std::vector<Section> sections(header.e_shnum);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        Section& section = sections[i];
        section.header = read<Elf64_Shdr>(image, header.e_shoff + i * sizeof(Elf64_Shdr));
        if (section.header.sh_type == SHT_NOBITS) continue;
        if (section.header.sh_offset > image.size() || section.header.sh_size > image.size() - section.header.sh_offset)
            throw InternalError(fmt::format("section {} of a cubin lies outside its {} bytes", i, image.size()));
        section.bytes = image.subspan(section.header.sh_offset, section.header.sh_size);
    }
    if (header.e_shstrndx < sections.size())
        for (Section& section : sections)
            section.name = read_name(sections[header.e_shstrndx].bytes, section.header.sh_name);
    return sections;
}

/// Calls visit(kind, payload) for the attributes of an .nv.info section that have a payload.
template <class F>
void for_each_attribute(std::span<const std::byte> bytes, F&& visit) {
    for (std::size_t at = 0; at + 4 <= bytes.size();) {
        const auto form = read<std::uint8_t>(bytes, at), kind = read<std::uint8_t>(bytes, at + 1);
        const std::size_t size = form == 4 ? read<std::uint16_t>(bytes, at + 2) : 0;
        at += 4;
        if (at + size > bytes.size()) throw InternalError("an attribute of a cubin passes the end of its section");
        if (size > 0) visit(kind, bytes.subspan(at, size));
        at += size;
    }
}

const Section* find(const std::vector<Section>& sections, const std::string& name) {
    for (const Section& section : sections)
        if (section.name == name) return &section;
    return nullptr;
}

/// Values of one kind of attribute in .nv.info by the function's name.
std::map<std::string, int> function_values(const std::vector<Section>& sections, int wanted) {
    std::map<std::string, int> values;
    const Section *info = find(sections, ".nv.info"), *symbols = find(sections, ".symtab");
    if (info == nullptr || symbols == nullptr || symbols->header.sh_link >= sections.size()) return values;
    for_each_attribute(info->bytes, [&](int kind, std::span<const std::byte> payload) {
        if (kind != wanted || payload.size() < 8) return;
        const auto symbol = read<Elf64_Sym>(symbols->bytes, read<std::uint32_t>(payload, 0) * sizeof(Elf64_Sym));
        values[read_name(sections[symbols->header.sh_link].bytes, symbol.st_name)] = read<std::int32_t>(payload, 4);
    });
    return values;
}

std::vector<int> read_parameters(const std::vector<Section>& sections, const std::string& kernel) {
    std::map<int, int> sizes;  // by ordinal
    const Section* info = find(sections, ".nv.info." + kernel);
    if (info == nullptr) return {};
    for_each_attribute(info->bytes, [&](int kind, std::span<const std::byte> payload) {
        if (kind != attribute_parameter || payload.size() < 12) return;
        sizes[read<std::uint16_t>(payload, 4)] = static_cast<int>(read<std::uint32_t>(payload, 8) >> 18);
    });
    std::vector<int> parameters;
    for (const auto& [ordinal, bytes] : sizes) parameters.push_back(bytes);
    return parameters;
}

/// The whole number right before `unit` in a line; nothing: -1.
int number_before(std::string_view line, std::string_view unit) {
    const std::size_t end = line.find(unit);
    if (end == std::string_view::npos) return -1;
    std::size_t begin = end;
    while (begin > 0 && line[begin - 1] >= '0' && line[begin - 1] <= '9') --begin;
    int value = 0;
    for (std::size_t i = begin; i < end; ++i) value = value * 10 + (line[i] - '0');
    return begin == end ? -1 : value;
}

template <class F>
void for_each_line(std::string_view text, F&& visit) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace

std::vector<KernelResources> read_resources(std::span<const std::byte> cubin) {
    const std::vector<Section> sections = read_sections(cubin);
    const std::map<std::string, int> registers = function_values(sections, attribute_registers);
    const std::map<std::string, int> frames = function_values(sections, attribute_frame);
    const bool reserved = find(sections, ".nv.shared.reserved.0") != nullptr;
    constexpr std::string_view info = ".nv.info.";
    std::vector<KernelResources> kernels;
    for (const Section& section : sections) {
        if (!section.name.starts_with(info)) continue;
        KernelResources kernel;
        kernel.name = section.name.substr(info.size());
        if (find(sections, ".text." + kernel.name) == nullptr) continue;
        if (const auto found = registers.find(kernel.name); found != registers.end()) kernel.registers = found->second;
        if (const auto found = frames.find(kernel.name); found != frames.end()) kernel.local_bytes = found->second;
        if (const Section* shared = find(sections, ".nv.shared." + kernel.name))
            kernel.shared_bytes =
                std::max(static_cast<int>(shared->header.sh_size) - (reserved ? reserved_shared_bytes : 0), 0);
        kernel.parameter_bytes = read_parameters(sections, kernel.name);
        kernels.push_back(std::move(kernel));
    }
    return kernels;
}

void add_assembler_report(std::vector<KernelResources>& kernels, std::string_view log) {
    KernelResources* current = nullptr;
    for_each_line(log, [&](std::string_view line) {
        constexpr std::string_view begin = "Compiling entry function '";
        if (const std::size_t at = line.find(begin); at != std::string_view::npos) {
            const std::string_view rest = line.substr(at + begin.size());
            const std::string_view name = rest.substr(0, rest.find('\''));
            const auto found = std::find_if(kernels.begin(), kernels.end(),
                                            [&](const KernelResources& kernel) { return kernel.name == name; });
            current = found != kernels.end() ? &*found : nullptr;
        }
        if (current == nullptr) return;
        const int stores = number_before(line, " bytes spill stores"),
                  loads = number_before(line, " bytes spill loads");
        if (stores >= 0 && loads >= 0) current->spill_bytes = std::max(current->spill_bytes, 0) + stores + loads;
        if (const int shared = number_before(line, " bytes smem"); shared >= 0) current->shared_bytes = shared;
    });
}

std::string without_assembler_report(std::string_view log) {
    std::string rest;
    for_each_line(log, [&](std::string_view line) {
        // A remark with a number, "ptxas info : (C7512) ...", is one on lost performance.
        const bool report = (line.starts_with("ptxas info") && line.find(": (C") == std::string_view::npos) ||
                            line.find(" bytes spill stores") != std::string_view::npos;
        if (!report && line.find_first_not_of(" \t\r") != std::string_view::npos) rest.append(line) += '\n';
    });
    return rest;
}

}  // namespace heddle

// codegen/export_files.cpp -- exported files into a folder: each whole or not at all, none over another by accident.
#include <fcntl.h>
#include <fmt/format.h>

#include <system_error>

#include "codegen/export.h"
#include "runtime/atomic_file.h"

namespace heddle {

void write_files(const std::filesystem::path& folder, const std::vector<ExportedFile>& files, bool replace) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) throw UserError(fmt::format("the folder {} cannot be made: {}", folder.string(), problem.message()));
    const FileDescriptor place(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!place.valid())
        throw UserError(fmt::format("the folder {} cannot be opened: {}", folder.string(), system_error_text()));
    for (const ExportedFile& file : files)
        if (!replace && std::filesystem::exists(std::filesystem::symlink_status(folder / file.name, problem)))
            throw UserError(fmt::format("{} is there already: --force, or `replace` in a program, replaces it",
                                        (folder / file.name).string()));
    for (const ExportedFile& file : files) {
        const std::span<const std::byte> bytes = std::as_bytes(std::span(file.content));
        if (const auto failed = write_file_atomically(place.get(), file.name, std::span(&bytes, 1), 0666))
            throw UserError(fmt::format("{} is not written: {}", (folder / file.name).string(), *failed));
    }
}

}  // namespace heddle

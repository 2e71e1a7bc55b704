// codegen/export.h -- an operator as files for programs that do not have Heddle: code, a C header, a launch function.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "codegen/make_plan.h"

namespace heddle {

struct ExportedFile {
    std::string name;  ///< without a folder
    std::string content;
};

struct ExportOptions {
    /// Of the launch function and the files: a name of C. Others derive from it: NAME_parallel, NAME_error, ...
    std::string name;
    /// Arrays are row-major.
    Schedule schedule = {};
    Target target = {};
};

/// NAME.o, a relocatable object for C programs of this ABI that needs libc and libm alone, and NAME.h. The object
/// exports
///     int NAME(inputs, outputs, sizes)                                        in the calling thread
///     int NAME_parallel(inputs, outputs, sizes, parallel_for, self)           on the caller's threads
///     const char* NAME_error(int)                                             what a result other than 0 means
/// Throws UserError for an illegal schedule and a name that C does not take.
std::vector<ExportedFile> export_host(const Pipeline& pipeline, const ExportOptions& options);

/// NAME.cu (NAME_0.cu, ... where a plan has several steps): the CUDA C++ source. Needs no NVRTC.
std::vector<ExportedFile> export_cuda_source(const Pipeline& pipeline, const ExportOptions& options);
/// The source, NAME.c, which holds the machine code as bytes and calls libcuda alone, and NAME.h with
///     int NAME_load(NAME_kernels*), int NAME_unload(NAME_kernels*)            into and out of the current context
///     size_t NAME_workspace_bytes(sizes)                                      of device memory that a launch needs
///     int NAME(const NAME_kernels*, inputs, outputs, sizes, workspace, stream)   puts the kernels on the stream
///     int NAME_checks(workspace, stream)                                      where indices from data are checked
///     const char* NAME_error(int)
/// Throws UserError as export_host does, and where there is no NVRTC.
std::vector<ExportedFile> export_cuda(const Pipeline& pipeline, const ExportOptions& options);

/// Writes each file whole or not at all, making the folder. Throws UserError, before anything is written, for a file
/// that is there already unless `replace`; and for a folder that cannot be written to.
void write_files(const std::filesystem::path& folder, const std::vector<ExportedFile>& files, bool replace = false);

}  // namespace heddle

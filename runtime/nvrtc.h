// runtime/nvrtc.h -- CUDA C++ to machine code by NVRTC, which is opened on demand; needs no driver and no device.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cubin.h"

namespace heddle {

struct CudaCompileOptions {
    /// For the features of this very architecture (sm_90a instead of sm_90): wgmma, setmaxnreg.
    bool specific_features = false;
    /// More flags, as NVRTC spells them: "--maxrregcount=128", "-lineinfo".
    std::vector<std::string> flags;
};

struct CudaProgram {
    std::vector<std::byte> cubin;
    std::string log;       ///< all that the compiler and the assembler said
    std::string warnings;  ///< the log without the assembler's report; empty: there are none
    std::vector<KernelResources> kernels;
};

/// What keeps NVRTC from being used, in one line; nothing: it can be. `HEDDLE_NVRTC` names the library; otherwise
/// libnvrtc.so is looked for, plain and with its versions, then in the toolkit's folder ($CUDA_HOME, $CUDA_PATH,
/// /usr/local/cuda).
std::optional<std::string> nvrtc_problem();
/// "13.0". Throws UserError where there is no NVRTC.
std::string nvrtc_version();
/// The file that NVRTC was loaded from. Throws UserError where there is no NVRTC.
std::string nvrtc_file();
/// "sm_90" or, with the features of this very architecture, "sm_90a".
std::string architecture_name(int compute_capability, bool specific_features = false);

/// Compiles as C++17 for one compute capability (80, 90). `name` is what messages call the source. Kernels must be
/// extern "C". Source that includes <cuda_fp16.h> and the like finds the toolkit's headers where there are any.
/// Safe from several threads at once. Throws UserError where there is no NVRTC, it does not know the architecture, or
/// headers are asked for that are not there; InternalError, with the log and the lines around the first error, for
/// source that does not compile.
CudaProgram compile_cuda(const std::string& source, const std::string& name, int compute_capability,
                         const CudaCompileOptions& options = {});
/// The same, to PTX.
std::string compile_ptx(const std::string& source, const std::string& name, int compute_capability,
                        const CudaCompileOptions& options = {});

}  // namespace heddle

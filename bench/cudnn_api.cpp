// bench/cudnn_api.cpp -- cuDNN opened and its functions found.
#include "bench/cudnn_api.h"

#include <fmt/format.h>

#include <cstdlib>

#include "runtime/cublas_api.h"
#include "runtime/error.h"
#include "runtime/library_names.h"
#include "runtime/shared_library.h"

namespace heddle::bench {
namespace {

struct Library {
    CudnnApi api;
    std::optional<std::string> problem;
};

Library open_library() {
    Library library;
    cublas_problem();  // cuDNN finds cuBLAS by its name when it is there already
    static const SharedLibrary opened(library_names("HEDDLE_CUDNN", {"libcudnn.so.9", "libcudnn.so"}));
    if (!opened.opened()) {
        library.problem = fmt::format("no cuDNN: {}; HEDDLE_CUDNN can name the library", opened.problem());
        return library;
    }
    const char* missing = nullptr;
    const auto bind = [&](auto& member, const char* symbol) {
        member = reinterpret_cast<std::decay_t<decltype(member)>>(opened.address(symbol));
        if (member == nullptr) missing = symbol;
    };
#define HEDDLE_CUDNN_BIND(member, symbol, ...) bind(library.api.member, symbol);
    HEDDLE_CUDNN_FUNCTIONS(HEDDLE_CUDNN_BIND)
#undef HEDDLE_CUDNN_BIND
    bind(library.api.version, "cudnnGetVersion");
    bind(library.api.error_text, "cudnnGetErrorString");
    if (missing != nullptr) library.problem = fmt::format("cuDNN ({}) lacks the function {}", opened.name(), missing);
    return library;
}

const Library& library() {
    static const Library opened = open_library();
    return opened;
}

}  // namespace

std::optional<std::string> cudnn_problem() { return library().problem; }

std::string cudnn_version() {
    if (library().problem) return "";
    const std::size_t version = library().api.version();  // 91900 is 9.19.0
    return fmt::format("cuDNN {}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

const CudnnApi& cudnn_api() {
    if (library().problem) throw UserError(*library().problem);
    return library().api;
}

void check_cudnn(CudnnStatus status, std::string_view what) {
    if (status != 0) throw UserError(fmt::format("cuDNN: {}: {}", what, cudnn_api().error_text(status)));
}

}  // namespace heddle::bench

// runtime/cublas_api.cpp -- cuBLAS opened and its functions found.
#include "runtime/cublas_api.h"

#include <fmt/format.h>

#include "runtime/error.h"
#include "runtime/library_names.h"
#include "runtime/shared_library.h"

namespace heddle {
namespace {

struct Library {
    CublasApi api;
    std::optional<std::string> problem;
};

Library open_library() {
    Library library;
    static const SharedLibrary opened(
        library_names("HEDDLE_CUBLAS", {"libcublas.so.13", "libcublas.so.12", "libcublas.so"}));
    if (!opened.opened()) {
        library.problem = fmt::format("no cuBLAS: {}; HEDDLE_CUBLAS can name the library", opened.problem());
        return library;
    }
    const char* missing = nullptr;
    const auto bind = [&](auto& member, const char* symbol) {
        member = reinterpret_cast<std::decay_t<decltype(member)>>(opened.address(symbol));
        if (member == nullptr) missing = symbol;
    };
#define HEDDLE_CUBLAS_BIND(member, symbol, ...) bind(library.api.member, symbol);
    HEDDLE_CUBLAS_FUNCTIONS(HEDDLE_CUBLAS_BIND)
#undef HEDDLE_CUBLAS_BIND
    bind(library.api.error_text, "cublasGetStatusString");
    if (missing != nullptr) library.problem = fmt::format("cuBLAS ({}) lacks the function {}", opened.name(), missing);
    return library;
}

const Library& library() {
    static const Library opened = open_library();
    return opened;
}

}  // namespace

std::optional<std::string> cublas_problem() { return library().problem; }

const CublasApi& cublas_api() {
    if (library().problem) throw UserError(*library().problem);
    return library().api;
}

void check_cublas(CublasStatus status, std::string_view what) {
    if (status != 0) throw UserError(fmt::format("cuBLAS: {}: {}", what, cublas_api().error_text(status)));
}

}  // namespace heddle

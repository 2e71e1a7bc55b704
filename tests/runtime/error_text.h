// tests/runtime/error_text.h -- the text of the error that a call throws.
#pragma once

#include <string>
#include <utility>

#include "runtime/error.h"

namespace heddle::test {

/// what() of the UserError that `call` throws; "no error" when it throws none.
template <class F>
std::string error_text(F&& call) {
    try {
        std::forward<F>(call)();
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace heddle::test

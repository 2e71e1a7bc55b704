// tests/support/error_text.h -- the text of the error that a call throws.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "runtime/error.h"

namespace heddle::test {

/// The message, without its place, of the UserError that `call` throws; "no error" when it throws none.
template <class F>
std::string error_of(F&& call) {
    try {
        std::forward<F>(call)();
    } catch (const UserError& error) {
        return error.message();
    }
    return "no error";
}

/// Expects a UserError with this in its message.
template <class F>
void expect_refusal(F&& call, const std::string& part) {
    const std::string text = error_of(std::forward<F>(call));
    EXPECT_NE(text.find(part), std::string::npos) << text << "\ndoes not say\n" << part;
}

}  // namespace heddle::test

// tests/support/directive_examples.h -- a small use of every directive, legal as it stands.
#pragma once

#include <string>
#include <vector>

namespace heddle::test {

struct DirectiveExample {
    std::string directive;  ///< name in the table
    std::string pipeline;   ///< text
    std::string schedule;   ///< text
    std::string target = "host:avx512";
};
/// One a directive; docs/directives.md shows them with the loops that they give.
const std::vector<DirectiveExample>& directive_examples();

}  // namespace heddle::test

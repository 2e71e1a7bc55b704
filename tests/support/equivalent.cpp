// tests/support/equivalent.cpp -- comparison of pipelines by their canonical texts.
#include "tests/support/equivalent.h"

#include "dsl/print.h"

namespace heddle::test {

bool equivalent(const Pipeline& a, const Pipeline& b) { return canonical_text(a) == canonical_text(b); }

}  // namespace heddle::test

// tests/support/pipeline_texts.h -- pipelines in the text form, as print() writes them, for sweeps over many of them.
#pragma once

#include <string>
#include <vector>

namespace heddle::test {

/// Every construct of the language occurs in one of them.
const std::vector<std::string>& pipeline_texts();

}  // namespace heddle::test

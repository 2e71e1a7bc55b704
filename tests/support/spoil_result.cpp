// tests/support/spoil_result.cpp -- one element of a result, changed.
#include "tests/support/spoil_result.h"

#include <cstdlib>

#include "dsl/print.h"

namespace heddle::test {

void spoil_result(const Pipeline& pipeline, const Buffer& output) {
    const char* part = std::getenv("HEDDLE_PLANTED_FAULT");
    if (part == nullptr || output.elements() == 0 || print(pipeline).find(part) == std::string::npos) return;
    std::vector<std::int64_t> last = output.shape();
    for (std::int64_t& index : last) --index;
    output.set(last, output.get(last) + 1);
}

}  // namespace heddle::test

// tests/fuzz/readers/definition_text.cpp -- pipelines in the text form: printed, they read back as the same.
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/fuzz/readers/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return heddle::fuzz::read_or_refuse([&] {
        const std::string printed = print(heddle::parse_pipeline(heddle::fuzz::text_of(data, size)));
        try {
            heddle::fuzz::expect(print(heddle::parse_pipeline(printed)) == printed, "a printed pipeline reads back");
        } catch (const heddle::UserError& error) {
            heddle::fuzz::expect(false, error.what());
        }
    });
}

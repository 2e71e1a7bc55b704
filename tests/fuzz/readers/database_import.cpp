// tests/fuzz/readers/database_import.cpp -- tuning records as lines of JSON: written, they read back as the same.
#include "schedules/record_json.h"
#include "tests/fuzz/readers/target.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return heddle::fuzz::read_or_refuse([&] {
        for (const heddle::TuningRecord& record : heddle::records_of(heddle::fuzz::text_of(data, size), "the input")) {
            const std::string line = heddle::record_line(record);
            const auto again = heddle::records_of(line, "the line");
            heddle::fuzz::expect(again.size() == 1 && heddle::record_line(again[0]) == line,
                                 "a written record reads back");
        }
    });
}

// runtime/kernel.cpp -- messages of failed checks.
#include "runtime/kernel.h"

namespace heddle {

std::string message_of(const std::vector<CheckMessage>& messages, const KernelReports& reports) {
    std::string text = messages.at(static_cast<std::size_t>(reports.failed_check)).text;
    for (const std::int64_t value : reports.values) {
        const auto place = text.find("{}");
        if (place == std::string::npos) break;
        text.replace(place, 2, std::to_string(value));
    }
    return text;
}

}  // namespace heddle

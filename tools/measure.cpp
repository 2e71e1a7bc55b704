// tools/measure.cpp -- warm-up, repetitions and medians.
#include "tools/measure.h"

#include <functional>

#include <algorithm>

#include "runtime/timer.h"

namespace heddle::tools {

Timing timing_of(std::vector<double> seconds) {
    if (seconds.empty()) return {};
    std::sort(seconds.begin(), seconds.end());
    const std::size_t count = seconds.size();
    return {seconds[count / 2], seconds[count * 3 / 4] - seconds[count / 4], static_cast<int>(count)};
}

Timing time_calls(const std::function<void()>& call, const TimingOptions& options) {
    Timer first;
    call();
    const double warm_up = first.seconds();
    if (options.give_up_after > 0 && warm_up > options.give_up_after) return {warm_up, 0, 1};
    std::vector<double> seconds;
    const Timer total;
    do {
        Timer one;
        call();
        seconds.push_back(one.seconds());
    } while (total.seconds() < options.seconds && static_cast<int>(seconds.size()) < options.most);
    return timing_of(std::move(seconds));
}

std::vector<std::pair<std::string, Buffer>> bind(const NamedBuffers& inputs, const NamedBuffers& outputs) {
    std::vector<std::pair<std::string, Buffer>> arguments(inputs.begin(), inputs.end());
    arguments.insert(arguments.end(), outputs.begin(), outputs.end());
    return arguments;
}

}  // namespace heddle::tools

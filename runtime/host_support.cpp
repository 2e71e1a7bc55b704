// runtime/host_support.cpp -- the few functions of ours that compiled host code calls.
#include "runtime/host_support.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

#include "runtime/kernel.h"

namespace heddle {
namespace {

void* allocate(std::int64_t bytes) {
    const std::size_t rounded = (static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1)) + 63) / 64 * 64;
    void* memory = std::aligned_alloc(64, rounded);
    if (!memory) {
        std::fprintf(stderr, "heddle: out of memory for a tile of %lld bytes\n", static_cast<long long>(bytes));
        std::abort();
    }
    return memory;
}

// The first failure of a call is kept; the others are dropped.
void fail(const KernelArguments* arguments, std::int64_t check, std::int64_t count, const std::int64_t* values) {
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    KernelReports& reports = *arguments->reports;
    if (reports.failed_check >= 0) return;
    std::copy(values, values + count, reports.values);
    reports.failed_check = check;
}

void print(bool condition, const char* label, std::int64_t count, const double* shown) {
    if (!condition) return;
    std::string line(label);
    char number[32];
    for (std::int64_t i = 0; i < count; ++i) {
        std::snprintf(number, sizeof number, "%s%.9g", i ? ", " : ": ", shown[i]);
        line += number;
    }
    std::fprintf(stderr, "%s\n", line.c_str());
}

template <class Result, class... Arguments>
void* address_of(Result (*function)(Arguments...)) {
    return reinterpret_cast<void*>(function);
}
template <class T>
using Function1 = T (*)(T);
template <class T>
using Function2 = T (*)(T, T);

}  // namespace

const std::vector<HostSupportFunction>& host_support_functions() {
    static const std::vector<HostSupportFunction> functions = {
        {"heddle_rt_allocate", address_of(allocate)},
        {"heddle_rt_release", address_of(&std::free)},
        {"heddle_rt_fail", address_of(fail)},
        {"heddle_rt_print", address_of(print)},
        {"expf", address_of(static_cast<Function1<float>>(std::exp))},
        {"exp", address_of(static_cast<Function1<double>>(std::exp))},
        {"logf", address_of(static_cast<Function1<float>>(std::log))},
        {"log", address_of(static_cast<Function1<double>>(std::log))},
        {"sinf", address_of(static_cast<Function1<float>>(std::sin))},
        {"sin", address_of(static_cast<Function1<double>>(std::sin))},
        {"cosf", address_of(static_cast<Function1<float>>(std::cos))},
        {"cos", address_of(static_cast<Function1<double>>(std::cos))},
        {"tanhf", address_of(static_cast<Function1<float>>(std::tanh))},
        {"tanh", address_of(static_cast<Function1<double>>(std::tanh))},
        {"erff", address_of(static_cast<Function1<float>>(std::erf))},
        {"erf", address_of(static_cast<Function1<double>>(std::erf))},
        {"powf", address_of(static_cast<Function2<float>>(std::pow))},
        {"pow", address_of(static_cast<Function2<double>>(std::pow))},
    };
    return functions;
}

}  // namespace heddle

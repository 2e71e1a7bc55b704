// runtime/host_support.h -- the few functions of ours that compiled host code calls.
#pragma once

#include <vector>

namespace heddle {

struct HostSupportFunction {
    const char* name;
    void* address;
};
/// heddle_rt_allocate, heddle_rt_release, heddle_rt_fail, heddle_rt_print, and the libm functions that code may call
/// (so that a static program has them).
const std::vector<HostSupportFunction>& host_support_functions();

}  // namespace heddle

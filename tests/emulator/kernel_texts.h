// tests/emulator/kernel_texts.h -- hand-written kernels under emulation.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "codegen/device_helpers.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_emulator/tensor_box.h"

namespace heddle::test {

/// A kernel `k` that takes `in` and `out`; `body` is its text, with the helpers that it names.
struct KernelText {
    std::string body;
    std::string parameters = "const float* in, float* out";
    std::set<std::string> helpers = {};

    std::string text() const {
        return device_helpers(helpers) + "extern \"C\" __global__ void __launch_bounds__(1024)\nk(" + parameters +
               ") {\n" + body + "\n}\n";
    }
};

/// How it is launched.
struct KernelLaunch {
    unsigned threads = 64, blocks = 1, cluster = 1;
    std::int64_t dynamic_shared_bytes = 0;
    struct Map {
        TensorMapRecipe recipe;
        bool of_out = false;  ///< else of `in`
    };
    std::vector<Map> maps = {};  ///< the first parameters
};

/// Runs a program's kernel on `out`, unwritten before; returns the fault's text, "" where there is none.
template <class In, class Out>
std::string fault_of(const EmulatedProgram& program, int text, const KernelLaunch& shape, const std::vector<In>& in,
                     std::vector<Out>& out) {
    const void* in_address = in.data();
    void* out_address = out.data();
    EmulatedLaunch launch;
    launch.kernel = "k";
    launch.grid[0] = shape.blocks;
    launch.block[0] = shape.threads;
    launch.cluster[0] = shape.cluster;
    launch.dynamic_shared_bytes = shape.dynamic_shared_bytes;
    std::vector<TensorMap> maps;
    for (const KernelLaunch::Map& map : shape.maps)
        maps.push_back(make_emulated_tensor_map(map.recipe, map.of_out ? out_address : in_address));
    for (const TensorMap& map : maps) launch.arguments.push_back(&map);
    launch.arguments.push_back(&in_address);
    launch.arguments.push_back(&out_address);
    launch.seconds = 1;
    launch.buffers = {
        {"in", const_cast<void*>(in_address), static_cast<std::int64_t>(in.size() * sizeof(In)), true, true},
        {"out", out_address, static_cast<std::int64_t>(out.size() * sizeof(Out)), false, false}};
    try {
        program.launch(launch, text);
    } catch (const EmulationError& error) {
        return error.what();
    }
    return "";
}

}  // namespace heddle::test

// bench/gpu_command.h -- the subcommands for CUDA devices: gpu and roofline.
#pragma once

namespace CLI {
class App;
}

namespace heddle::bench {

/// `status` becomes 0 when all results were right, else 1.
void add_gpu(CLI::App& program, int& status);
void add_roofline(CLI::App& program);

}  // namespace heddle::bench

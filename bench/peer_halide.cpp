// bench/peer_halide.cpp -- the two-stage blur in Halide, under a schedule that its autoschedulers find.
#include "bench/peer_halide.h"

#include <algorithm>
#include <filesystem>

#include "runtime/error.h"

#ifdef HEDDLE_HAVE_HALIDE
#include <Halide.h>
#endif

namespace heddle::bench {

#ifdef HEDDLE_HAVE_HALIDE

namespace {

struct Plugin {
    const char *name, *file;
};
constexpr Plugin plugins[] = {{"Adams2019", "libautoschedule_adams2019.so"},
                              {"Mullapudi2016", "libautoschedule_mullapudi2016.so"}};

}  // namespace

struct HalideBlur::State {
    Halide::ImageParam image{Halide::Float(32), 2};
    Halide::Pipeline pipeline;
    int rows = 0, columns = 0;
};

std::vector<std::string> halide_autoschedulers() {
    std::vector<std::string> names;
    for (const Plugin& plugin : plugins)
        if (std::filesystem::exists(std::filesystem::path(HEDDLE_HALIDE_PLUGINS) / plugin.file))
            names.emplace_back(plugin.name);
    return names;
}

HalideBlur::HalideBlur(const std::string& autoscheduler, int rows, int columns, int threads)
    : state_(std::make_shared<State>()) {
    const auto* plugin =
        std::find_if(std::begin(plugins), std::end(plugins), [&](const Plugin& p) { return autoscheduler == p.name; });
    if (plugin == std::end(plugins)) throw UserError("Halide's " + autoscheduler + " is not installed");
    Halide::load_plugin((std::filesystem::path(HEDDLE_HALIDE_PLUGINS) / plugin->file).string());
    State& s = *state_;
    s.rows = rows;
    s.columns = columns;
    Halide::Var x("x"), y("y");
    Halide::Func inside = Halide::BoundaryConditions::repeat_edge(s.image, {{0, columns}, {0, rows}});
    Halide::Func along("along"), blurred("blurred");
    along(x, y) = (inside(x - 1, y) + inside(x, y) + inside(x + 1, y)) * (1.0f / 3);
    blurred(x, y) = (along(x, y - 1) + along(x, y) + along(x, y + 1)) * (1.0f / 3);
    s.image.set_estimates({{0, columns}, {0, rows}});
    blurred.set_estimates({{0, columns}, {0, rows}});
    s.pipeline = Halide::Pipeline(blurred);
    const Halide::Target target = Halide::get_host_target();
    s.pipeline.auto_schedule(autoscheduler, target, Halide::MachineParams(threads, 16 << 20, 40));
    s.pipeline.compile_jit(target);
}

void HalideBlur::run(float* image, float* blurred) {
    Halide::Buffer<float> in(image, state_->columns, state_->rows), out(blurred, state_->columns, state_->rows);
    state_->image.set(in);
    state_->pipeline.realize(out);
}

#else

struct HalideBlur::State {};

std::vector<std::string> halide_autoschedulers() { return {}; }

HalideBlur::HalideBlur(const std::string&, int, int, int) { throw UserError("this build is without Halide"); }

void HalideBlur::run(float*, float*) {}

#endif

}  // namespace heddle::bench

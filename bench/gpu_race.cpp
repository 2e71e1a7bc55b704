// bench/gpu_race.cpp -- buffers, contestants and checks of a case.
#include "bench/gpu_race.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "codegen/compile.h"
#include "dsl/evaluate.h"
#include "dsl/gather_pipeline.h"
#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "schedules/schedule.h"

namespace heddle::bench {
namespace {

/// From N C H W and K C R S to N H W C and K R S C, and back.
const std::vector<int> to_channels_last{0, 2, 3, 1}, to_channels_first{0, 3, 1, 2};

/// The two far corners, then random ones.
std::vector<std::vector<std::int64_t>> sample_points(const std::vector<std::int64_t>& shape, int count) {
    std::vector<std::vector<std::int64_t>> points(1, std::vector<std::int64_t>(shape.size(), 0));
    points.push_back({});
    for (const std::int64_t extent : shape) points.back().push_back(extent - 1);
    std::mt19937_64 random(1);
    while (static_cast<int>(points.size()) < count) {
        points.emplace_back();
        for (const std::int64_t extent : shape)
            points.back().push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(extent)));
    }
    return points;
}

std::string name_of(ActivationLayout layout) { return layout == ActivationLayout::nhwc ? "nhwc" : "nchw"; }

std::vector<std::int64_t> shape_of(const AnyTensor& tensor) {
    std::vector<std::int64_t> shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(extent.value());
    return shape;
}

/// Inputs and outputs of a case in one layout.
struct Setup {
    ActivationLayout layout = ActivationLayout::nchw;
    Pipeline pipeline;
    CaseBuffers buffers;

    std::vector<Buffer> arguments() const {
        std::vector<Buffer> list;
        for (const AnyTensor& input : pipeline.inputs) list.push_back(buffers.at(input.name()));
        for (const AnyTensor& output : pipeline.outputs) list.push_back(buffers.at(output.name()));
        return list;
    }
};

struct Entry {
    GpuResult result;
    std::function<void()> call;
    const Setup* setup;
};

class Race {
public:
    Race(GpuStage& stage, const GpuCase& given, const GpuRaceOptions& options)
        : stage_(stage), given_(given), options_(options) {
        fill_plain();
        for (const ActivationLayout layout : options_.layouts) {
            add_setup(layout);
            if (!given_.has_layouts()) break;
        }
    }

    void add_heddle();
    void add_peers();
    void check();
    void time();
    GpuCaseResult result(double product_rate) const;

private:
    void fill_plain();
    void run_pool_forward();
    void add_setup(ActivationLayout layout);
    void add_kernel(const Setup& setup, const std::string& name, const Kernel& kernel);
    std::string suffix(const Setup& setup) const { return given_.has_layouts() ? " " + name_of(setup.layout) : ""; }
    Buffer plain(const Setup& setup, const std::string& tensor) const;
    Buffer copy_of(const Buffer& buffer) const;
    /// Runs `make`; a contestant that cannot take part is left out under `name`.
    void attempt(const std::string& name, const std::function<void()>& make);
    double oracle_error(const Buffer& found, const AnyTensor& output);

    GpuStage& stage_;
    const GpuCase& given_;
    const GpuRaceOptions& options_;
    Setup plain_;
    std::vector<std::unique_ptr<Setup>> setups_;
    std::vector<Entry> entries_;
    std::vector<std::string> left_out_;
    std::map<std::string, std::pair<std::vector<std::vector<std::int64_t>>, std::vector<double>>> expected_;
    double copy_seconds_ = 0;
};

void Race::attempt(const std::string& name, const std::function<void()>& make) {
    try {
        make();
    } catch (const UserError& error) {
        left_out_.push_back(fmt::format("{}: {}", name, error.message()));
        synchronize();  // throws where the fault has taken the context with it
    }
}

void Race::fill_plain() {
    plain_.pipeline = definition_of(given_, ActivationLayout::nchw);
    const bool pool = given_.layer.kind == LayerKind::max_pool || given_.layer.kind == LayerKind::average_pool;
    if (pool && given_.direction == Direction::dx) run_pool_forward();
    std::uint64_t seed = 1;
    for (const AnyTensor& input : plain_.pipeline.inputs) {
        if (plain_.buffers.count(input.name()) != 0) continue;
        const Buffer buffer = device_buffer(input.type(), shape_of(input));
        stage_.data.fill_random(buffer, ++seed, given_.layer.C);
        plain_.buffers[input.name()] = buffer;
    }
}

// The gradient of a pool needs what the forward direction read and found: x and y for cuDNN, places for Heddle.
void Race::run_pool_forward() {
    GpuCase forward = given_;
    forward.direction = Direction::forward;
    const Pipeline pipeline = definition_of(forward, ActivationLayout::nchw);
    for (const std::vector<AnyTensor>& tensors : {pipeline.inputs, pipeline.outputs})
        for (const AnyTensor& tensor : tensors)
            plain_.buffers[tensor.name()] = device_buffer(tensor.type(), shape_of(tensor));
    stage_.data.fill_random(plain_.buffers.at("x"), 17);
    compile(pipeline, stage_.target).run(Setup{ActivationLayout::nchw, pipeline, plain_.buffers}.arguments());
}

void Race::add_setup(ActivationLayout layout) {
    auto setup = std::make_unique<Setup>();
    const bool last = layout == ActivationLayout::nhwc && given_.has_layouts();
    setup->layout = last ? layout : ActivationLayout::nchw;
    setup->pipeline = gather_pipeline(last ? definition_of(given_, layout) : plain_.pipeline);  // as compile() takes it
    for (const auto& [name, buffer] : plain_.buffers)
        setup->buffers[name] = last && buffer.rank() == 4 ? stage_.data.permuted(buffer, to_channels_last) : buffer;
    for (const AnyTensor& output : setup->pipeline.outputs)
        setup->buffers[output.name()] = device_buffer(output.type(), shape_of(output));
    setups_.push_back(std::move(setup));
}

void Race::add_kernel(const Setup& setup, const std::string& name, const Kernel& kernel) {
    GpuResult result;
    result.name = name;
    result.side = Side::heddle;
    result.detail = print(kernel.schedule());
    entries_.push_back({result, [kernel, arguments = setup.arguments()] { kernel.run(arguments); }, &setup});
}

void Race::add_heddle() {
    for (const auto& setup : setups_) {
        const std::string name = "Heddle" + suffix(*setup);
        const auto compiled = [&](const CompileOptions& compile_options) {
            return compile(setup->pipeline, stage_.target, compile_options);
        };
        attempt(name, [&] {
            add_kernel(*setup, name, compiled({.schedule = default_schedule(setup->pipeline, stage_.target)}));
        });
        if (options_.tuned)
            attempt(name + " tuned", [&] {
                const Kernel kernel = compiled({});
                if (kernel.report().schedule_source.starts_with("database"))
                    add_kernel(*setup, name + " tuned", kernel);
            });
        for (std::size_t i = 0; i < options_.schedules.size(); ++i) {
            const std::string given = fmt::format("{} schedule {}", name, i + 1);
            attempt(given,
                    [&] { add_kernel(*setup, given, compiled({.schedule = parse_schedule(options_.schedules[i])})); });
        }
    }
}

void Race::add_peers() {
    const auto add = [&](const Setup& setup, const std::string& name, const std::optional<GpuPeer>& peer) {
        if (!peer) return;
        GpuResult result;
        result.name = name;
        result.side = Side::peer;
        result.detail = peer->detail;
        entries_.push_back({result, peer->call, &setup});
    };
    for (const auto& setup : setups_) {
        const std::string cudnn = "cuDNN" + suffix(*setup), cublas = "cuBLAS" + suffix(*setup);
        if (stage_.cudnn)
            attempt(cudnn, [&] { add(*setup, cudnn, stage_.cudnn->make(given_, setup->layout, setup->buffers)); });
        if (stage_.cublas)
            attempt(cublas, [&] { add(*setup, cublas, stage_.cublas->make(given_, setup->layout, setup->buffers)); });
    }
}

Buffer Race::copy_of(const Buffer& buffer) const {
    Buffer copy = device_buffer(buffer.type(), buffer.shape());
    copy_on_device(copy.data(), buffer.data(),
                   static_cast<std::size_t>(buffer.elements()) * static_cast<std::size_t>(bytes_of(buffer.type())));
    return copy;
}

Buffer Race::plain(const Setup& setup, const std::string& tensor) const {
    const Buffer& buffer = setup.buffers.at(tensor);
    const bool last = setup.layout == ActivationLayout::nhwc && buffer.rank() == 4;
    return last ? stage_.data.permuted(buffer, to_channels_first) : buffer;
}

// Some elements by the definition's meaning: fewer where each is a long sum.
double Race::oracle_error(const Buffer& found, const AnyTensor& output) {
    auto& [points, values] = expected_[output.name()];
    if (points.empty()) {
        NamedBuffers inputs;
        for (const AnyTensor& input : plain_.pipeline.inputs)
            inputs[input.name()] = to_host(plain_.buffers.at(input.name()));
        const auto count = static_cast<int>(std::clamp(4e6 / given_.terms(), 4.0, 200.0));
        points = sample_points(found.shape(), count);
        values = evaluate_at(plain_.pipeline, inputs, output, points);
    }
    const std::vector<double> elements = stage_.data.elements_at(found, points);
    double error = 0, total = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        error += (elements[i] - values[i]) * (elements[i] - values[i]);
        total += values[i] * values[i];
    }
    return error == 0 ? 0 : std::sqrt(error / std::max(total, 1e-60));
}

// Ties of a maximum in 16 bits are many, and a peer may send their gradient to another element.
double tolerance_for(const GpuCase& given, const GpuResult& result) {
    if (result.side == Side::heddle) return given.tolerance();
    const bool ties = given.layer.kind == LayerKind::max_pool && given.direction == Direction::dx;
    return ties && bytes_of(type_of(given.arithmetic)) == 2 ? 0.5 : 10 * given.tolerance();
}

void Race::check() {
    std::map<std::string, Buffer> reference;
    std::vector<Entry> able;
    for (Entry& entry : entries_) {
        for (const AnyTensor& output : entry.setup->pipeline.outputs)
            stage_.data.poison(entry.setup->buffers.at(output.name()));
        const std::size_t before = left_out_.size();
        attempt(entry.result.name, [&] {
            entry.call();
            synchronize();
        });
        if (left_out_.size() > before) continue;
        const double tolerance = tolerance_for(given_, entry.result);
        for (const AnyTensor& output : plain_.pipeline.outputs) {
            const std::string& name = output.name();
            if (entry.result.side == Side::peer && name == "o") continue;  // cuDNN does not tell the places
            const Buffer found = plain(*entry.setup, name);
            const auto known = reference.find(name);
            double error = oracle_error(found, output);
            if (known != reference.end()) error = std::max(error, stage_.data.relative_l2(found, known->second));
            const bool right = error <= (is_float(output.type()) ? tolerance : 0.0);
            entry.result.right = entry.result.right && right;
            if (!(error <= entry.result.error)) entry.result.error = error;
            if (known == reference.end() && right) reference[name] = copy_of(found);
        }
        able.push_back(std::move(entry));
    }
    entries_ = std::move(able);
}

void Race::time() {
    const auto half = static_cast<std::int64_t>(given_.bytes() / 32) * 16;
    const Buffer from = device_buffer(u8, {half}), to = device_buffer(u8, {half});
    std::vector<GpuContestant> contestants;
    contestants.push_back({"copy", [&] { stage_.data.copy(to.data(), from.data(), half); }});
    for (const Entry& entry : entries_) contestants.push_back({entry.result.name, entry.call});
    run_gpu_rounds(contestants, stage_.timer, options_.rounds);
    copy_seconds_ = sample_of(contestants.front().seconds).median;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Sample sample = sample_of(contestants[i + 1].seconds);
        entries_[i].result.seconds = sample.median;
        entries_[i].result.spread = sample.spread;
        entries_[i].result.repetitions = sample.count;
    }
}

GpuCaseResult Race::result(double product_rate) const {
    GpuCaseResult result;
    result.layer = given_.layer.name;
    result.kind = name_of(given_.layer.kind);
    result.direction = name_of(given_.direction);
    result.arithmetic = name_of(given_.arithmetic);
    result.operations = given_.operations();
    result.bytes = given_.bytes();
    result.copy_seconds = copy_seconds_;
    result.product_rate = product_rate;
    for (const Entry& entry : entries_) result.results.push_back(entry.result);
    result.left_out = left_out_;
    return result;
}

}  // namespace

GpuCaseResult run_race(GpuStage& stage, const GpuCase& given, const GpuRaceOptions& options, double product_rate) {
    Race race(stage, given, options);
    race.add_heddle();
    race.add_peers();
    race.check();
    race.time();
    return race.result(given.has_products() ? product_rate : 0);
}

}  // namespace heddle::bench

// codegen/tuning/job.cpp -- data of a job as one block of shared memory, and the oracle's values.
#include "codegen/tuning/job.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "codegen/tuning/sample_inputs.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "runtime/error.h"
#include "schedules/loop_nest.h"

namespace heddle {
namespace {

constexpr int most_points = 300;
constexpr double most_work = 4e6;  ///< points of the domain that the oracle may visit, about a second

/// Fewer points where each costs a long sum.
int points_of(const Pipeline& pipeline) {
    if (!pipeline.parameters.empty()) return most_points;
    double each = 0;  // of an element, whose rows and windows no other element shares
    for (const PipelineStage& stage : pipeline.stages) {
        double points = 1;
        for (const DomainVar& v : stage.definition->domain)
            if (v.reduced && v.extent.is_static()) points *= static_cast<double>(v.extent.value());
        each += points;
    }
    return static_cast<int>(std::clamp(most_work / std::max(each, 1.0), 20.0, static_cast<double>(most_points)));
}

std::int64_t bytes_of(const Buffer& buffer) { return buffer.elements() * heddle::bytes_of(buffer.type()); }

/// Appends blocks to a file in memory, each at a multiple of 64 bytes.
class Writer {
public:
    explicit Writer(int file) : file_(file) {}
    std::string add(const void* data, std::int64_t bytes) {
        const std::int64_t begin = end_;
        const char* from = static_cast<const char*>(data);
        while (bytes > 0) {
            const ssize_t count = pwrite(file_, from, static_cast<std::size_t>(bytes), end_);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0)
                throw UserError(fmt::format("the inputs to tune with cannot be shared with other processes: {}",
                                            std::strerror(errno)));
            from += count;
            end_ += count;
            bytes -= count;
        }
        end_ = (end_ + 63) / 64 * 64;
        return std::to_string(begin);
    }
    std::int64_t end() const { return end_; }

private:
    int file_;
    std::int64_t end_ = 0;
};

}  // namespace

TuningJob make_tuning_job(const Pipeline& pipeline, const Target& target, const NamedBuffers& inputs,
                          std::uint64_t seed) {
    TuningJob job{pipeline, target, inputs, {}};
    const NamedBuffers outputs = make_outputs(pipeline, inputs);
    const Schedule tiles = default_schedule(pipeline, target);
    for (const AnyTensor& output : pipeline.outputs) {
        const auto& shape = outputs.at(output.name()).shape();
        const int count = points_of(pipeline);
        TuningJob::Expected expected{
            output, oracle_points(shape, count == most_points ? tiles : Schedule(), count, seed), {}};
        expected.values = evaluate_at(pipeline, inputs, output, expected.points);
        job.expected.push_back(std::move(expected));
    }
    return job;
}

SharedJob share(const TuningJob& job) {
    auto memory = std::make_shared<FileDescriptor>(memfd_create("heddle tuning", MFD_CLOEXEC));
    if (!memory->valid())
        throw UserError(fmt::format("there is no memory to share with other processes: {}", std::strerror(errno)));
    const std::string text = print(job.pipeline);
    require(canonical_text(parse_pipeline(text)) == canonical_text(job.pipeline),
            "a pipeline reads back from its text");
    Message head{"job", text, job.target.text(), std::to_string(job.inputs.size())};
    Writer writer(memory->get());
    for (const auto& [name, buffer] : job.inputs) {
        const Buffer rows = buffer.contiguous() ? buffer : buffer.copy();
        head.push_back(name);
        head.emplace_back(name_of(rows.type()));
        head.push_back(std::to_string(rows.rank()));
        for (const std::int64_t extent : rows.shape()) head.push_back(std::to_string(extent));
        head.push_back(writer.add(rows.data(), bytes_of(rows)));
    }
    for (const TuningJob::Expected& expected : job.expected) {
        std::vector<std::int64_t> points;
        for (const Point& point : expected.points) points.insert(points.end(), point.begin(), point.end());
        head.push_back(expected.output.name());
        head.push_back(std::to_string(expected.points.size()));
        head.push_back(writer.add(points.data(), static_cast<std::int64_t>(points.size() * sizeof(std::int64_t))));
        head.push_back(
            writer.add(expected.values.data(), static_cast<std::int64_t>(expected.values.size() * sizeof(double))));
    }
    head.push_back(std::to_string(writer.end()));
    // A block of the last page may end behind the file.
    require(ftruncate(memory->get(), writer.end()) == 0, "a file in memory grows");
    return {std::move(memory), std::move(head)};
}

TuningJob open_shared_job(int memory, const Message& head) {
    std::size_t at = 1;
    const auto text = [&]() -> const std::string& {
        require(at < head.size(), "a job has all of its parts");
        return head[at++];
    };
    const auto number = [&] { return std::stoll(text()); };
    TuningJob job;
    job.pipeline = parse_pipeline(text());
    job.target = Target::parse(text());
    const auto bytes = static_cast<std::size_t>(std::stoll(head.back()));
    void* mapped = bytes == 0 ? nullptr : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory, 0);
    require(mapped != MAP_FAILED, "a job's memory can be mapped");
    if (bytes > 0) job.memory = std::shared_ptr<void>(mapped, [bytes](void* data) { munmap(data, bytes); });
    char* base = static_cast<char*>(mapped);
    for (std::int64_t inputs = number(); inputs > 0; --inputs) {
        const std::string name = text();
        const std::optional<ScalarType> type = parse_type(text());
        require(type.has_value(), "an input of a job has a type");
        std::vector<std::int64_t> shape(static_cast<std::size_t>(number()));
        for (std::int64_t& extent : shape) extent = number();
        job.inputs[name] = Buffer(*type, shape, base + number());
    }
    for (const AnyTensor& output : job.pipeline.outputs) {
        TuningJob::Expected expected{output, {}, {}};
        require(text() == output.name(), "a job's expected values are those of its outputs");
        const auto count = static_cast<std::size_t>(number()), rank = static_cast<std::size_t>(output.rank());
        const auto* points = reinterpret_cast<const std::int64_t*>(base + number());
        const auto* values = reinterpret_cast<const double*>(base + number());
        for (std::size_t i = 0; i < count; ++i)
            expected.points.emplace_back(points + i * rank, points + (i + 1) * rank);
        expected.values.assign(values, values + count);
        job.expected.push_back(std::move(expected));
    }
    return job;
}

}  // namespace heddle

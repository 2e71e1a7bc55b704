// examples/08_textbook.cpp -- one convolution computed in four ways, forward and gradients: time, memory, same values
#include <heddle/heddle.h>
#include <heddle/ops.h>
#include <heddle/textbook.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>

#include "examples/compare.h"

using namespace heddle;
using Run = std::function<void()>;

// The shortest of several calls, in milliseconds.
double milliseconds_of(const Run& run, int calls) {
    double best = 1e9;
    for (int call = 0; call < calls; ++call) {
        const auto start = std::chrono::steady_clock::now();
        run();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best * 1e3;
}

int main(int argc, char** argv) {
    const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
    const int N = quick ? 2 : 8, C = quick ? 4 : 32, K = quick ? 8 : 32, H = quick ? 12 : 28;
    const Tensor x("x", f32, {N, C, H, H}), w("w", f32, {K, C, 3, 3});
    ConvOptions options;
    options.padding = 1;
    const AnyTensor y = conv2d(x, w, std::nullopt, options), as_matrices = explicit_gemm(y);
    const auto [dx, dw] = gradient(y, {x, w});

    // Whole numbers: every way gives the same bits, in whatever order it adds.
    NamedBuffers buffers;
    for (const auto& [name, like] : {std::pair{"x", AnyTensor(x)},
                                     {"w", AnyTensor(w)},
                                     {"dy", y},
                                     {"y", y},
                                     {"dx", AnyTensor(x)},
                                     {"dw", AnyTensor(w)}}) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : like.shape()) shape.push_back(extent.value());
        buffers[name] = Buffer(f32, shape);
        buffers[name].fill_random(buffers.size(), true);
    }
    const auto arguments = [&](const Pipeline& pipeline) {
        std::vector<std::pair<std::string, Buffer>> result;
        for (const auto* tensors : {&pipeline.inputs, &pipeline.outputs})
            for (const AnyTensor& tensor : *tensors) result.emplace_back(tensor.name(), buffers.at(tensor.name()));
        return result;
    };
    const auto compiled = [&](const AnyTensor& result, const std::optional<Schedule>& schedule) -> Run {
        CompileOptions how;
        how.schedule = schedule;
        const Kernel kernel = compile(result, Target::host(), how);
        return [kernel, given = arguments(kernel.pipeline())] { kernel(given); };
    };
    const auto by_library = [&](const AnyTensor& result) -> Run {
        const Pipeline pipeline = Pipeline::of({result});
        return
            [kernel = compile_with_library(pipeline, Target::host()), given = arguments(pipeline)] { kernel(given); };
    };
    const auto sparse = [&](SparseProduct (*route)(const AnyTensor&, const AnyTensor&)) -> Run {
        return [product = route(y, x), &buffers] { product(buffers); };
    };

    struct Way {
        const char* name;
        std::function<Run()> forward, input_gradient, weight_gradient;
    };
    const Way ways[] = {
        {"naive loops", [&] { return compiled(y, Schedule()); }, [&] { return compiled(dx, Schedule()); },
         [&] { return compiled(dw, Schedule()); }},
        {"sparse matrix", [&] { return sparse(sparse_forward); }, [&] { return sparse(sparse_input_gradient); },
         [&] { return sparse(sparse_weight_gradient); }},
        {"explicit GEMM", [&] { return by_library(as_matrices); },
         [&] { return by_library(gradient(as_matrices, {x})[0]); },
         [&] { return by_library(gradient(as_matrices, {w})[0]); }},
        {"implicit GEMM", [&] { return compiled(y, {}); }, [&] { return compiled(dx, {}); },
         [&] { return compiled(dw, {}); }},
    };

    const double operations = cost_of(Pipeline::of({y})).operations;
    std::printf("%s\n%.0f million operations; explicit GEMM with %s\n\n",
                print_mathematics(*y.node()->definitions[0]).c_str(), operations * 1e-6,
                blas_problem() ? "no BLAS" : blas_library().c_str());
    std::printf("%-15s %-3s %10s %10s %14s\n", "", "", "ms", "GFLOP/s", "peak memory");
    bool fine = true;
    for (const char* result : {"y", "dx", "dw"}) {
        Buffer expected;
        for (const Way& way : ways) {
            if (way.name == std::string("explicit GEMM") && blas_problem()) {
                std::printf("%-15s %-3s %s\n", way.name, result, blas_problem()->c_str());
                continue;
            }
            const auto& prepare = *result == 'y'                   ? way.forward
                                  : std::strcmp(result, "dx") == 0 ? way.input_gradient
                                                                   : way.weight_gradient;
            prepare();  // compiled code comes from the cache from now on: the peak is the route's own
            buffers.at(result).poison();
            Run run;
            const auto peak = peak_bytes_of([&] { (run = prepare())(); });
            if (!expected.defined() || expected.elements() == 0)
                expected = buffers.at(result).copy();
            else
                fine &= largest_difference(buffers.at(result), expected) == 0;
            const double ms = milliseconds_of(run, quick ? 1 : 10);
            std::printf("%-15s %-3s %10.3f %10.2f %11.1f MB\n", way.name, result, ms, operations / ms * 1e-6,
                        peak ? static_cast<double>(*peak) * 1e-6 : -1.0);
        }
        std::printf("\n");
    }
    std::printf("%s\n", fine ? "all ways agree to the last bit" : "the ways do not agree");
    return fine ? 0 : 1;
}

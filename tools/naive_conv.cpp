// tools/naive_conv.cpp -- seven loops; CMakeLists.txt gives this file -O3 and the machine's own instructions.
#include "tools/naive_conv.h"

#include "runtime/error.h"

namespace heddle::tools {
namespace {

void check(const Buffer& x, const Buffer& w, const Buffer& y, const ConvOptions& o) {
    for (const Buffer* buffer : {&x, &w, &y})
        if (buffer->type() != f32 || buffer->rank() != 4)
            throw UserError("the plain loops take f32 tensors of 4 dimensions, not " + describe(*buffer));
    const auto outputs = [&](int d) {
        return (x.shape()[2 + d] + 2 * o.padding[d] - o.dilation[d] * (w.shape()[2 + d] - 1) - 1) / o.stride[d] + 1;
    };
    const std::vector<std::int64_t> expected{x.shape()[0], w.shape()[0], outputs(0), outputs(1)};
    if (y.shape() != expected)
        throw UserError("the plain loops: the result has shape " + describe_shape(expected) + ", the buffer given is " +
                        describe(y));
    if (x.shape()[1] != w.shape()[1] * o.groups || w.shape()[0] % o.groups != 0)
        throw UserError("the plain loops: " + describe(x) + " and filters " + describe(w) + " do not fit " +
                        std::to_string(o.groups) + " groups");
}

// One output: the taps whose row and column are inside. `x` is at the first channel of the filter's group.
float one_output(const Buffer& x_view, const Buffer& w_view, const float* x, const float* w, std::int64_t p,
                 std::int64_t q, const ConvOptions& o) {
    const auto *xs = x_view.strides().data(), *ws = w_view.strides().data();
    const std::int64_t H = x_view.shape()[2], W = x_view.shape()[3];
    const std::int64_t C = w_view.shape()[1], R = w_view.shape()[2], S = w_view.shape()[3];
    const std::int64_t x_step = xs[1], w_step = ws[1];
    float sum = 0;
    for (std::int64_t r = 0; r < R; ++r)
        for (std::int64_t s = 0; s < S; ++s) {
            const std::int64_t h = p * o.stride[0] + r * o.dilation[0] - o.padding[0];
            const std::int64_t v = q * o.stride[1] + s * o.dilation[1] - o.padding[1];
            if (h < 0 || h >= H || v < 0 || v >= W) continue;
            const float *at_x = x + h * xs[2] + v * xs[3], *at_w = w + r * ws[2] + s * ws[3];
            if (x_step == 1 && w_step == 1)
                for (std::int64_t c = 0; c < C; ++c) sum += at_x[c] * at_w[c];
            else
                for (std::int64_t c = 0; c < C; ++c) sum += at_x[c * x_step] * at_w[c * w_step];
        }
    return sum;
}

}  // namespace

void naive_conv(const Buffer& x, const Buffer& w, const Buffer& y, const ConvOptions& o) {
    check(x, w, y, o);
    const auto *xs = x.strides().data(), *ws = w.strides().data(), *ys = y.strides().data();
    const std::int64_t N = y.shape()[0], K = y.shape()[1], P = y.shape()[2], Q = y.shape()[3], C = w.shape()[1];
    const auto *in = x.as<const float>(), *filters = w.as<const float>();
    auto* out = y.as<float>();
    for (std::int64_t n = 0; n < N; ++n)
        for (std::int64_t k = 0; k < K; ++k)
            for (std::int64_t p = 0; p < P; ++p)
                for (std::int64_t q = 0; q < Q; ++q)
                    out[n * ys[0] + k * ys[1] + p * ys[2] + q * ys[3]] =
                        one_output(x, w, in + n * xs[0] + k / (K / o.groups) * C * xs[1], filters + k * ws[0], p, q, o);
}

}  // namespace heddle::tools

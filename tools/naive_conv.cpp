// tools/naive_conv.cpp -- seven loops; CMakeLists.txt gives this file -O3 and the machine's own instructions.
#include "tools/naive_conv.h"

#include "runtime/error.h"

namespace heddle::tools {
namespace {

void check(const Buffer& x, const Buffer& w, const Buffer& y, const Conv2dOptions& o) {
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

}  // namespace

void naive_conv(const Buffer& x, const Buffer& w, const Buffer& y, const Conv2dOptions& o) {
    check(x, w, y, o);
    const auto *xs = x.strides().data(), *ws = w.strides().data(), *ys = y.strides().data();
    const std::int64_t N = y.shape()[0], K = y.shape()[1], P = y.shape()[2], Q = y.shape()[3];
    const std::int64_t H = x.shape()[2], W = x.shape()[3], C = w.shape()[1], R = w.shape()[2], S = w.shape()[3];
    const auto *in = x.as<const float>(), *filters = w.as<const float>();
    auto* out = y.as<float>();
    for (std::int64_t n = 0; n < N; ++n)
        for (std::int64_t k = 0; k < K; ++k)
            for (std::int64_t p = 0; p < P; ++p)
                for (std::int64_t q = 0; q < Q; ++q) {
                    const std::int64_t first_channel = k / (K / o.groups) * C;
                    float sum = 0;
                    for (std::int64_t c = 0; c < C; ++c)
                        for (std::int64_t r = 0; r < R; ++r)
                            for (std::int64_t s = 0; s < S; ++s) {
                                const std::int64_t h = p * o.stride[0] + r * o.dilation[0] - o.padding[0];
                                const std::int64_t v = q * o.stride[1] + s * o.dilation[1] - o.padding[1];
                                if (h < 0 || h >= H || v < 0 || v >= W) continue;
                                sum += in[n * xs[0] + (first_channel + c) * xs[1] + h * xs[2] + v * xs[3]] *
                                       filters[k * ws[0] + c * ws[1] + r * ws[2] + s * ws[3]];
                            }
                    out[n * ys[0] + k * ys[1] + p * ys[2] + q * ys[3]] = sum;
                }
}

}  // namespace heddle::tools

// bench/peer_onednn.cpp -- oneDNN's primitives and reorders; releases 2 and 3 differ in how one is described.
#include "bench/peer_onednn.h"

#ifdef HEDDLE_HAVE_ONEDNN
#include <fmt/format.h>
#include <omp.h>

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

#include "runtime/affinity.h"
#include "runtime/error.h"

namespace heddle::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

memory::desc described(const memory::dims& sizes, Tag tag) { return {sizes, memory::data_type::f32, tag}; }

// Everything that a call needs, kept alive by the functions that use it.
struct Prepared {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    memory x, w, y;
    dnnl::convolution_forward primitive;

    /// A copy of the user's data in the layout that the primitive wants.
    memory reordered(const Buffer& buffer, const memory::desc& user, const memory::desc& wanted) {
        memory source(user, engine, buffer.data()), copy(wanted, engine);
        dnnl::reorder(source, copy).execute(stream, source, copy);
        stream.wait();
        return copy;
    }
};

dnnl::convolution_forward::primitive_desc describe_primitive(const Layer& l, const dnnl::engine& engine,
                                                             const memory::desc& x, const memory::desc& w,
                                                             const memory::desc& y) {
    const memory::dims strides{l.stride, l.stride}, padding{l.padding, l.padding},
        dilates{l.dilation - 1, l.dilation - 1};
    const auto kind = dnnl::prop_kind::forward_inference;
    const auto algorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR >= 3
    return {engine, kind, algorithm, x, w, y, strides, dilates, padding, padding};
#else
    return {{kind, algorithm, x, w, y, strides, dilates, padding, padding}, engine};
#endif
}

}  // namespace

std::optional<PeerConvolution> onednn_convolution(const Layer& l, ActivationLayout layout, PeerLayout peer_layout,
                                                  const Buffer& x, const Buffer& w, int threads) {
    omp_set_num_threads(threads);
    const bool channels_last = layout == ActivationLayout::nhwc;
    const auto outputs = [&](std::int64_t size, std::int64_t taps) {
        return (size + 2 * l.padding - l.dilation * (taps - 1) - 1) / l.stride + 1;
    };
    const memory::dims x_sizes{l.N, l.C, l.H, l.W}, y_sizes{l.N, l.K, outputs(l.H, l.R), outputs(l.W, l.S)};
    const memory::dims w_sizes = l.groups == 1 ? memory::dims{l.K, l.C, l.R, l.S}
                                               : memory::dims{l.groups, l.K / l.groups, l.C / l.groups, l.R, l.S};
    const Tag user = channels_last ? Tag::nhwc : Tag::nchw;
    const Tag user_w = channels_last ? (l.groups == 1 ? Tag::acdb : Tag::abdec)  // K R S C, G K R S C
                                     : (l.groups == 1 ? Tag::abcd : Tag::abcde);
    const Tag wanted = peer_layout == PeerLayout::any ? Tag::any : user;

    auto prepared = std::make_shared<Prepared>();
    const auto primitive = describe_primitive(l, prepared->engine, described(x_sizes, wanted),
                                              described(w_sizes, Tag::any), described(y_sizes, wanted));
    prepared->x = prepared->reordered(x, described(x_sizes, user), primitive.src_desc());
    prepared->w = prepared->reordered(w, described(w_sizes, user_w), primitive.weights_desc());
    prepared->y = memory(primitive.dst_desc(), prepared->engine);
    prepared->primitive = dnnl::convolution_forward(primitive);

    PeerConvolution peer;
    peer.implementation = primitive.impl_info_str();
    peer.call = [prepared] {
        prepared->primitive.execute(
            prepared->stream,
            {{DNNL_ARG_SRC, prepared->x}, {DNNL_ARG_WEIGHTS, prepared->w}, {DNNL_ARG_DST, prepared->y}});
        prepared->stream.wait();
    };
    peer.result = [prepared, y_sizes, user, channels_last] {
        const auto& s = y_sizes;
        Buffer result(f32, channels_last ? std::vector<std::int64_t>{s[0], s[2], s[3], s[1]} : s);
        memory copy(described(y_sizes, user), prepared->engine, result.data());
        dnnl::reorder(prepared->y, copy).execute(prepared->stream, prepared->y, copy);
        prepared->stream.wait();
        return result;
    };
    return peer;
}

std::string onednn_version() {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

void pin_peer_threads(const std::vector<int>& cpus) {
    const int threads = static_cast<int>(cpus.size());
#pragma omp parallel num_threads(threads)
    pin_this_thread(cpus[static_cast<std::size_t>(omp_get_thread_num())]);
}

}  // namespace heddle::bench

#else

namespace heddle::bench {

std::optional<PeerConvolution> onednn_convolution(const Layer&, ActivationLayout, PeerLayout, const Buffer&,
                                                  const Buffer&, int) {
    return std::nullopt;
}
std::string onednn_version() { return ""; }
void pin_peer_threads(const std::vector<int>&) {}

}  // namespace heddle::bench

#endif

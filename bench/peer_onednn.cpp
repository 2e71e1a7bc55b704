// bench/peer_onednn.cpp -- oneDNN's primitives and reorders; releases 2 and 3 differ in how one is described.
#include "bench/peer_onednn.h"

#ifdef HEDDLE_HAVE_ONEDNN
#include <fmt/format.h>
#include <omp.h>

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "runtime/affinity.h"
#include "runtime/error.h"

namespace heddle::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

/// The tensors of a convolution or of its gradients.
struct Descriptions {
    memory::desc x, w, y;
};

/// Everything that a call needs, kept alive by the functions that use it.
struct Prepared {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    Descriptions user;                        ///< as the layer has them
    std::unordered_map<int, memory> tensors;  ///< of the call, by their roles
    int output = DNNL_ARG_DST;
    dnnl::primitive primitive;

    /// A copy of the user's data in the layout that the primitive wants.
    memory reordered(const Buffer& buffer, const memory::desc& given, const memory::desc& wanted) {
        memory source(given, engine, buffer.data()), copy(wanted, engine);
        dnnl::reorder(source, copy).execute(stream, source, copy);
        stream.wait();
        return copy;
    }
};

struct Geometry {
    memory::dims strides, padding, dilates;
};

#if DNNL_VERSION_MAJOR >= 3
dnnl::convolution_forward::primitive_desc forward_of(const dnnl::engine& engine, const Descriptions& d,
                                                     const Geometry& g) {
    return {engine,
            dnnl::prop_kind::forward_training,
            dnnl::algorithm::convolution_direct,
            d.x,
            d.w,
            d.y,
            g.strides,
            g.dilates,
            g.padding,
            g.padding};
}
template <class Gradient>
typename Gradient::primitive_desc gradient_of(const dnnl::engine& engine, const memory::desc& first,
                                              const memory::desc& second, const memory::desc& third, const Geometry& g,
                                              const dnnl::convolution_forward::primitive_desc& forward) {
    return {
        engine, dnnl::algorithm::convolution_direct, first, second, third, g.strides, g.dilates, g.padding, g.padding,
        forward};
}
#else
dnnl::convolution_forward::primitive_desc forward_of(const dnnl::engine& engine, const Descriptions& d,
                                                     const Geometry& g) {
    return {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, d.x, d.w, d.y, g.strides,
             g.dilates, g.padding, g.padding},
            engine};
}
template <class Gradient>
typename Gradient::primitive_desc gradient_of(const dnnl::engine& engine, const memory::desc& first,
                                              const memory::desc& second, const memory::desc& third, const Geometry& g,
                                              const dnnl::convolution_forward::primitive_desc& forward) {
    return {{dnnl::algorithm::convolution_direct, first, second, third, g.strides, g.dilates, g.padding, g.padding},
            engine,
            forward};
}
#endif

/// Makes the primitive, copies what it reads, and says how oneDNN calls it.
std::string prepare(Prepared& p, ConvolutionPass pass, const Descriptions& wanted, const Geometry& geometry,
                    const NamedBuffers& inputs) {
    const auto forward = forward_of(p.engine, wanted, geometry);
    if (pass == ConvolutionPass::forward) {
        p.primitive = dnnl::convolution_forward(forward);
        p.tensors = {{DNNL_ARG_SRC, p.reordered(inputs.at("x"), p.user.x, forward.src_desc())},
                     {DNNL_ARG_WEIGHTS, p.reordered(inputs.at("w"), p.user.w, forward.weights_desc())},
                     {DNNL_ARG_DST, memory(forward.dst_desc(), p.engine)}};
        p.output = DNNL_ARG_DST;
        return forward.impl_info_str();
    }
    if (pass == ConvolutionPass::backward_data) {
        const auto data =
            gradient_of<dnnl::convolution_backward_data>(p.engine, wanted.x, wanted.w, wanted.y, geometry, forward);
        p.primitive = dnnl::convolution_backward_data(data);
        p.tensors = {{DNNL_ARG_DIFF_DST, p.reordered(inputs.at("dy"), p.user.y, data.diff_dst_desc())},
                     {DNNL_ARG_WEIGHTS, p.reordered(inputs.at("w"), p.user.w, data.weights_desc())},
                     {DNNL_ARG_DIFF_SRC, memory(data.diff_src_desc(), p.engine)}};
        p.output = DNNL_ARG_DIFF_SRC;
        return data.impl_info_str();
    }
    const auto filter =
        gradient_of<dnnl::convolution_backward_weights>(p.engine, wanted.x, wanted.w, wanted.y, geometry, forward);
    p.primitive = dnnl::convolution_backward_weights(filter);
    p.tensors = {{DNNL_ARG_SRC, p.reordered(inputs.at("x"), p.user.x, filter.src_desc())},
                 {DNNL_ARG_DIFF_DST, p.reordered(inputs.at("dy"), p.user.y, filter.diff_dst_desc())},
                 {DNNL_ARG_DIFF_WEIGHTS, memory(filter.diff_weights_desc(), p.engine)}};
    p.output = DNNL_ARG_DIFF_WEIGHTS;
    return filter.impl_info_str();
}

}  // namespace

std::optional<PeerConvolution> onednn_convolution(const Layer& l, ActivationLayout layout, ConvolutionPass pass,
                                                  PeerLayout peer_layout, const NamedBuffers& inputs, int threads) {
    omp_set_num_threads(threads);
    const bool channels_last = layout == ActivationLayout::nhwc;
    const auto outputs = [&](std::int64_t size, std::int64_t taps) {
        return (size + 2 * l.padding - l.dilation * (taps - 1) - 1) / l.stride + 1;
    };
    const memory::dims x_sizes{l.N, l.C, l.H, l.W}, y_sizes{l.N, l.K, outputs(l.H, l.R), outputs(l.W, l.S)};
    const memory::dims w_sizes = l.groups == 1 ? memory::dims{l.K, l.C, l.R, l.S}
                                               : memory::dims{l.groups, l.K / l.groups, l.C / l.groups, l.R, l.S};
    const ScalarType held = inputs.begin()->second.type();
    const auto type = held == bf16 ? memory::data_type::bf16 : memory::data_type::f32;
    const Tag user = channels_last ? Tag::nhwc : Tag::nchw;
    const Tag user_w = channels_last ? (l.groups == 1 ? Tag::acdb : Tag::abdec)  // K R S C, G K R S C
                                     : (l.groups == 1 ? Tag::abcd : Tag::abcde);
    const Tag wanted = peer_layout == PeerLayout::any ? Tag::any : user;

    auto prepared = std::make_shared<Prepared>();
    prepared->user = {{x_sizes, type, user}, {w_sizes, type, user_w}, {y_sizes, type, user}};
    PeerConvolution peer;
    try {
        peer.implementation =
            prepare(*prepared, pass, {{x_sizes, type, wanted}, {w_sizes, type, Tag::any}, {y_sizes, type, wanted}},
                    {{l.stride, l.stride}, {l.padding, l.padding}, {l.dilation - 1, l.dilation - 1}}, inputs);
    } catch (const dnnl::error& error) {
        if (error.status == dnnl_unimplemented) return std::nullopt;
        throw;
    }
    peer.call = [prepared] {
        prepared->primitive.execute(prepared->stream, prepared->tensors);
        prepared->stream.wait();
    };
    std::vector<std::int64_t> shape = pass == ConvolutionPass::forward ? y_sizes : x_sizes;
    if (pass == ConvolutionPass::backward_filter) shape = {l.K, l.C / l.groups, l.R, l.S};
    if (channels_last) shape = {shape[0], shape[2], shape[3], shape[1]};
    peer.result = [prepared, shape, held, pass] {
        Buffer result(held, shape);
        const Descriptions& user_has = prepared->user;
        memory copy(pass == ConvolutionPass::forward         ? user_has.y
                    : pass == ConvolutionPass::backward_data ? user_has.x
                                                             : user_has.w,
                    prepared->engine, result.data());
        memory& output = prepared->tensors.at(prepared->output);
        dnnl::reorder(output, copy).execute(prepared->stream, output, copy);
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

std::optional<PeerConvolution> onednn_convolution(const Layer&, ActivationLayout, ConvolutionPass, PeerLayout,
                                                  const NamedBuffers&, int) {
    return std::nullopt;
}
std::string onednn_version() { return ""; }
void pin_peer_threads(const std::vector<int>&) {}

}  // namespace heddle::bench

#endif

// examples/networks/layers.h -- the layers that the networks are made of, from the operators of ops/ and definitions.
#pragma once

#include <heddle/ops.h>

#include "examples/networks/network.h"

namespace heddle::examples {

/// Activations are N C H W, filters K C R S, their first values as He et al. (2015) draw them.
/// With bias, unless a normalisation that follows brings one.
Value conv(Network& network, const std::string& name, Value x, int filters, int size, ConvOptions options = {},
           bool bias = true);
Value depthwise_conv(Network& network, const std::string& name, Value x, int size, ConvOptions options = {});
/// Twice the rows and columns: a scatter of 2 x 2 points a point.
Value conv_transpose(Network& network, const std::string& name, Value x, int filters);
/// y[n,k] = b[k] + sum over all of x[n,...] * w[k,...]: no copy flattens x.
Value dense(Network& network, const std::string& name, Value x, int outputs);
Value max_pool(Network& network, const std::string& name, Value x, const PoolWindow& window = {});
Value relu(Network& network, const std::string& name, Value x);
/// The largest of each window, and 0: max_pool and relu in one, in the order that compares fewer numbers with 0.
Value max_pool_relu(Network& network, const std::string& name, Value x, const PoolWindow& window = {});
/// Each image to mean 0 and variance 1, then a scale and an offset a channel, then relu (Wu and He 2018, one group):
/// what is computed of an image does not depend on the other images of its batch.
Value normalise_relu(Network& network, const std::string& name, Value x);
Value global_avg_pool(Network& network, const std::string& name, Value x);
/// The channels of a, then those of b.
Value concatenate(Network& network, const std::string& name, Value a, Value b);
/// The mean over the batch of the cross entropy of scores (N C) and classes (N).
Value cross_entropy(Network& network, const std::string& name, Value scores, Value classes);
/// The mean of (a - b)^2.
Value mean_square(Network& network, const std::string& name, Value a, Value b);
/// The class with the largest score.
Value predicted_class(Network& network, const std::string& name, Value scores);

}  // namespace heddle::examples

// examples/networks/lenet.h -- a network like LeNet-5 (LeCun et al. 1998) for ten classes of images of 28 x 28.
#pragma once

#include "examples/networks/layers.h"

namespace heddle::examples {

/// Scores (N 10) of images (N 1 28 28).
inline Value lenet(Network& network, Value images) {
    Value x = conv(network, "conv1", images, 16, 5, {.padding = 2});
    x = max_pool_relu(network, "pool1", x);
    x = conv(network, "conv2", x, 32, 5, {.padding = 2});
    x = max_pool_relu(network, "pool2", x);
    x = relu(network, "relu1", dense(network, "dense1", x, 128));
    return dense(network, "dense2", x, 10);
}

}  // namespace heddle::examples

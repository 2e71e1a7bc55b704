// examples/networks/alexnet.h -- AlexNet (Krizhevsky 2014, one column) at the sizes of ImageNet.
#pragma once

#include "examples/networks/layers.h"

namespace heddle::examples {

struct AlexNet {
    Network network;
    Value images, classes, loss;  ///< N 3 224 224, f32; N, i32
};
inline AlexNet alexnet(int batch) {
    AlexNet net;
    Network& network = net.network;
    net.images = network.input("images", f32, {batch, 3, 224, 224});
    net.classes = network.input("classes", i32, {batch});
    const PoolWindow overlapping{.kernel_size = 3, .stride = 2};
    Value x = conv(network, "conv1", net.images, 64, 11, {.stride = 4, .padding = 2});
    x = max_pool_relu(network, "pool1", x, overlapping);
    x = conv(network, "conv2", x, 192, 5, {.padding = 2});
    x = max_pool_relu(network, "pool2", x, overlapping);
    x = relu(network, "relu3", conv(network, "conv3", x, 384, 3, {.padding = 1}));
    x = relu(network, "relu4", conv(network, "conv4", x, 256, 3, {.padding = 1}));
    x = conv(network, "conv5", x, 256, 3, {.padding = 1});
    x = max_pool_relu(network, "pool5", x, overlapping);
    x = relu(network, "relu6", dense(network, "dense6", x, 4096));
    x = relu(network, "relu7", dense(network, "dense7", x, 4096));
    net.loss = cross_entropy(network, "loss", dense(network, "dense8", x, 1000), net.classes);
    return net;
}

}  // namespace heddle::examples

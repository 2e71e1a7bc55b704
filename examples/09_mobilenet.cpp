// examples/09_mobilenet.cpp -- depthwise-separable convolutions (MobileNet, Howard et al. 2017) on Fashion-MNIST
#include "examples/networks/fashion.h"
#include "examples/networks/layers.h"

using namespace heddle;
using namespace heddle::examples;

/// A filter of 3 x 3 for each channel, then one over the channels of each point.
Value separable(Network& network, const std::string& name, Value x, int filters, int stride) {
    x = depthwise_conv(network, name + ".dw", x, 3, {.stride = stride, .padding = 1});
    x = conv(network, name + ".pw", x, filters, 1, {}, false);
    return normalise_relu(network, name + ".norm", x);
}

Value mobilenet(Network& network, Value images) {
    Value x = conv(network, "stem", images, 16, 3, {.stride = 2, .padding = 1}, false);
    x = normalise_relu(network, "stem.norm", x);
    x = separable(network, "block1", x, 32, 1);
    x = separable(network, "block2", x, 64, 2);
    x = separable(network, "block3", x, 64, 1);
    x = separable(network, "block4", x, 128, 2);
    x = separable(network, "block5", x, 128, 1);
    x = global_avg_pool(network, "pool", x);
    return dense(network, "dense", x, 10);
}

int main(int count, char** words) {
    const ProgramOptions options{
        .name = "mobilenet", .summary = "a small MobileNet learns Fashion-MNIST", .epochs = 10, .rate = 0.1};
    return train_classifier(options, count, words, mobilenet);
}

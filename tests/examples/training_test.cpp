// tests/examples/training_test.cpp -- layer by layer gives the gradients of the whole network, and steps as written.
#include <gtest/gtest.h>

#include "examples/networks/layers.h"
#include "examples/networks/training.h"

namespace heddle::test {
namespace {

using examples::Network;
using examples::Training;
using examples::Value;

constexpr int N = 3, C = 2, side = 6;

/// A value that three layers read, two of which come together again.
struct Branches {
    Network network;
    Value images = network.input("images", f32, {N, C, side, side});
    Value wanted = network.input("wanted", f32, {N, 2 * C, side, side});
    Value first = conv(network, "first", images, C, 3, {.padding = 1});
    Value both = concatenate(network, "both", first, relu(network, "relu", first));
    Value loss = mean_square(network, "loss", conv(network, "second", both, 2 * C, 1), wanted);
};

Buffer random(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    Buffer buffer(f32, shape);
    buffer.fill_random(seed);
    return buffer;
}

double loss_of(Training& training, Value loss) {
    training.forward(loss);
    return training.value(loss).get({});
}

TEST(Training, GradientsOfAValueThatSeveralLayersReadAddUp) {
    Branches net;
    Training training(net.network, net.loss, Target::host(), {.momentum = 0});
    training.place(net.images, random({N, C, side, side}, 1));
    training.place(net.wanted, random({N, 2 * C, side, side}, 2));
    // A step moves parameters by -rate * gradient: to first order the loss falls by rate * |gradient|^2.
    const NamedBuffers before = training.parameters();
    const double rate = 1e-3, loss = training.step(rate), after = loss_of(training, net.loss);
    double squares = 0;
    for (const auto& [name, now] : training.parameters())
        for (std::int64_t i = 0; i < now.elements(); ++i) {
            const double moved = (now.as<float>()[i] - before.at(name).as<float>()[i]) / rate;
            squares += moved * moved;
        }
    EXPECT_GT(squares, 0.01);
    EXPECT_NEAR((loss - after) / (rate * squares), 1, 0.02);
}

TEST(Training, VelocityFollowsMomentum) {
    Branches net;
    Training training(net.network, net.loss, Target::host(), {.momentum = 0.5});
    training.place(net.images, random({N, C, side, side}, 1));
    training.place(net.wanted, random({N, 2 * C, side, side}, 2));
    const auto parameter = [&] { return training.parameters().at("second.b").get({1}); };
    const double start = parameter();
    training.step(0);  // at a rate of 0 nothing moves, and the velocity becomes the gradient
    EXPECT_EQ(parameter(), start);
    training.step(1);
    const double one_and_a_half = start - parameter();  // gradients
    Training plain(net.network, net.loss, Target::host(), {.momentum = 0});
    plain.place(net.images, random({N, C, side, side}, 1));
    plain.place(net.wanted, random({N, 2 * C, side, side}, 2));
    plain.step(1);
    EXPECT_NEAR(one_and_a_half, 1.5 * (start - plain.parameters().at("second.b").get({1})), 1e-6);
    EXPECT_NE(one_and_a_half, 0);
}

TEST(Training, TheSameSeedGivesTheSameNetwork) {
    Branches net;
    const Training a(net.network, net.loss, Target::host(), {.seed = 5});
    const Training b(net.network, net.loss, Target::host(), {.seed = 5});
    const Training c(net.network, net.loss, Target::host(), {.seed = 6});
    const std::vector<std::int64_t> at{0, 1, 2, 0};
    EXPECT_EQ(a.parameters().at("first.w").get(at), b.parameters().at("first.w").get(at));
    EXPECT_NE(a.parameters().at("first.w").get(at), c.parameters().at("first.w").get(at));
}

}  // namespace
}  // namespace heddle::test

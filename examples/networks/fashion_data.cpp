// examples/networks/fashion_data.cpp -- Fashion-MNIST as inputs of a network, and the choice of batches.
#include <algorithm>
#include <cstring>
#include <random>

#include "examples/networks/fashion.h"
#include "support/fashion_mnist.h"

namespace heddle::examples {
namespace {

constexpr std::int64_t side = 28;
constexpr double mean = 0.2860, deviation = 0.3530;  // of the training images' points in [0, 1]

}  // namespace

FashionData::FashionData(Network& network, int batch)
    : batch_size_(batch),
      bytes_(network.input("bytes", u8, {all_, side, side})),
      labels_(network.input("labels", u8, {all_})),
      order_(network.input("order", i32, {batch})) {
    using Tensors = std::vector<AnyTensor>;
    batch_ = network.layer("images", {bytes_, order_}, {}, [&](const Tensors& x, const Tensors&) {
        const AnyTensor y("y", f32, std::vector<Extent>{batch, 1, side, side});
        const Var n("n"), c("c"), p("p"), q("q");
        const Expr point = cast(f32, x[0].at({index(x[1].at({n}), all_), p, q}));
        y.at({n, c, p, q}) = point * (1 / (255 * deviation)) - mean / deviation;
        return y;
    });
    batch_classes_ = network.layer("classes", {labels_, order_}, {}, [&](const Tensors& x, const Tensors&) {
        const AnyTensor y("y", i32, std::vector<Extent>{batch});
        const Var n("n");
        y.at({n}) = x[0].at({index(x[1].at({n}), all_)});
        return y;
    });
}

void FashionData::load(Training& training) {
    const std::filesystem::path folder = support::fashion_mnist_folder();
    const support::ImageSet train = support::read_fashion_mnist(folder, support::ImageSetPart::train);
    const support::ImageSet test = support::read_fashion_mnist(folder, support::ImageSetPart::test);
    if (train.images.shape() != std::vector<std::int64_t>{train_, side, side} ||
        test.images.shape() != std::vector<std::int64_t>{all_ - train_, side, side})
        throw UserError(folder.string() + " holds " + describe(train.images) + " and " + describe(test.images) +
                        ": Fashion-MNIST has 60000 and 10000 images of 28x28");
    images_ = Buffer(u8, {all_, side, side});
    classes_ = Buffer(u8, {all_});
    std::memcpy(images_.data(), train.images.data(), train_ * side * side);
    std::memcpy(images_.as<std::uint8_t>() + train_ * side * side, test.images.data(), (all_ - train_) * side * side);
    std::memcpy(classes_.data(), train.classes.data(), train_);
    std::memcpy(classes_.as<std::uint8_t>() + train_, test.classes.data(), all_ - train_);
    training.place(bytes_, images_);
    training.place(labels_, classes_);
}

void FashionData::choose(Training& training, const std::vector<std::int32_t>& images) {
    const Buffer order(i32, {batch_size_});
    std::copy(images.begin(), images.end(), order.as<std::int32_t>());
    training.place(order_, order);
}

void FashionData::choose(Training& training, int epoch, std::int64_t step) {
    if (epoch != epoch_) {
        epoch_ = epoch;
        shuffled_.resize(train_);
        for (std::int64_t i = 0; i < train_; ++i) shuffled_[i] = static_cast<std::int32_t>(i);
        std::shuffle(shuffled_.begin(), shuffled_.end(), std::mt19937_64(static_cast<std::uint64_t>(epoch) + 1));
    }
    const auto first = shuffled_.begin() + step * batch_size_;
    choose(training, std::vector<std::int32_t>(first, first + batch_size_));
}

void FashionData::choose_tests(Training& training, std::int64_t first) {
    std::vector<std::int32_t> images;
    for (std::int64_t i = 0; i < batch_size_; ++i)
        images.push_back(static_cast<std::int32_t>(std::min(train_ + first + i, all_ - 1)));
    choose(training, images);
}

int FashionData::class_of_test(std::int64_t test) const { return classes_.as<std::uint8_t>()[train_ + test]; }

Buffer FashionData::test_image(std::int64_t test) const {
    Buffer image(f32, {side, side});
    for (std::int64_t i = 0; i < side * side; ++i)
        image.as<float>()[i] =
            static_cast<float>(images_.as<std::uint8_t>()[(train_ + test) * side * side + i]) / 255.0f;
    return image;
}

}  // namespace heddle::examples

// examples/networks/fashion.h -- what the networks over Fashion-MNIST share: data, training, pictures.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "examples/networks/options.h"
#include "examples/networks/training.h"

namespace heddle::examples {

/// Both halves of Fashion-MNIST in memory of a target, and the layers that take a batch out of it.
class FashionData {
public:
    /// Adds the inputs to the network, and layers that give a batch of images (N 1 28 28, mean 0, deviation 1).
    FashionData(Network& network, int batch);
    Value images() const { return batch_; }
    Value classes() const { return batch_classes_; }

    /// Reads the files. Throws UserError that says what to install.
    void load(Training& training);
    std::int64_t steps() const { return train_ / batch_size_; }
    std::int64_t tests() const { return all_ - train_; }
    /// Lets the batch be step `step` of epoch `epoch`: every training image once an epoch, in random order.
    void choose(Training& training, int epoch, std::int64_t step);
    /// Lets the batch be test images `first`, `first + 1`, ..., the last one again where there are no more.
    void choose_tests(Training& training, std::int64_t first);
    int class_of_test(std::int64_t test) const;
    /// 28 x 28, f32, in [0, 1].
    Buffer test_image(std::int64_t test) const;

private:
    void choose(Training& training, const std::vector<std::int32_t>& images);
    int batch_size_;
    std::int64_t all_ = 70000, train_ = 60000;
    Value bytes_, labels_, order_, batch_{}, batch_classes_{};
    Buffer images_, classes_;  ///< u8, on the host
    std::vector<std::int32_t> shuffled_;
    int epoch_ = -1;
};

/// A classifier: scores of the ten classes (N 10) from images (N 1 28 28).
using Classifier = std::function<Value(Network&, Value images)>;
/// Trains it, tells test accuracy and times, and writes the curve of the loss and a sheet of test images with what they
/// were taken for. The exit status of the program: 0, 1 where the loss did not fall, 2 for a wrong command line, and 77
/// where Fashion-MNIST is not installed.
int train_classifier(const ProgramOptions& defaults, int count, char** words, const Classifier& classifier);

}  // namespace heddle::examples

// examples/08_lenet.cpp -- a network like LeNet learns to tell clothes apart, on Fashion-MNIST
#include "examples/networks/lenet.h"

#include "examples/networks/fashion.h"

using namespace heddle::examples;

int main(int count, char** words) {
    const ProgramOptions options{.name = "lenet", .summary = "LeNet learns Fashion-MNIST", .epochs = 4, .rate = 0.05};
    return train_classifier(options, count, words, lenet);
}

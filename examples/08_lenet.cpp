// examples/08_lenet.cpp -- a network like LeNet learns to tell clothes apart, on Fashion-MNIST
#include "examples/networks/lenet.h"

#include "examples/networks/fashion.h"

using namespace heddle::examples;

int main(int count, char** words) { return train_classifier({.name = "lenet"}, count, words, lenet); }

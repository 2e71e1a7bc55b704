// tools/fashion_mnist.h -- the images of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), as Debian packages them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/buffer.h"

namespace heddle::tools {

/// An idx file, plain or gzip-compressed, of unsigned bytes: u8 with the file's own dimensions. Throws UserError naming
/// the file for one that is missing, truncated, of another type, or has more than 64 million elements.
Buffer read_idx(const std::filesystem::path& path);

struct LabelledImages {
    Buffer images;  ///< f32, N x 1 x H x W, in [0, 1]
    std::vector<std::string> names;
};
/// Where Debian's dataset-fashion-mnist lies; `HEDDLE_FASHION_MNIST` names another folder.
std::filesystem::path fashion_mnist_folder();
/// One image of each of the ten classes, from the test set. Throws UserError that says what to install.
LabelledImages one_of_each_class(const std::filesystem::path& folder);

}  // namespace heddle::tools

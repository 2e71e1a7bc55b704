// support/fashion_mnist.h -- the images of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), as Debian packages them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/buffer.h"

namespace heddle::support {

/// An idx file, plain or gzip-compressed, of unsigned bytes: u8 with the file's own dimensions. Throws UserError naming
/// the file for one that is missing, truncated, of another type, or has more than 64 million elements.
Buffer read_idx(const std::filesystem::path& path);

/// Where Debian's dataset-fashion-mnist lies; `HEDDLE_FASHION_MNIST` names another folder.
std::filesystem::path fashion_mnist_folder();
/// "t-shirt", "trouser", ...: the names of its ten classes.
const std::vector<std::string>& fashion_mnist_classes();

/// A half of the data set as it is in its files.
struct ImageSet {
    Buffer images;   ///< u8, N x H x W
    Buffer classes;  ///< u8, N
};
enum class ImageSetPart : std::uint8_t { train, test };  ///< 60000 and 10000 images
/// Throws UserError that says what to install where the files are not there, and for files that do not belong together.
ImageSet read_fashion_mnist(const std::filesystem::path& folder, ImageSetPart part);

struct LabelledImages {
    Buffer images;  ///< f32, N x 1 x H x W, in [0, 1]
    std::vector<std::string> names;
};
/// One image of each of the ten classes, from the test set.
LabelledImages one_of_each_class(const std::filesystem::path& folder);

}  // namespace heddle::support

// support/fashion_mnist.cpp -- reading idx files through zlib.
#include "support/fashion_mnist.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "runtime/error.h"

namespace heddle::support {
namespace {

constexpr std::int64_t most_elements = 64'000'000;

struct CloseGz {
    void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, CloseGz>;

void read_bytes(const GzFile& file, void* target, std::int64_t bytes, const std::filesystem::path& path) {
    const int got = gzread(file.get(), target, static_cast<unsigned>(bytes));
    if (got != bytes)
        throw UserError(
            fmt::format("{} ends early: {} bytes were expected, {} are there", path.string(), bytes, std::max(got, 0)));
}

std::int64_t read_number(const GzFile& file, const std::filesystem::path& path) {
    std::array<unsigned char, 4> bytes{};
    read_bytes(file, bytes.data(), 4, path);
    return (static_cast<std::int64_t>(bytes[0]) << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3];
}

}  // namespace

Buffer read_idx(const std::filesystem::path& path) {
    const GzFile file(gzopen(path.c_str(), "rb"));
    if (!file) throw UserError(fmt::format("{} cannot be opened", path.string()));
    std::array<unsigned char, 4> magic{};
    read_bytes(file, magic.data(), 4, path);
    constexpr int unsigned_bytes = 8;
    if (magic[0] != 0 || magic[1] != 0 || magic[2] != unsigned_bytes || magic[3] == 0 || magic[3] > 4)
        throw UserError(
            fmt::format("{} is not an idx file of unsigned bytes with 1 to 4 dimensions (its first bytes are "
                        "{:02x} {:02x} {:02x} {:02x})",
                        path.string(), magic[0], magic[1], magic[2], magic[3]));
    std::vector<std::int64_t> shape;
    std::int64_t elements = 1;
    for (int d = 0; d < magic[3]; ++d) {
        shape.push_back(read_number(file, path));
        elements = shape.back() == 0                         ? 0
                   : elements > most_elements / shape.back() ? most_elements + 1
                                                             : elements * shape.back();
    }
    if (elements > most_elements)
        throw UserError(fmt::format("{} says it holds {}, more than {} elements", path.string(), describe_shape(shape),
                                    most_elements));
    Buffer buffer(u8, shape);
    read_bytes(file, buffer.data(), elements, path);
    return buffer;
}

std::filesystem::path fashion_mnist_folder() {
    if (const char* folder = std::getenv("HEDDLE_FASHION_MNIST")) return folder;
    return "/usr/share/datasets/fashion-mnist";
}

const std::vector<std::string>& fashion_mnist_classes() {
    static const std::vector<std::string> names{"t-shirt", "trouser", "pullover", "dress", "coat",
                                                "sandal",  "shirt",   "sneaker",  "bag",   "boot"};
    return names;
}

ImageSet read_fashion_mnist(const std::filesystem::path& folder, ImageSetPart part) {
    const std::string prefix = part == ImageSetPart::train ? "train" : "t10k";
    const std::filesystem::path images_path = folder / (prefix + "-images-idx3-ubyte.gz");
    const std::filesystem::path classes_path = folder / (prefix + "-labels-idx1-ubyte.gz");
    std::error_code ignored;
    if (!std::filesystem::exists(images_path, ignored))
        throw UserError(
            fmt::format("{} is not there: apt-get install dataset-fashion-mnist, or name its folder in "
                        "HEDDLE_FASHION_MNIST",
                        images_path.string()));
    const ImageSet set{read_idx(images_path), read_idx(classes_path)};
    if (set.images.rank() != 3 || set.classes.rank() != 1 || set.images.shape()[0] != set.classes.shape()[0])
        throw UserError(fmt::format("{} holds {}, {} holds {}: they do not belong together", images_path.string(),
                                    describe(set.images), classes_path.string(), describe(set.classes)));
    return set;
}

LabelledImages one_of_each_class(const std::filesystem::path& folder) {
    const ImageSet set = read_fashion_mnist(folder, ImageSetPart::test);
    const std::int64_t H = set.images.shape()[1], W = set.images.shape()[2];
    LabelledImages result;
    result.names = fashion_mnist_classes();
    result.images = Buffer(f32, {static_cast<std::int64_t>(result.names.size()), 1, H, W});
    auto* target = result.images.as<float>();
    const auto *pixels = set.images.as<const std::uint8_t>(), *classes = set.classes.as<const std::uint8_t>();
    for (std::size_t wanted = 0; wanted < result.names.size(); ++wanted) {
        std::int64_t found = 0;
        while (found < set.classes.elements() && classes[found] != wanted) ++found;
        if (found == set.classes.elements())
            throw UserError(fmt::format("the test set in {} has no {}", folder.string(), result.names[wanted]));
        for (std::int64_t i = 0; i < H * W; ++i) *target++ = static_cast<float>(pixels[found * H * W + i]) / 255.0f;
    }
    return result;
}

}  // namespace heddle::support

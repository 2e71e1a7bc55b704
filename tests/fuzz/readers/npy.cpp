// tests/fuzz/readers/npy.cpp -- .npy files: what is read is the same after it is written and read again.
#include "runtime/npy.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/fuzz/readers/target.h"

namespace {

/// A file in memory with this content; it is gone when the next one is made.
std::string file_of(const std::uint8_t* data, std::size_t size) {
    static const int file = memfd_create("heddle", 0);
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
    return "/proc/self/fd/" + std::to_string(file);
}

bool same(const heddle::Buffer& a, const heddle::Buffer& b) {
    if (a.type() != b.type() || a.shape() != b.shape()) return false;
    return a.elements() == 0 ||
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.elements() * bytes_of(a.type()))) == 0;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return heddle::fuzz::read_or_refuse([&] {
        const heddle::Buffer read = heddle::read_npy(file_of(data, size));
        heddle::fuzz::expect(read.elements() <= static_cast<std::int64_t>(size), "no more elements than bytes");
        const std::string written = "/tmp/heddle_fuzz_" + std::to_string(getpid()) + ".npy";
        write_npy(written, read);
        heddle::fuzz::expect(same(heddle::read_npy(written), read), "a written file reads back");
        unlink(written.c_str());
    });
}

// tests/fuzz/readers/kernel_cache.cpp -- files of the kernel cache: anything but what was stored is a miss.
#include "runtime/kernel_cache.h"

#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "tests/fuzz/readers/target.h"
#include "tests/support/temporary_folder.h"

namespace {

const std::vector<std::byte> payload(40, std::byte{9});

/// A cache with one entry, and the bytes of its file.
struct Entry {
    heddle::test::TemporaryFolder folder;
    heddle::KernelCache cache{folder.path()};
    std::filesystem::path file = folder.path() / (heddle::hash_text("key") + ".bin");
    std::string whole;
    Entry() {
        setenv("HEDDLE_LOG", "quiet", 1);
        heddle::fuzz::expect(chmod(folder.path().c_str(), 0700) == 0 && cache.store("key", payload), "it is stored");
        whole = heddle::test::read_file(file);
    }
};

}  // namespace

/// The first byte: 0, the rest is the file; else pairs of a place and a byte to put there.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Entry entry;
    if (size == 0) return 0;
    std::string content = entry.whole;
    if (data[0] == 0)
        content.assign(heddle::fuzz::text_of(data + 1, size - 1));
    else
        for (std::size_t i = 1; i + 1 < size; i += 2)
            content[data[i] % content.size()] = static_cast<char>(data[i + 1]);
    heddle::test::write_file(entry.file, content);
    chmod(entry.file.c_str(), 0600);
    const auto found = entry.cache.load("key");
    heddle::fuzz::expect(found.has_value() == (content == entry.whole), "a changed file is a miss");
    heddle::fuzz::expect(!found || *found == payload, "what is found is what was stored");
    return 0;
}

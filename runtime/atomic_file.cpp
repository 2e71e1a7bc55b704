// runtime/atomic_file.cpp -- temporary file, fsync, rename.
#include "runtime/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <system_error>

namespace heddle {
namespace {

bool write_fully(int descriptor, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

/// Differs between processes, threads and calls; O_EXCL settles what is left.
std::string temporary_name(const std::string& name) {
    static std::atomic<unsigned> counter = 0;
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    return fmt::format(".{}.{}.{}.{:x}.tmp", name.substr(0, 100), getpid(), counter.fetch_add(1), now);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::string> write_file_atomically(int folder, const std::string& name,
                                                 std::span<const std::span<const std::byte>> parts, mode_t mode) {
    const std::string temporary = temporary_name(name);
    const FileDescriptor file(
        ::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.valid()) return "cannot create a file there: " + system_error_text();
    const auto fail = [&](const char* what) {
        std::string reason = fmt::format("{}: {}", what, system_error_text());
        ::unlinkat(folder, temporary.c_str(), 0);
        return reason;
    };
    for (const auto part : parts)
        if (!write_fully(file.get(), part)) return fail("cannot write");
    if (::fsync(file.get()) != 0) return fail("cannot sync");
    if (::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) return fail("cannot rename");
    ::fsync(folder);  // some file systems refuse it; the file is whole either way
    return std::nullopt;
}

bool read_fully(int descriptor, std::span<std::byte> target) {
    while (!target.empty()) {
        const ssize_t got = ::read(descriptor, target.data(), target.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        target = target.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

std::string system_error_text() { return std::generic_category().message(errno); }

}  // namespace heddle

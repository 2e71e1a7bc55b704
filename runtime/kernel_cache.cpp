// runtime/kernel_cache.cpp -- the cache folder: what is trusted in it, and the format of its files.
#include "runtime/kernel_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <span>
#include <system_error>

#include "runtime/atomic_file.h"
#include "runtime/hash.h"
#include "runtime/log.h"

namespace heddle {
namespace {

constexpr std::array<char, 8> magic = {'H', 'E', 'D', 'D', 'L', 'E', 'K', 'C'};
constexpr std::uint32_t format_version = 1;
constexpr std::uint32_t name_seed = 0, key_seed = 1, payload_seed = 2;

/// As it lies in the file. Numbers in the machine's own order: code is the machine's own too.
struct Header {
    std::array<char, 8> magic;
    std::uint32_t version;
    std::uint32_t header_bytes;
    std::array<std::uint64_t, 2> key_hash;  ///< by another seed than the name's: 256 bits of the key count
    std::uint64_t payload_bytes;
    std::array<std::uint64_t, 2> payload_hash;
};
static_assert(sizeof(Header) == 56);

std::span<const std::byte> bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string file_name(std::string_view key) { return hash_text(key) + ".bin"; }

Header header_for(std::string_view key, std::span<const std::byte> payload) {
    return {magic,          format_version,
            sizeof(Header), hash_bytes(bytes_of_text(key), key_seed),
            payload.size(), hash_bytes(payload, payload_seed)};
}

/// What keeps an open file or folder from being trusted; nothing when the user owns it and nobody else may write it.
std::optional<std::string> distrust(const struct stat& status) {
    if (status.st_uid != geteuid())
        return fmt::format("it belongs to user {}, and this process runs as user {}", status.st_uid, geteuid());
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fmt::format("its mode {:o} lets others write to it; take that away with 'chmod go-w'",
                           status.st_mode & 07777);
    return std::nullopt;
}

void say_once(const std::filesystem::path& path, const std::string& reason) {
    log_once("kernel cache " + path.string(), fmt::format("kernel cache: {} is not used: {}", path.string(), reason));
}

/// The folder, opened, when it may be trusted. A missing one is no news.
int open_trusted_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOTDIR || errno == ELOOP)
            say_once(folder, "it is not a folder (a symbolic link is not followed)");
        else if (errno != ENOENT)
            say_once(folder, system_error_text());
        return -1;
    }
    struct stat status {};
    const auto reason = ::fstat(descriptor, &status) == 0 ? distrust(status) : system_error_text();
    if (!reason) return descriptor;
    say_once(folder, *reason);
    ::close(descriptor);
    return -1;
}

/// Makes the folder and what is missing above it, for the user alone; or says why not.
std::optional<std::string> make_folder(const std::filesystem::path& folder) {
    std::string reason;
    std::filesystem::path above;
    for (const auto& part : folder) {
        above /= part;
        if (::mkdir(above.c_str(), 0700) != 0 && errno != EEXIST) reason = system_error_text();
    }
    std::error_code ignored;  // mkdir of a folder that is there may also say that the file system is read-only
    if (std::filesystem::exists(folder, ignored)) return std::nullopt;
    return "it cannot be made: " + reason;
}

/// The payload in an open file, or what is wrong with the file.
std::optional<std::string> read_payload(int file, std::string_view key, std::vector<std::byte>& payload) {
    struct stat status {};
    if (::fstat(file, &status) != 0) return system_error_text();
    if (!S_ISREG(status.st_mode)) return "it is not a regular file";
    if (auto reason = distrust(status)) return reason;

    Header header{};
    if (!read_fully(file, std::as_writable_bytes(std::span(&header, 1)))) return "it is shorter than a header";
    if (header.magic != magic) return "it is not a kernel cache file";
    if (header.version != format_version || header.header_bytes != sizeof(Header))
        return fmt::format("its format is {}, this version's is {}", header.version, format_version);
    if (header.key_hash != hash_bytes(bytes_of_text(key), key_seed)) return "it holds another kernel";
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < sizeof(Header) || header.payload_bytes != size - sizeof(Header))
        return fmt::format("it should have {} bytes after its header and has {}", header.payload_bytes,
                           size - sizeof(Header));
    payload.resize(header.payload_bytes);
    if (!read_fully(file, payload)) return "it ends early";
    if (header.payload_hash != hash_bytes(payload, payload_seed)) return "its content does not match its checksum";
    return std::nullopt;
}

std::optional<std::filesystem::path> standard_folder() {
    const auto variable = [](const char* name) -> std::string_view {
        const char* text = std::getenv(name);
        return text == nullptr ? "" : text;
    };
    if (std::getenv("HEDDLE_CACHE") != nullptr) {
        const std::string_view folder = variable("HEDDLE_CACHE");
        if (folder.empty()) return std::nullopt;
        return std::filesystem::path(folder);
    }
    // The specification of XDG_CACHE_HOME says that a relative path is to be ignored.
    if (const std::filesystem::path cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "heddle";
    if (const std::filesystem::path home = variable("HOME"); home.is_absolute()) return home / ".cache" / "heddle";
    return std::nullopt;
}

}  // namespace

KernelCache::KernelCache(std::optional<std::filesystem::path> folder) : folder_(std::move(folder)) {}

KernelCache& KernelCache::standard() {
    static KernelCache cache(standard_folder());
    return cache;
}

std::optional<std::vector<std::byte>> KernelCache::load(std::string_view key) const try {
    if (!folder_) return std::nullopt;
    const FileDescriptor folder(open_trusted_folder(*folder_));
    if (!folder.valid()) return std::nullopt;
    const std::string name = file_name(key);
    // Without O_NONBLOCK the opening of a pipe would wait for its writer.
    const FileDescriptor file(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.valid()) {
        if (errno != ENOENT)
            say_once(*folder_ / name, errno == ELOOP ? "a symbolic link is not followed" : system_error_text());
        return std::nullopt;
    }
    std::vector<std::byte> payload;
    if (const auto reason = read_payload(file.get(), key, payload)) {
        say_once(*folder_ / name, *reason);
        return std::nullopt;
    }
    return payload;
} catch (const std::exception& error) {
    log_once("kernel cache load", fmt::format("kernel cache: reading failed: {}", error.what()));
    return std::nullopt;
}

bool KernelCache::store(std::string_view key, const std::vector<std::byte>& payload) const try {
    if (!folder_) return false;
    if (const auto reason = make_folder(*folder_)) {
        say_once(*folder_, *reason);
        return false;
    }
    const FileDescriptor folder(open_trusted_folder(*folder_));
    if (!folder.valid()) return false;
    const Header header = header_for(key, payload);
    const std::array parts = {std::as_bytes(std::span(&header, 1)), std::span<const std::byte>(payload)};
    if (const auto reason = write_file_atomically(folder.get(), file_name(key), parts, 0600)) {
        say_once(*folder_, *reason);
        return false;
    }
    return true;
} catch (const std::exception& error) {
    log_once("kernel cache store", fmt::format("kernel cache: writing failed: {}", error.what()));
    return false;
}

std::string hash_text(std::string_view text) {
    const auto hash = hash_bytes(bytes_of_text(text), name_seed);
    return fmt::format("{:016x}{:016x}", hash[0], hash[1]);
}

}  // namespace heddle

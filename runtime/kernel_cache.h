// runtime/kernel_cache.h -- compiled code on disk, keyed by a hash of everything that determines it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// A folder of files `<hash>.bin`. A file holds a header (magic, format version, the full key text's hash, payload
/// size, payload checksum) and the payload. Files are written to a temporary name in the same folder, synced and
/// renamed, so a reader never sees half a file; two processes may share the folder. Nothing here ever fails a run: a
/// damaged, truncated or foreign-owned file, a symbolic link, a folder writable by others or one that cannot be written
/// is treated as a miss, and said once in the log.
class KernelCache {
public:
    /// No folder: the cache misses always and stores nothing.
    explicit KernelCache(std::optional<std::filesystem::path> folder);
    /// `HEDDLE_CACHE` (empty: none), else $XDG_CACHE_HOME/heddle, else ~/.cache/heddle.
    static KernelCache& standard();

    std::optional<std::vector<std::byte>> load(std::string_view key) const;
    /// True when the payload is on disk.
    bool store(std::string_view key, const std::vector<std::byte>& payload) const;
    const std::optional<std::filesystem::path>& folder() const { return folder_; }

private:
    std::optional<std::filesystem::path> folder_;
};

/// 128-bit hash of a text as 32 hexadecimal digits; stable across machines and versions.
std::string hash_text(std::string_view text);

}  // namespace heddle

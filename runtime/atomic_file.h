// runtime/atomic_file.h -- writes a file so that it is there whole or not at all.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace heddle {

/// Owns a file descriptor and closes it; negative: none.
class FileDescriptor {
public:
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();
    int get() const { return descriptor_; }
    bool valid() const { return descriptor_ >= 0; }

private:
    int descriptor_;
};

/// Writes `parts` one after the other to a temporary file in the open folder `folder`, syncs it and renames it to
/// `name`, replacing what has that name. `mode` is what open(2) takes; the umask applies. Returns nothing, or what
/// failed and why; then no file is left behind.
std::optional<std::string> write_file_atomically(int folder, const std::string& name,
                                                 std::span<const std::span<const std::byte>> parts, mode_t mode);

/// Fills `target` from the file's current position; false at an error or an early end.
bool read_fully(int descriptor, std::span<std::byte> target);

/// "No such file or directory" and the like, for the current errno.
std::string system_error_text();

}  // namespace heddle

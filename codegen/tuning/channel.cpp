// codegen/tuning/channel.cpp -- messages with the lengths of their texts in front.
#include "codegen/tuning/channel.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <sstream>

namespace heddle {
namespace {

constexpr std::size_t most_texts = 1 << 20, most_bytes = 1ull << 30;

}  // namespace

bool Channel::send(const Message& message) const {
    std::string bytes = fmt::format("{}", message.size());
    for (const std::string& text : message) bytes += fmt::format(" {}", text.size());
    bytes += '\n';
    for (const std::string& text : message) bytes += text;
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        sent += static_cast<std::size_t>(count);
    }
    return true;
}

std::optional<Message> Channel::take() {
    const std::size_t end = received_.find('\n');
    if (end == std::string::npos) return {};
    std::istringstream head(received_.substr(0, end));
    std::size_t texts = 0, whole = end + 1;
    head >> texts;
    std::vector<std::size_t> sizes(std::min(texts, most_texts));
    for (std::size_t& size : sizes) {
        head >> size;
        whole += size = std::min(size, most_bytes);
    }
    if (received_.size() < whole) return {};
    Message message;
    std::size_t at = end + 1;
    for (const std::size_t size : sizes) {
        message.push_back(received_.substr(at, size));
        at += size;
    }
    received_.erase(0, whole);
    return message;
}

std::optional<Message> Channel::receive() {
    char part[1 << 16];
    while (true) {
        if (auto message = take()) return message;
        const ssize_t count = ::recv(socket_, part, sizeof part, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return {};
        received_.append(part, static_cast<std::size_t>(count));
    }
}

}  // namespace heddle

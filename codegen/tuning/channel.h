// codegen/tuning/channel.h -- messages between the tuner and its workers, over a socket.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heddle {

/// A message is a list of texts; the first says what it is.
using Message = std::vector<std::string>;

/// Does not own the socket. On it, a message is a line of numbers, how many texts and the bytes of each, then the texts
/// themselves: "2 7 5\ncompileclip".
class Channel {
public:
    explicit Channel(int socket) : socket_(socket) {}
    /// False when the other side is gone.
    bool send(const Message& message) const;
    /// Waits for the next message; nothing when the other side is gone or sends what is none.
    std::optional<Message> receive();
    /// True when receive() would not have to wait for the beginning of a message.
    bool pending() const { return !received_.empty(); }

private:
    std::optional<Message> take();
    int socket_;
    std::string received_;
};

}  // namespace heddle

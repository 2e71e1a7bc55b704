// tools/interrupt.h -- Ctrl-C: ends the command with status 130, at once or where the work can stop cleanly.
#pragma once

namespace heddle::tools {

inline constexpr int interrupted_status = 130;

/// From here on Ctrl-C ends the process with status 130.
void handle_interrupts();

/// While one exists, the first Ctrl-C is only noted; a second one ends the process.
class DeferInterrupt {
public:
    DeferInterrupt();
    ~DeferInterrupt();
    DeferInterrupt(const DeferInterrupt&) = delete;
    DeferInterrupt& operator=(const DeferInterrupt&) = delete;
    /// True once Ctrl-C was pressed.
    bool pressed() const;
};

}  // namespace heddle::tools

// tests/support/cuda_emulator/shim_memory.h -- the compiler's calls at each access of memory, handed to the emulator.
#pragma once

#include "tests/support/cuda_emulator/shim_interface.h"

#define SHIM_HIDDEN __attribute__((visibility("hidden"), no_sanitize("thread"), no_sanitize("alignment")))

extern "C" {
__attribute__((visibility("hidden"))) ShimFunctions shim;
__attribute__((visibility("hidden"))) const ShimThread* shim_thread;

__attribute__((visibility("default"), no_sanitize("thread"), no_sanitize("alignment"))) void shim_connect(
    const ShimFunctions* functions, const ShimThread*** thread) {
    shim = *functions;
    *thread = &shim_thread;
}

SHIM_HIDDEN void __tsan_init() {}
SHIM_HIDDEN void __tsan_func_entry(void*) {}
SHIM_HIDDEN void __tsan_func_exit() {}

#define SHIM_ACCESS(size)                                                                                              \
    SHIM_HIDDEN void __tsan_read##size(void* address) { shim.access(address, size, 0, __builtin_return_address(0)); }  \
    SHIM_HIDDEN void __tsan_write##size(void* address) { shim.access(address, size, 1, __builtin_return_address(0)); } \
    SHIM_HIDDEN void __tsan_unaligned_read##size(void* address) {                                                      \
        shim.access(address, size, 0, __builtin_return_address(0));                                                    \
    }                                                                                                                  \
    SHIM_HIDDEN void __tsan_unaligned_write##size(void* address) {                                                     \
        shim.access(address, size, 1, __builtin_return_address(0));                                                    \
    }                                                                                                                  \
    SHIM_HIDDEN void __tsan_volatile_read##size(void* address) {                                                       \
        shim.access(address, size, 0, __builtin_return_address(0));                                                    \
    }                                                                                                                  \
    SHIM_HIDDEN void __tsan_volatile_write##size(void* address) {                                                      \
        shim.access(address, size, 1, __builtin_return_address(0));                                                    \
    }
SHIM_ACCESS(1)
SHIM_ACCESS(2)
SHIM_ACCESS(4)
SHIM_ACCESS(8)
SHIM_ACCESS(16)

SHIM_HIDDEN void __tsan_read_range(void* address, unsigned long size) {
    shim.access(address, static_cast<long>(size), 0, __builtin_return_address(0));
}
SHIM_HIDDEN void __tsan_write_range(void* address, unsigned long size) {
    shim.access(address, static_cast<long>(size), 1, __builtin_return_address(0));
}

// -fsanitize=alignment: an address that is no multiple of what its type asks for.
struct ShimPlace {
    const char* file;
    unsigned line, column;
};
struct ShimMismatch {
    ShimPlace place;
    const void* type;
    unsigned char log_alignment, kind;
};
SHIM_HIDDEN void __ubsan_handle_type_mismatch_v1_abort(ShimMismatch* mismatch, unsigned long address) {
    shim.misaligned(reinterpret_cast<const void*>(address), 1ul << mismatch->log_alignment,
                    __builtin_return_address(0));
}
}

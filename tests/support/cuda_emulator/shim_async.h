// tests/support/cuda_emulator/shim_async.h -- cp.async.
#pragma once

SHIM void copy_async_4(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 4, inside); }
SHIM void copy_async_8(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 8, inside); }
SHIM void copy_async_16(void* shared, const void* global, bool inside) { shim.copy_async(shared, global, 16, inside); }
SHIM void copy_async_commit() { shim.copy_async_commit(); }
template <int N>
SHIM void copy_async_wait() {
    shim.copy_async_wait(N);
}

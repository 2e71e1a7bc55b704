// tests/runtime/sanitizer.h -- which sanitizer the tests run under, for what one of them does not allow.
#pragma once

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace heddle::test {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
inline constexpr bool under_address_sanitizer = true;
#else
inline constexpr bool under_address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

}  // namespace heddle::test

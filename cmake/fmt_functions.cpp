// cmake/fmt_functions.cpp -- the functions of fmt, compiled once for a static build (with -fkeep-inline-functions): the
// distributions' packages have no archive of them
#define FMT_HEADER_ONLY
#include <fmt/format.h>

// tests/plugins/throws.cpp -- a plugin whose row throws when it is asked for.
#include <stdexcept>

#include "heddle/plugin.h"

namespace {
heddle::OperatorRow row() { throw std::runtime_error("the table of weights is missing"); }
}  // namespace

HEDDLE_REGISTER_OPERATOR(row())

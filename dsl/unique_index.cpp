// dsl/unique_index.cpp -- indices from data that are promised to differ.
#include "dsl/unique_index.h"

namespace heddle {
namespace {

// Checked like IndexMode::checked; a mode that only unique_index() gives.
constexpr auto unique_mode = static_cast<IndexMode>(2);

}  // namespace

Expr unique_index(Expr value, Expr extent) { return index(std::move(value), std::move(extent), unique_mode); }

bool is_unique(const DataIndex& index) { return index.mode == unique_mode; }

}  // namespace heddle

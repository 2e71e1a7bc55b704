// dsl/last_nan.h -- argmax= as PyTorch's pools count it: the first of equal values, but the last of several NaNs.
//
// In text `y[n] argmax_last_nan= e`. Such a definition is an argmax= that carries its reducer.
#pragma once

#include <string_view>

#include "dsl/definition.h"

namespace heddle {

inline constexpr std::string_view last_nan_update = "argmax_last_nan=";
/// (value, position): the larger value, of equal ones the smaller position; a NaN beats any number, and of two NaNs the
/// one with the larger position wins. A position below 0 stands for no value yet.
Reducer argmax_last_nan_reducer(ScalarType value_type, ScalarType position_type = i64);
/// Whether an argmax= takes the last of several NaNs.
inline bool takes_last_nan(const Definition& definition) {
    return definition.op == UpdateOp::argmax && definition.reducer.defined();
}
/// "+=", "argmax_last_nan=", ...
inline std::string_view update_name(const Definition& definition) {
    return takes_last_nan(definition) ? last_nan_update : name_of(definition.op);
}

}  // namespace heddle

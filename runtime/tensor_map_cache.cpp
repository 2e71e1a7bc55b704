// runtime/tensor_map_cache.cpp -- the maps encoded last for one parameter of a kernel.
#include "runtime/tensor_map_cache.h"

namespace heddle {

TensorMap TensorMapCache::find(const TensorMapRecipe& recipe, const void* base) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
        if (entry.base == base && entry.recipe == recipe) return entry.map;
    const Entry made{recipe, base, encoder_(recipe, base)};
    if (entries_.size() < capacity) {
        entries_.push_back(made);
    } else {
        entries_[oldest_] = made;
        oldest_ = (oldest_ + 1) % capacity;
    }
    return made.map;
}

}  // namespace heddle

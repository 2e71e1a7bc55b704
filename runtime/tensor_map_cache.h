// runtime/tensor_map_cache.h -- the maps encoded last for one parameter of a kernel, by address and recipe.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "runtime/tensor_map.h"

namespace heddle {

/// Calls with the same few buffers encode nothing anew. Safe from several threads at once.
class TensorMapCache {
public:
    using Encoder = std::function<TensorMap(const TensorMapRecipe&, const void*)>;
    explicit TensorMapCache(Encoder encoder = encode) : encoder_(std::move(encoder)) {}

    /// The map of this recipe at this address; throws what encoding it throws.
    TensorMap find(const TensorMapRecipe& recipe, const void* base);

private:
    static constexpr std::size_t capacity = 8;
    struct Entry {
        TensorMapRecipe recipe;
        const void* base;
        TensorMap map;
    };
    Encoder encoder_;
    std::mutex mutex_;
    std::vector<Entry> entries_;
    std::size_t oldest_ = 0;
};

}  // namespace heddle

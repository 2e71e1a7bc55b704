// ops/per_dimension.h -- options that are one number for all spatial dimensions, or a number for each.
#pragma once

#include <array>
#include <initializer_list>
#include <vector>

namespace heddle {

/// `2`, or `{2, 1}` for rows and columns: one number a spatial dimension, outermost first; a single one counts for all.
class PerDimension {
public:
    PerDimension(int value) : values_{value} {}
    PerDimension(std::initializer_list<int> values) : values_(values) {}
    PerDimension(std::vector<int> values) : values_(std::move(values)) {}
    template <std::size_t N>
    PerDimension(const std::array<int, N>& values) : values_(values.begin(), values.end()) {}

    int operator[](std::size_t d) const { return values_.size() == 1 ? values_[0] : values_.at(d); }
    /// Whether it says something of each of `count` dimensions.
    bool fits(std::size_t count) const { return values_.size() == 1 || values_.size() == count; }
    bool empty() const { return values_.empty(); }
    std::size_t size() const { return values_.size(); }

private:
    std::vector<int> values_;
};

/// Points added at both ends of each dimension; or, with `same`, as many as keep the size, for steps of 1.
class Padding : public PerDimension {
public:
    using PerDimension::PerDimension;
    static Padding same() {
        Padding padding(0);
        padding.keeps_size_ = true;
        return padding;
    }
    bool keeps_size() const { return keeps_size_; }

private:
    bool keeps_size_ = false;
};

}  // namespace heddle

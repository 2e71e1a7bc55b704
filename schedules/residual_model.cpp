// schedules/residual_model.cpp -- a Gaussian process with an exponential kernel, its length chosen by the likelihood.
#include "schedules/residual_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace heddle {
namespace {

constexpr std::size_t most_samples = 256;
constexpr double noise = 0.01;        ///< variance of measuring, as a share of that between candidates
constexpr double least_scale = 0.01;  ///< of the values: logarithms of times, of which 1% is noise
constexpr double lengths[] = {0.7, 1.5, 3, 6};

/// In place: the lower Cholesky factor of a symmetric matrix of n rows, packed row by row.
void factorize(std::vector<double>& a, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = a[i * (i + 1) / 2 + j];
            const double *row = &a[i * (i + 1) / 2], *other = &a[j * (j + 1) / 2];
            for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
            a[i * (i + 1) / 2 + j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / other[j];
        }
}

/// Solves L x = b in place.
void forward(const std::vector<double>& l, std::vector<double>& b) {
    for (std::size_t i = 0; i < b.size(); ++i) {
        const double* row = &l[i * (i + 1) / 2];
        for (std::size_t k = 0; k < i; ++k) b[i] -= row[k] * b[k];
        b[i] /= row[i];
    }
}
/// Solves transpose(L) x = b in place.
void backward(const std::vector<double>& l, std::vector<double>& b) {
    for (std::size_t i = b.size(); i-- > 0;) {
        const double* row = &l[i * (i + 1) / 2];
        b[i] /= row[i];
        for (std::size_t k = 0; k < i; ++k) b[k] -= row[k] * b[i];
    }
}

}  // namespace

ResidualModel::ResidualModel(const std::vector<Knob>& knobs) {
    for (const Knob& knob : knobs) steps_.push_back(std::max(1.0, static_cast<double>(knob.choices.size()) - 1));
}

void ResidualModel::add(const Candidate& candidate, double value) { samples_.push_back({candidate, value}); }

/// Half for being another choice, half for how many steps lie between.
double ResidualModel::distance(const Candidate& a, const Candidate& b) const {
    double sum = 0;
    for (std::size_t k = 0; k < steps_.size(); ++k)
        if (a[k] != b[k]) sum += 0.5 + 0.5 * std::abs(a[k] - b[k]) / steps_[k];
    return sum;
}

void ResidualModel::fit() {
    count_ = std::min(samples_.size(), most_samples);
    first_ = samples_.size() - count_;
    if (count_ == 0) return;
    mean_ = 0;
    for (std::size_t i = 0; i < count_; ++i) mean_ += samples_[first_ + i].value / static_cast<double>(count_);
    std::vector<double> distances;
    for (std::size_t i = 0; i < count_; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            distances.push_back(distance(samples_[first_ + i].candidate, samples_[first_ + j].candidate));

    double most_likely = -std::numeric_limits<double>::infinity();
    for (const double length : lengths) {
        std::vector<double> factor(distances.size()), weights(count_);
        for (std::size_t i = 0; i < distances.size(); ++i) factor[i] = std::exp(-distances[i] / length);
        for (std::size_t i = 0; i < count_; ++i) factor[i * (i + 1) / 2 + i] += noise;
        factorize(factor, count_);
        for (std::size_t i = 0; i < count_; ++i) weights[i] = samples_[first_ + i].value - mean_;
        forward(factor, weights);
        double square = 0, log_determinant = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            square += weights[i] * weights[i];
            log_determinant += std::log(factor[i * (i + 1) / 2 + i]);
        }
        const double scale = std::sqrt(square / static_cast<double>(count_));
        const double likelihood =
            -static_cast<double>(count_) * std::log(std::max(scale, least_scale)) - log_determinant;
        if (likelihood <= most_likely) continue;
        most_likely = likelihood;
        backward(factor, weights);
        factor_ = std::move(factor);
        weights_ = std::move(weights);
        scale_ = std::max(scale, least_scale);
        length_ = length;
    }
}

ResidualModel::Estimate ResidualModel::at(const Candidate& candidate) const {
    if (count_ == 0) return {0, 1};
    std::vector<double> alike(count_);
    double mean = mean_;
    for (std::size_t i = 0; i < count_; ++i) {
        alike[i] = std::exp(-distance(candidate, samples_[first_ + i].candidate) / length_);
        mean += alike[i] * weights_[i];
    }
    forward(factor_, alike);
    double known = 0;
    for (const double a : alike) known += a * a;
    return {mean, scale_ * std::sqrt(std::max(1 - known, noise))};
}

}  // namespace heddle

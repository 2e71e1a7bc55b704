// schedules/residual_model.h -- what measured candidates teach about others that are like them.
#pragma once

#include <vector>

#include "schedules/tuning_space.h"

namespace heddle {

/// A Gaussian process over candidates (Rasmussen and Williams 2006, chapters 2 and 5): values of candidates that differ
/// in few knobs, and there by few steps, are alike; how alike is fitted by the likelihood. Given the errors of another
/// prediction, it is its correction, and says how far to trust it.
class ResidualModel {
public:
    explicit ResidualModel(const std::vector<Knob>& knobs);
    void add(const Candidate& candidate, double value);
    /// Takes in what was added; the cost grows with the cube of the samples, of which the last few hundred count.
    void fit();
    struct Estimate {
        double mean = 0, deviation = 0;  ///< before the first fit: 0 and 1
    };
    Estimate at(const Candidate& candidate) const;
    std::size_t samples() const { return samples_.size(); }

private:
    struct Sample {
        Candidate candidate;
        double value = 0;
    };
    double distance(const Candidate& a, const Candidate& b) const;

    std::vector<double> steps_;  ///< by knob: its choices less 1
    std::vector<Sample> samples_;
    std::size_t first_ = 0, count_ = 0;     ///< of the samples: those fitted
    std::vector<double> factor_, weights_;  ///< Cholesky factor of the correlations, row by row; weights of the mean
    double mean_ = 0, scale_ = 1, length_ = 1;
};

}  // namespace heddle

// dsl/gather_pipeline.h -- a pipeline whose scatters are gathers.
#pragma once

#include <string>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle {

/// What became of one definition.
struct GatherReport {
    std::string stage;  ///< "u.0"
    std::string text;   ///< InvertedScatter::text()
    bool changed = false;
};

/// The same pipeline with each scatter that can be one as a gather over its output (dsl/invert_scatter.h). Tensors that
/// are defined anew are new ones of the same names; a pipeline without a scatter comes back as it is.
Pipeline gather_pipeline(const Pipeline& pipeline, std::vector<GatherReport>* reports = nullptr);

}  // namespace heddle

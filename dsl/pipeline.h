// dsl/pipeline.h -- definitions in dependency order, with inputs and outputs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/definition.h"
#include "dsl/tensor.h"

namespace heddle {

/// One definition of a pipeline: definition `index` of its targets ("y.1").
struct PipelineStage {
    std::shared_ptr<const Definition> definition;
    std::vector<AnyTensor> targets;
    int index = 0;
    /// "y.1"; of a tuple the first target's name.
    std::string name() const;
};

/// Everything that the outputs need. Holds its tensors alive.
struct Pipeline {
    std::vector<AnyTensor> inputs;         ///< tensors with no definition, in order of first use
    std::vector<AnyTensor> outputs;        ///< as asked for
    std::vector<AnyTensor> intermediates;  ///< defined, read, not an output
    std::vector<PipelineStage> stages;     ///< producers before consumers, a tensor's definitions in order
    std::vector<Symbol> parameters;        ///< run-time sizes, in order of first use

    /// Throws UserError for an output without a definition, two different tensors of one name, and cyclic reads.
    static Pipeline of(const std::vector<AnyTensor>& outputs);
    /// The tensor with this name among inputs, intermediates and outputs; an undefined handle when there is none.
    AnyTensor find(const std::string& name) const;
};

/// Operations, elements and bytes of a pipeline at given parameter values; exact integers held in doubles.
struct Cost {
    double operations = 0;  ///< arithmetic on values, 2 for a multiply-add; index arithmetic not counted
    double points = 0;      ///< points of all domains
    double input_bytes = 0, output_bytes = 0;
    double input_elements = 0, output_elements = 0;
    double intensity() const { return operations / (input_bytes + output_bytes); }
};
/// Padding is counted as if computed (the usual convention). Throws UserError when the pipeline has parameters.
Cost cost_of(const Pipeline& pipeline);

}  // namespace heddle

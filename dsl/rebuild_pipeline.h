// dsl/rebuild_pipeline.h -- a pipeline's tensors made anew, so that some of them can be others.
#pragma once

#include <map>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

/// Old tensors and the new ones that stand for them; what is not known stays.
class RebuiltTensors {
public:
    /// The new tensor: of the same name, type and shape, without definitions when it is made here.
    AnyTensor renewed(const AnyTensor& tensor);
    /// What stands for the tensor: itself where it is not known.
    AnyTensor known(const AnyTensor& tensor) const;
    /// The same with its reads of known tensors as reads of the new ones.
    Expr renewed(const Expr& e) const;
    std::vector<Expr> renewed(std::vector<Expr> expressions) const;

private:
    std::map<const TensorNode*, AnyTensor> tensors_;
};

}  // namespace heddle

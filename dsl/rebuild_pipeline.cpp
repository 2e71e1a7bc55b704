// dsl/rebuild_pipeline.cpp -- a pipeline's tensors made anew, so that some of them can be others.
#include "dsl/rebuild_pipeline.h"

#include "dsl/visit.h"

namespace heddle {

AnyTensor RebuiltTensors::renewed(const AnyTensor& tensor) {
    AnyTensor& fresh = tensors_[tensor.node().get()];
    if (!fresh.defined()) fresh = AnyTensor(tensor.name(), tensor.type(), tensor.shape());
    return fresh;
}

AnyTensor RebuiltTensors::known(const AnyTensor& tensor) const {
    const auto found = tensors_.find(tensor.node().get());
    return found == tensors_.end() ? tensor : found->second;
}

Expr RebuiltTensors::renewed(const Expr& e) const {
    return rewrite(e, [&](const Expr& node) {
        const Read* read = node.as<Read>();
        const auto found = read ? tensors_.find(read->tensor.get()) : tensors_.end();
        if (found == tensors_.end()) return Expr();
        return Expr(std::make_shared<const Read>(found->second.node(), read->indices, read->boundary, node.type()));
    });
}

std::vector<Expr> RebuiltTensors::renewed(std::vector<Expr> expressions) const {
    for (Expr& e : expressions) e = renewed(e);
    return expressions;
}

}  // namespace heddle

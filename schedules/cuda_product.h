// schedules/cuda_product.h -- a sum of products of two tensors as a product of matrices, as CUDA schedules choose by
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedules/definition_facts.h"
#include "schedules/nest_writer.h"

namespace heddle {

/// A loop of a product. A variable of which one operand reads only the residue is two of them: the residue is a class
/// (`batch`), the quotient moves the other operand alone.
struct ProductLoop {
    Symbol symbol;
    std::string name;  ///< "i"; of a quotient "i.o", of a residue "i.i"
    std::int64_t extent = 1;
    std::int64_t period = 1;  ///< of a quotient: values of the variable in one step
};

/// One operand with the free loops that move it alone: the rows of the product are one's, the columns the other's.
struct ProductOperand {
    AnyTensor tensor;
    const Read* read = nullptr;
    ReadFacts facts;
    std::vector<ProductLoop> loops;  ///< in the order of the tensor's dimensions

    std::int64_t points() const;
    /// The loops of `among` with more than one iteration that lies along memory, if there is one.
    const ProductLoop* along(const std::vector<ProductLoop>& among) const;
    /// Dimensions of the tensor in whose index the loop occurs.
    std::vector<int> dims_of(const ProductLoop& loop) const;
};

struct CudaProduct {
    ScalarType type = f32, result = f32;
    ProductOperand rows, columns;
    std::vector<ProductLoop> batch;    ///< both operands have them, and the result
    std::vector<ProductLoop> reduced;  ///< in the order of the rows' tensor
    std::vector<std::string> splits;   ///< directives that make quotients and residues
    bool has_classes = false;
    double products() const;
};

/// Nothing for other definitions: no `+=` of a product of two reads of one floating type, boundaries that are not zero,
/// sizes of the run time, a variable that neither operand has.
std::optional<CudaProduct> cuda_product(const Definition& definition);

/// Product of the extents.
std::int64_t points_of(const std::vector<ProductLoop>& loops);

}  // namespace heddle

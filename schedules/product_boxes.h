// schedules/product_boxes.h -- which tiles of a product's operands the tensor memory accelerator copies.
#pragma once

#include "dsl/interval.h"
#include "schedules/cuda_product.h"

namespace heddle {

enum class BoxForm : std::uint8_t { none, tile, image };

/// The form in which a tile of the operand that the fused loops `across` (its own) and `along` (reduced) run over is
/// copied, a box of a tensor map or pixels of a channels-last image; none where it is neither: each dimension moves by
/// 1 with one loop, fused loops are dimensions that follow each other without a gap or walk over an image, rows are
/// multiples of 16 bytes. `ranges`: of the variables.
BoxForm boxes_copy(const ProductOperand& operand, const std::vector<ProductLoop>& across,
                   const std::vector<ProductLoop>& along, const Ranges& ranges);

/// Whether tiles of so many points of these fused loops are boxes, or pixels of one walk: parts of a line, whole lines,
/// or pieces that begin anywhere.
bool tiles_are_boxes(const ProductOperand& operand, const std::vector<ProductLoop>& loops, std::int64_t points);

}  // namespace heddle

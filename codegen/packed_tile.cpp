// codegen/packed_tile.cpp -- tiles in a CUDA thread's registers whose elements stay as narrow as memory holds them.
#include "codegen/packed_tile.h"

#include "codegen/emit_cuda_text.h"

namespace heddle {
namespace {

constexpr std::int64_t fewest_elements = 32;  // fewer leave registers enough for all of them to be unpacked

}  // namespace

std::string packed_row(const AnyTensor& tensor, const std::vector<Expr>& shape) {
    if ((tensor.type() != f16 && tensor.type() != bf16) || shape.size() < 2) return "";
    std::int64_t elements = 1;
    for (const Expr& extent : shape) {
        const auto* constant = extent.as<IntImm>();
        if (!constant) return "";
        elements *= constant->value;
    }
    const std::int64_t row = shape.back().as<IntImm>()->value;
    if (elements < fewest_elements || (row != 2 && row != 4 && row != 8)) return "";
    return "Pack<" + CudaText::memory_name(tensor.type()) + ", " + std::to_string(row) + ">";
}

Stmt keep_packed(const AnyTensor& tile) {
    Call call;
    call.function = "keep_packed";
    call.operands.resize(1);
    call.operands[0].place.storage = tile;
    return Stmt::make(std::move(call));
}

}  // namespace heddle

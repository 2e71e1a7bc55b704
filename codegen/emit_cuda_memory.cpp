// codegen/emit_cuda_memory.cpp -- storage of emitted CUDA: variables, tiles in shared memory, calls that move elements.
#include <algorithm>

#include "codegen/build_stage.h"
#include "codegen/device_helpers.h"
#include "codegen/emit_cuda_function.h"
#include "codegen/emit_cuda_maps.h"
#include "dsl/visit.h"
#include "runtime/cuda_limits.h"

namespace heddle {
namespace {

// The first mention of a variable is a write to it that stands in the same braces: it is declared there.
std::optional<bool> starts_with_write(const Stmt& s, const AnyTensor& variable) {
    if (const auto* allocate = s.as<Allocate>()) return starts_with_write(allocate->body, variable);
    if (const auto* list = s.as<Block>()) {
        for (const Stmt& child : list->statements)
            if (const std::optional<bool> found = starts_with_write(child, variable)) return found;
        return {};
    }
    const std::vector<std::shared_ptr<TensorNode>> used = storage_used(s);
    if (std::find(used.begin(), used.end(), variable.node()) == used.end()) return {};
    const auto* store = s.as<Store>();
    const auto* shuffle = s.as<Shuffle>();
    const Expr value = store ? store->value : shuffle ? shuffle->value : Expr();
    if (!value.defined()) return false;
    bool reads = false;
    for_each_node(value, [&](const Expr& node) {
        const auto* read = node.as<Read>();
        reads = reads || (read && read->tensor == variable.node());
    });
    return !reads && (store ? store->to : shuffle->to).storage == variable;
}

}  // namespace

void CudaEmitter::emit_allocate(const Allocate& allocate) {
    const AnyTensor& tensor = allocate.storage;
    if (allocate.memory == Memory::shared && (!allocate.layout.strides.empty() || !allocate.declared.empty()))
        return emit_shared(allocate);
    CudaText::Storage storage;
    storage.name = text_.unique(tensor.name());
    storage.local = true;
    storage.scalar = std::all_of(tensor.shape().begin(), tensor.shape().end(),
                                 [](const Extent& extent) { return is_const(extent.expr(), 1); });
    const std::string type = allocate.declared.empty() ? CudaText::compute_name(tensor.type()) : allocate.declared;
    std::string shape;
    std::int64_t bytes = bytes_of(compute_type(tensor.type()));
    storage.packed = allocate.declared.starts_with("Pack<");
    if (storage.packed) text_.helper("Pack");
    for (int d = 0; d < tensor.rank(); ++d) {
        const Extent& extent = tensor.shape()[d];
        if (!extent.is_static())
            throw UserError(tensor.name() + ": a tile on a CUDA thread's stack has constant sizes, not " +
                            text_.value(extent.expr()));
        const bool in_pack = storage.packed && d + 1 == tensor.rank();
        if (!storage.scalar && !in_pack) shape += "[" + std::to_string(extent.value()) + "]";
        bytes *= extent.value();
    }
    text_.bind(tensor, storage);
    if (allocate.memory == Memory::shared) {  // past what a kernel may declare, of the memory that it asks for
        const bool declared = static_shared_bytes_ + bytes <= shared_bytes_without_opt_in;
        if (declared) static_shared_bytes_ += bytes;
        line(declared ? "__shared__ " + type + " " + storage.name + shape + ";"
                      : type + " (&" + storage.name + ")" + shape + " = *reinterpret_cast<" + type + " (*)" + shape +
                            ">(" + dynamic_memory(bytes, 128) + ");");
    } else if (storage.scalar && allocate.declared.empty() && starts_with_write(allocate.body, tensor) == true) {
        undeclared_.insert(tensor.node().get());
    } else {
        line(type + " " + storage.name + shape + ";");
    }
    emit(allocate.body);
}

std::string CudaEmitter::declaration_of(const AnyTensor& variable) {
    if (!undeclared_.erase(variable.node().get())) return "";
    return CudaText::compute_name(variable.type()) + " ";
}

// An address in dynamic shared memory, at a multiple of `unit` bytes, after those before it.
std::string CudaEmitter::dynamic_memory(std::int64_t bytes, std::int64_t unit) {
    const std::int64_t offset = (kernel_.shared_bytes + unit - 1) / unit * unit;
    kernel_.shared_bytes = static_cast<int>(offset + bytes);
    return offset > 0 ? "shared_memory + " + std::to_string(offset) : "shared_memory";
}

// A tile in dynamic shared memory.
void CudaEmitter::emit_shared(const Allocate& allocate) {
    const AnyTensor& tensor = allocate.storage;
    CudaText::Storage storage;
    storage.name = text_.unique(tensor.name());
    const bool barriers = !allocate.declared.empty();
    const std::string type = barriers ? allocate.declared : CudaText::memory_name(tensor.type());
    std::int64_t elements = 1;
    if (allocate.layout.strides.empty()) {
        storage.strides = strides_of(tensor, {});
        for (const Extent& extent : tensor.shape()) elements *= extent.value();
    } else {
        for (const std::int64_t stride : allocate.layout.strides) storage.strides.push_back(Expr::integer(stride));
        storage.layout = allocate.layout;
        elements = allocate.layout.span();
        // A swizzle moves elements within whole rows of its width.
        const std::int64_t row = (std::int64_t{16} << allocate.layout.swizzle.bits) / bytes_of(tensor.type());
        if (allocate.layout.swizzle.bits > 0) elements = (elements + row - 1) / row * row;
    }
    need_helper(type);
    const std::int64_t unit = allocate.layout.swizzle.bits > 0 ? 1024 : barriers ? 8 : 128;
    line(type + "* const " + storage.name + " = reinterpret_cast<" + type + "*>(" +
         dynamic_memory(elements * bytes_of(tensor.type()), unit) + ");");
    text_.bind(tensor, storage);
    emit(allocate.body);
}

void CudaEmitter::emit_call(const Call& call) {
    const bool packs = call.function.starts_with("copy_async_") && call.operands.size() >= 3;
    if (packs && !copies_packs(call)) return emit_elementwise(call);
    need_helper(call.function.substr(0, call.function.find('<')));
    std::string arguments;
    for (const CallOperand& operand : call.operands) {
        if (packs && &operand - call.operands.data() == 3) break;  // single elements
        if (!arguments.empty()) arguments += ", ";
        const Place& place = operand.place;
        if (operand.map)
            arguments += "&" + maps_.at(key_of(*operand.map));
        else if (place.storage.defined())
            arguments += operand.address ? "&" + text_.element(place.storage, place.indices, operand.unswizzled)
                                         : text_.array(place.storage, place.indices);
        else
            arguments += text_.value(operand.value);
    }
    const std::string to = call.to.storage.defined() ? text_.element(call.to.storage, call.to.indices) + " = " : "";
    line(to + call.function + "(" + arguments + ");");
}

// Copies of several bytes at once need them aligned in a view's memory.
std::int64_t CudaEmitter::elements_of_copy(const Call& call) const {
    return std::stoll(call.function.substr(std::string("copy_async_").size())) /
           bytes_of(call.operands[0].place.storage.type());
}

bool CudaEmitter::copies_packs(const Call& call) {
    const std::int64_t count = elements_of_copy(call);
    const std::vector<Expr>& strides = text_.strides_of(call.operands[1].place.storage);
    bool fits = aligned_ && (strides.empty() || is_const(strides.back(), 1));
    const bool lines = call.operands.size() > 3;  // the last dimensions follow each other
    if (lines) {
        const Expr row = call.operands[1].place.storage.shape().back().expr();
        fits = fits && strides.size() > 1 && equal(strides[strides.size() - 2], row);
    }
    for (std::size_t d = 0; d + (lines ? 2 : 1) < strides.size(); ++d) {
        const auto* stride = strides[d].as<IntImm>();
        fits = fits && stride && stride->value % count == 0;
    }
    return fits;
}

void CudaEmitter::emit_elementwise(const Call& call) {
    const Place &to = call.operands[0].place, &from = call.operands[1].place;
    const std::vector<Expr>& strides = text_.strides_of(from.storage);
    for (std::size_t e = 0; call.operands.size() > 3 && e + 2 < call.operands.size(); ++e) {
        const Place& element = call.operands[e == 0 ? 1 : e + 2].place;
        line(text_.helper("copy_elements") + "<1>(&" + text_.element(to.storage, to.indices) + " + " +
             std::to_string(e) + ", &" + text_.element(element.storage, element.indices) + ", 1, " +
             text_.value(call.operands[2].value) + ");");
    }
    if (call.operands.size() > 3) return;
    line(text_.helper("copy_elements") + "<" + std::to_string(elements_of_copy(call)) + ">(&" +
         text_.element(to.storage, to.indices) + ", &" + text_.element(from.storage, from.indices) + ", " +
         (strides.empty() ? "1" : text_.value(strides.back())) + ", " + text_.value(call.operands[2].value) + ");");
}

void CudaEmitter::need_helper(const std::string& name) {
    const DeviceHelper* helper = find_device_helper(name);
    if (!helper) return;
    device_helpers_.insert(name);
    kernel_.specific_features = kernel_.specific_features || helper->specific_features;
}

}  // namespace heddle

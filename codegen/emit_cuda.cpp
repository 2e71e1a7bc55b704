// codegen/emit_cuda.cpp -- statements of emitted CUDA: kernels, loops, tiles.
#include "codegen/emit_cuda.h"

#include <algorithm>
#include <functional>

#include "codegen/build_stage.h"
#include "codegen/device_helpers.h"
#include "codegen/emit_cuda_maps.h"
#include "codegen/emit_cuda_text.h"
#include "codegen/emit_cuda_vectors.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

constexpr int threads_of_parallel_loop = 256;

int axis(LoopKind kind) {
    if (kind == LoopKind::block_y || kind == LoopKind::thread_y) return 1;
    return kind == LoopKind::block_z || kind == LoopKind::thread_z ? 2 : 0;
}

class CudaEmitter {
public:
    CudaEmitter(const Function& function, const std::vector<std::vector<std::int64_t>>& strides,
                std::size_t first_message, bool aligned)
        : function_(function), strides_(strides), first_message_(first_message), aligned_(aligned) {}

    CudaSource run(const std::vector<std::string>& headline) {
        std::vector<Stmt> launches = {function_.body};
        if (const auto* list = function_.body.as<Block>()) launches = list->statements;
        std::string kernels;
        for (std::size_t i = 0; i < launches.size(); ++i)
            kernels += (i ? "\n" : "") +
                       kernel(launches[i], function_.name + (launches.size() > 1 ? "_" + std::to_string(i) : ""));
        for (const std::string& line : headline) source_.text += "// " + line + "\n";
        source_.text += "\n";
        const bool reports =
            std::any_of(source_.kernels.begin(), source_.kernels.end(), [](const CudaKernel& k) { return k.reports; });
        if (reports)
            source_.text +=
                "struct Reports {  // the first failed check and its values\n"
                "    long long failed_check;\n    long long values[8];\n};\n\n";
        source_.text += text_.helpers() + device_helpers(device_helpers_) + kernels;
        return std::move(source_);
    }

private:
    std::string kernel(const Stmt& body, const std::string& name) {
        text_.begin_kernel();
        maps_.clear();
        kernel_ = {};
        kernel_.name = name;
        for (int i = 0; i < 3; ++i) kernel_.grid[i] = kernel_.block[i] = Expr::integer(1);
        output_.clear();
        indent_ = 1;
        bool small = true;
        for (const AnyTensor& tensor : function_.parameters) {
            std::int64_t elements = 1;
            for (const Extent& extent : tensor.shape()) {
                const Interval range = interval_of(extent.expr(), {});
                small = small && range.max != Interval::plus_infinity && range.max < (1LL << 31);
                if (small) small = !__builtin_mul_overflow(elements, std::max<std::int64_t>(1, range.max), &elements);
            }
            small = small && elements < (1LL << 30);
        }
        for (const std::vector<std::int64_t>& strides : strides_) small = small && strides.empty();
        text_.narrow_indices = small;
        kernel_.reports = contains_check(body);
        cluster_axis_ = free_axis(body);
        const std::string head = signature(body);
        emit(body);
        return head + output_ + finish();
    }

    // The axis of the grid for the blocks of clusters: the first that no loop is bound to.
    static int free_axis(const Stmt& body) {
        bool taken[3] = {};
        for_each_stmt(body, [&](const Stmt& s) {
            if (const auto* loop = s.as<For>(); loop && is_block(loop->kind)) taken[axis(loop->kind)] = true;
        });
        return !taken[0] ? 0 : !taken[1] ? 1 : 2;
    }

    static bool contains_check(const Stmt& body) {
        bool found = false;
        for_each_stmt(body, [&](const Stmt& s) { found = found || s.as<Check>(); });
        return found;
    }

    std::string signature(const Stmt& body) {
        std::vector<std::string> parameters;
        std::set<const TensorNode*> written;
        for_each_stmt(body, [&](const Stmt& s) {
            if (const auto* store = s.as<Store>()) written.insert(store->to.storage.node().get());
            const auto* call = s.as<Call>();
            if (!call) return;
            if (call->to.storage.defined()) written.insert(call->to.storage.node().get());
            if (call->writes) written.insert(call->operands[0].place.storage.node().get());
            for (const CallOperand& operand : call->operands)
                if (operand.map && !maps_.count(key_of(*operand.map)))
                    parameters.push_back("const __grid_constant__ TensorMap " + add_map(*operand.map));
        });
        const std::vector<std::shared_ptr<TensorNode>> used = storage_used(body);
        for (const Symbol& size : function_.sizes) {
            const std::string name = text_.unique(size.name());
            text_.bind(size, name);
            text_.ranges[size] = {Expr::integer(size.min()), Expr::integer(size.max())};
            kernel_.sizes.push_back(size);
        }
        for (std::size_t i = 0; i < function_.parameters.size(); ++i) {
            const AnyTensor& tensor = function_.parameters[i];
            if (std::find(used.begin(), used.end(), tensor.node()) == used.end()) continue;
            CudaText::Storage storage;
            storage.name = text_.unique(tensor.name());
            storage.strides = strides_of(tensor, i < strides_.size() ? strides_[i] : std::vector<std::int64_t>{});
            parameters.push_back((written.count(tensor.node().get()) ? "" : "const ") +
                                 CudaText::memory_name(tensor.type()) + "* __restrict__ " + storage.name);
            text_.bind(tensor, storage);
            kernel_.buffers.push_back(tensor);
        }
        for (const Symbol& size : kernel_.sizes) parameters.push_back("long long " + text_.value(Expr(size)));
        if (kernel_.reports) parameters.push_back("Reports* " + (reports_ = text_.unique("reports")));
        std::string text = "extern \"C\" __global__ void __launch_bounds__(@threads@)\n" + kernel_.name + "(";
        const std::string margin(kernel_.name.size() + 1, ' ');
        for (std::size_t i = 0; i < parameters.size(); ++i) text += (i ? ",\n" + margin : "") + parameters[i];
        return text + ") {\n";
    }

    static std::vector<Expr> strides_of(const AnyTensor& tensor, const std::vector<std::int64_t>& given) {
        std::vector<Expr> strides(static_cast<std::size_t>(tensor.rank()));
        Expr next = Expr::integer(1);
        for (int d = tensor.rank() - 1; d >= 0; --d) {
            strides[d] = given.empty() ? next : Expr::integer(given[d]);
            next = simplify(next * tensor.shape()[d].expr());
        }
        return strides;
    }

    std::string finish() {
        std::string end = "}\n";
        source_.kernels.push_back(kernel_);
        return end;
    }

    // --- statements --------------------------------------------------------------------------------------------

    void line(const std::string& text) {
        output_ += std::string(static_cast<std::size_t>(indent_) * 4, ' ') + text + "\n";
    }
    template <class Body>
    void braces(const std::string& head, Body body) {
        line(head + " {");
        ++indent_;
        body();
        --indent_;
        line("}");
    }

    void emit(const Stmt& s) {
        if (s.empty()) return;
        if (const auto* list = s.as<Block>()) {
            for (const Stmt& child : list->statements) emit(child);
        } else if (const auto* loop = s.as<For>()) {
            emit_loop(*loop);
        } else if (const auto* test = s.as<If>()) {
            braces("if (" + text_.value(test->condition) + ")", [&] { emit(test->then); });
        } else if (const auto* allocate = s.as<Allocate>()) {
            emit_allocate(*allocate);
        } else if (const auto* store = s.as<Store>()) {
            const AnyTensor& to = store->to.storage;
            if (store->atomic != UpdateOp::assign) return emit_atomic(*store);
            const auto lane = stored_lanes_.find(store);
            const std::string place = lane == stored_lanes_.end() ? text_.element(to, store->to.indices) : lane->second;
            const Interval range = is_float(store->value.type()) ? Interval{} : interval_of(store->value, text_.ranges);
            const bool fits = text_.is_local(to) && range.min >= 0 && range.max <= 127;
            if (copies_bits(*store)) {
                const auto& from = *store->value.as<Read>();
                return line(place + " = " + text_.element(AnyTensor(from.tensor), from.indices) + ";");
            }
            const std::string value = converted(store->value, to);
            line(declaration_of(to) + place + " = " + (fits ? value : text_.stored(to, value, text_.is_local(to))) +
                 ";");
        } else if (const auto* check = s.as<Check>()) {
            emit_check(*check);
        } else if (const auto* shuffle = s.as<Shuffle>()) {
            const AnyTensor& to = shuffle->to.storage;
            line(declaration_of(to) + text_.element(to, shuffle->to.indices) + " = __shfl_xor_sync(" +
                 lanes_text(shuffle->lanes) + ", " + text_.value(shuffle->value) + ", " +
                 std::to_string(shuffle->distance) + ");");
        } else if (s.as<Barrier>()) {
            line("__syncthreads();");
        } else if (const auto* let = s.as<Let>()) {
            emit_let(*let);
        } else if (const auto* call = s.as<Call>()) {
            emit_call(*call);
        } else {
            throw InternalError("CUDA emission: a tile statement was not expanded");
        }
    }

    void emit_atomic(const Store& store) {
        const AnyTensor& to = store.to.storage;
        const char* name = "atomic_add";
        if (store.atomic != UpdateOp::add) {
            text_.helper("atomic_change");
            name = store.atomic == UpdateOp::mul ? "atomic_mul" : "atomic_max";
            if (store.atomic != UpdateOp::mul) text_.helper(store.atomic == UpdateOp::max ? "max_nan" : "min_nan");
            if (store.atomic == UpdateOp::min) name = "atomic_min";
        }
        line(text_.helper(name) + "(&" + text_.element(to, store.to.indices) + ", " + converted(store.value, to) +
             ");");
    }

    static std::string lanes_text(std::uint32_t lanes) {
        std::string digits;
        for (; lanes > 0; lanes >>= 4) digits.insert(digits.begin(), "0123456789abcdef"[lanes & 15]);
        return "0x" + digits + "u";
    }

    std::string converted(const Expr& value, const AnyTensor& to) {
        const std::string text = text_.value(value);
        if (value.type() == compute_type(to.type())) return text;
        return "static_cast<" + CudaText::compute_name(to.type()) + ">(" + text + ")";
    }

    // From memory to memory of the same half type: there is nothing to convert.
    bool copies_bits(const Store& store) const {
        const auto* read = store.value.as<Read>();
        if (!read || text_.has_alias(store.value)) return false;
        const AnyTensor from(read->tensor), &to = store.to.storage;
        return from.type() == to.type() && (to.type() == f16 || to.type() == bf16) && !text_.is_local(from) &&
               !text_.is_local(to);
    }

    void emit_loop(const For& loop) {
        const SymbolicRange lanes = {loop.min, simplify(loop.min + loop.extent - Expr::integer(1))};
        text_.ranges[loop.var] = lanes;
        if (aligned_ && loop.kind == LoopKind::vectorized && !vector_loop(loop, text_))
            if (const std::vector<Stmt> parts = vector_parts(loop, text_); !parts.empty()) {
                for (const Stmt& part : parts) emit(part);
                text_.ranges.erase(loop.var);
                return;
            }
        const std::size_t aliases = text_.aliases();
        const std::string name = text_.unique(loop.var.name());
        text_.bind(loop.var, name);
        text_.ranges[loop.var] = lanes;
        const std::string type = text_.index_name();
        const std::string min = is_const(loop.min, 0) ? "" : text_.value(loop.min) + " + ";
        const auto body = [&](const std::string& test) {
            if (test.empty())
                emit(loop.body);
            else
                braces("if (" + test + ")", [&] { emit(loop.body); });
        };
        if (is_block(loop.kind) || is_thread_axis(loop.kind) || loop.kind == LoopKind::cluster) {
            const bool of_grid = !is_thread_axis(loop.kind);
            const int along = loop.kind == LoopKind::cluster ? cluster_axis_ : axis(loop.kind);
            if (loop.kind == LoopKind::cluster)
                kernel_.cluster[static_cast<std::size_t>(along)] = static_cast<int>(loop.extent.as<IntImm>()->value);
            Expr& extent = (of_grid ? kernel_.grid : kernel_.block)[along];
            const bool fits = is_const(extent, 1) || equal(extent, loop.extent);
            extent = is_const(extent, 1) ? loop.extent : simplify(max(extent, loop.extent));
            const std::string index = std::string(of_grid ? "blockIdx." : "threadIdx.") + "xyz"[along];
            declared({{name, min + index}}, loop, [&] { body(fits ? "" : index + " < " + text_.value(loop.extent)); });
        } else if (loop.kind == LoopKind::parallel) {
            const std::string threads = std::to_string(threads_of_parallel_loop);
            kernel_.block[0] = Expr::integer(threads_of_parallel_loop);
            kernel_.grid[0] = simplify((loop.extent + Expr::integer(threads_of_parallel_loop - 1)) /
                                       Expr::integer(threads_of_parallel_loop));
            const std::string index = "static_cast<" + type + ">(blockIdx.x) * " + threads + " + threadIdx.x";
            declared({{name, min + index}}, loop,
                     [&] { body(name + " < " + text_.value(simplify(loop.min + loop.extent))); });
        } else if (const auto vectors = aligned_ ? vector_loop(loop, text_) : std::nullopt) {
            emit_vectors(loop, name, *vectors);
        } else {
            if (loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized)
                line("#pragma unroll");
            else if (loop.unroll > 1)
                line("#pragma unroll " + std::to_string(loop.unroll));
            else if (multiplies_in_warpgroups(loop.body))  // in line, the assembler would wait for each product
                line("#pragma unroll 1");
            const std::string end = text_.value(simplify(loop.min + loop.extent, text_.ranges));
            const std::string step = loop.step.defined() ? name + " += " + text_.value(loop.step) : "++" + name;
            braces("for (" + type + " " + name + " = " + text_.value(loop.min) + "; " + name + " < " + end + "; " +
                       step + ")",
                   [&] { declared({}, loop, [&] { body(""); }); });
        }
        text_.ranges.erase(loop.var);
        text_.forget_aliases(aliases);
    }

    static bool multiplies_in_warpgroups(const Stmt& body) {
        bool found = false;
        for_each_stmt(body, [&](const Stmt& s) {
            const auto* function = s.as<Call>();
            found = found || (function && function->function.starts_with("wgmma_m"));
        });
        return found;
    }

    // Several elements are loaded at once, the lanes computed one by one, several stored at once.
    void emit_vectors(const For& loop, const std::string& name, const VectorLoop& vectors) {
        if (vectors.condition.defined())
            braces("if (" + text_.value(vectors.condition) + ")", [&] { emit_lanes(loop, name, vectors); });
        else
            emit_lanes(loop, name, vectors);
        if (!vectors.otherwise.defined()) return;
        Store fill = *vectors.body.as<Store>();
        fill.value = vectors.otherwise;
        VectorLoop filled;
        filled.body = Stmt::make(std::move(fill));
        braces("else", [&] { emit_lanes(loop, name, filled); });
    }
    void emit_lanes(const For& loop, const std::string& name, const VectorLoop& vectors) {
        const std::string count = text_.value(loop.extent), lane = ".lanes[" + name + "]";
        const auto address = [&](const AnyTensor& storage, const std::vector<Expr>& indices) {
            if (text_.is_swizzled(storage)) {  // within rows, by units of 16 bytes
                std::vector<Expr> start;
                for (const Expr& index : indices)
                    start.push_back(simplify(substitute(index, {{loop.var, Expr::integer(0)}}), text_.ranges));
                return "&" + text_.element(storage, start);
            }
            const Expr first = substitute(text_.offset(storage, indices), {{loop.var, Expr::integer(0)}});
            const Expr offset = simplify(first, text_.ranges);
            return text_.name_of(storage) + (is_const(offset, 0) ? "" : " + " + text_.value(offset));
        };
        text_.helper("Pack");
        if (const auto* copy = vectors.body.as<Store>(); copy && vectors.reads.size() + vectors.stores.size() == 2) {
            const auto* read = copy->value.as<Read>();
            if (read && read->tensor->type == copy->to.storage.type() && read->tensor->type != boolean)
                return line(text_.helper("store_pack") + "(" + address(copy->to.storage, copy->to.indices) + ", " +
                            text_.helper("load_pack") + "<" + count + ">(" +
                            address(AnyTensor(read->tensor), read->indices) + "));");
        }
        std::vector<std::pair<Expr, std::string>> loaded;
        for (const Expr& e : vectors.reads) {
            const auto& read = *e.as<Read>();
            const AnyTensor tensor(read.tensor);
            const std::string pack = text_.unique(tensor.name() + "_pack");
            line("const auto " + pack + " = " + text_.helper("load_pack") + "<" + count + ">(" +
                 address(tensor, read.indices) + ");");
            loaded.emplace_back(e, text_.loaded(tensor, pack + lane));
        }
        for (const auto& [read, text] : loaded) text_.alias(read, text);
        std::vector<std::pair<const Store*, std::string>> packs;
        for (const Store* store : vectors.stores) {
            const AnyTensor& to = store->to.storage;
            packs.emplace_back(store, text_.unique(to.name() + "_pack"));
            line("Pack<" + CudaText::memory_name(to.type()) + ", " + count + "> " + packs.back().second + ";");
            stored_lanes_[store] = packs.back().second + lane;
        }
        line("#pragma unroll");
        braces("for (" + text_.index_name() + " " + name + " = 0; " + name + " < " + count + "; ++" + name + ")",
               [&] { declared({}, loop, [&] { emit(vectors.body); }); });
        for (const auto& [store, pack] : packs) {
            line(text_.helper("store_pack") + "(" + address(store->to.storage, store->to.indices) + ", " + pack + ");");
            stored_lanes_.erase(store);
        }
    }

    // Constants at the head of a loop's body, those given and the quotients of its variable; only what the body's text
    // uses is kept.
    template <class Body>
    void declared(std::vector<std::pair<std::string, std::string>> constants, const For& loop, Body body) {
        name_quotients(loop, constants);
        std::string before = std::move(output_);
        output_.clear();
        body();
        std::string text = std::move(output_);
        output_.clear();
        for (auto constant = constants.rbegin(); constant != constants.rend(); ++constant) {
            if (!occurs(constant->first, text)) continue;
            line("const " + text_.index_name() + " " + constant->first + " = " + constant->second + ";");
            text = output_ + text;
            output_.clear();
        }
        output_ = before + text;
    }
    static bool occurs(const std::string& name, const std::string& text) {
        const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
            const bool starts = at == 0 || !in_name(text[at - 1]);
            const std::size_t end = at + name.size();
            if (starts && (end == text.size() || !in_name(text[end]))) return true;
        }
        return false;
    }

    // Quotients and remainders of the loop's variable that the body uses get a name: the user's variable where it is
    // one's value, so that what a fused loop stands for reads as it was written, and is computed once.
    void name_quotients(const For& loop, std::vector<std::pair<std::string, std::string>>& constants) {
        std::vector<Expr> found;
        const std::function<void(const Expr&)> look = [&](const Expr& e) {
            const auto* operation = e.as<Binary>();
            const bool quotient = operation && e.type() == ScalarType::i64 &&
                                  (operation->op == BinaryOp::div || operation->op == BinaryOp::mod);
            if (quotient && uses(e, loop.var) && nameable(e)) {
                for (const Expr& other : found)
                    if (equal(other, e)) return;
                found.push_back(e);
                return;
            }
            for (const Expr& operand : operands_of(e)) look(operand);
        };
        for_each_expr(loop.body, look);
        for (const Expr& e : found) {
            if (text_.has_alias(e)) continue;
            std::string name = "part";
            for (const auto& [variable, value] : function_.named_values)
                if (equal(simplify(value, text_.ranges), e)) name = variable;
            if (loop.kind == LoopKind::thread_x) name = name_of_threads(e, loop.var, name);
            const std::string unique = text_.unique(name);
            constants.emplace_back(unique, text_.value(e));
            text_.alias(e, unique);
        }
    }
    // What is in use for the parts of a thread's number.
    static std::string name_of_threads(const Expr& e, const Symbol& thread, const std::string& other) {
        const Expr number(thread);
        const auto n = [](std::int64_t value) { return Expr::integer(value); };
        const std::pair<Expr, const char*> names[] = {
            {number % n(32), "lane"},       {number / n(32), "warp"},        {number / n(128), "warpgroup"},
            {number / n(4) % n(8), "quad"}, {number % n(4), "lane_of_quad"}, {number / n(32) % n(4), "warp_of_group"},
        };
        for (const auto& [value, name] : names)
            if (equal(simplify(value), e)) return name;
        return other;
    }
    bool nameable(const Expr& e) const {
        bool all = true;
        for_each_node(e, [&](const Expr& node) {
            if (node.as<Read>()) all = false;
            if (const auto* variable = node.as<Variable>()) all = all && text_.knows(variable->symbol);
        });
        return all;
    }

    void emit_allocate(const Allocate& allocate) {
        const AnyTensor& tensor = allocate.storage;
        if (allocate.memory == Memory::shared && (!allocate.layout.strides.empty() || !allocate.declared.empty()))
            return emit_shared(allocate);
        CudaText::Storage storage;
        storage.name = text_.unique(tensor.name());
        storage.local = true;
        storage.scalar = std::all_of(tensor.shape().begin(), tensor.shape().end(),
                                     [](const Extent& extent) { return is_const(extent.expr(), 1); });
        std::string declaration = allocate.memory == Memory::shared ? "__shared__ " : "";
        declaration += (allocate.declared.empty() ? CudaText::compute_name(tensor.type()) : allocate.declared) + " ";
        declaration += storage.name;
        for (const Extent& extent : tensor.shape()) {
            if (!extent.is_static())
                throw UserError(tensor.name() + ": a tile on a CUDA thread's stack has constant sizes, not " +
                                text_.value(extent.expr()));
            if (!storage.scalar) declaration += "[" + std::to_string(extent.value()) + "]";
        }
        text_.bind(tensor, storage);
        if (storage.scalar && allocate.declared.empty() && allocate.memory != Memory::shared &&
            starts_with_write(allocate.body, tensor) == true)
            undeclared_.insert(tensor.node().get());
        else
            line(declaration + ";");
        emit(allocate.body);
    }
    // The first mention of a variable is a write to it that stands in the same braces: it is declared there.
    static std::optional<bool> starts_with_write(const Stmt& s, const AnyTensor& variable) {
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
    std::string declaration_of(const AnyTensor& variable) {
        if (!undeclared_.erase(variable.node().get())) return "";
        return CudaText::compute_name(variable.type()) + " ";
    }

    // A tile in dynamic shared memory, after those before it.
    void emit_shared(const Allocate& allocate) {
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
        const std::int64_t offset = (kernel_.shared_bytes + unit - 1) / unit * unit;
        if (kernel_.shared_bytes == 0) line("extern __shared__ __align__(1024) unsigned char shared_memory[];");
        kernel_.shared_bytes = static_cast<int>(offset + elements * bytes_of(tensor.type()));
        line(type + "* const " + storage.name + " = reinterpret_cast<" + type + "*>(shared_memory" +
             (offset > 0 ? " + " + std::to_string(offset) : "") + ");");
        text_.bind(tensor, storage);
        emit(allocate.body);
    }

    void emit_let(const Let& let) {
        const std::string name = text_.unique(let.var.name());
        const std::string value = text_.value(let.value);
        text_.bind(let.var, name);
        const Interval range = interval_of(let.value, text_.ranges);
        SymbolicRange bounds;
        if (range.min != Interval::minus_infinity) bounds.min = Expr::integer(range.min);
        if (range.max != Interval::plus_infinity) bounds.max = Expr::integer(range.max);
        text_.ranges[let.var] = bounds;
        For scope;  // quotients of the name are named, too
        scope.var = let.var;
        scope.body = let.body;
        const std::size_t aliases = text_.aliases();
        declared({{name, value}}, scope, [&] { emit(let.body); });
        text_.forget_aliases(aliases);
        text_.ranges.erase(let.var);
    }

    void emit_call(const Call& call) {
        if (call.function.starts_with("copy_async_") && call.operands.size() == 3 && !copies_packs(call))
            return emit_elementwise(call);
        need_helper(call.function.substr(0, call.function.find('<')));
        std::string arguments;
        for (const CallOperand& operand : call.operands) {
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
    std::int64_t elements_of_copy(const Call& call) const {
        return std::stoll(call.function.substr(std::string("copy_async_").size())) /
               bytes_of(call.operands[0].place.storage.type());
    }
    bool copies_packs(const Call& call) {
        const std::int64_t count = elements_of_copy(call);
        const std::vector<Expr>& strides = text_.strides_of(call.operands[1].place.storage);
        bool fits = aligned_ && (strides.empty() || is_const(strides.back(), 1));
        for (std::size_t d = 0; d + 1 < strides.size(); ++d) {
            const auto* stride = strides[d].as<IntImm>();
            fits = fits && stride && stride->value % count == 0;
        }
        return fits;
    }
    void emit_elementwise(const Call& call) {
        const Place &to = call.operands[0].place, &from = call.operands[1].place;
        const std::vector<Expr>& strides = text_.strides_of(from.storage);
        line(text_.helper("copy_elements") + "<" + std::to_string(elements_of_copy(call)) + ">(&" +
             text_.element(to.storage, to.indices) + ", &" + text_.element(from.storage, from.indices) + ", " +
             (strides.empty() ? "1" : text_.value(strides.back())) + ", " + text_.value(call.operands[2].value) + ");");
    }

    void need_helper(const std::string& name) {
        const DeviceHelper* helper = find_device_helper(name);
        if (!helper) return;
        device_helpers_.insert(name);
        kernel_.specific_features = kernel_.specific_features || helper->specific_features;
    }

    std::string add_map(const TensorMapPlan& plan) {
        need_helper("TensorMap");
        const auto place =
            static_cast<std::size_t>(std::find(function_.parameters.begin(), function_.parameters.end(), plan.buffer) -
                                     function_.parameters.begin());
        kernel_.tensor_maps.push_back(parameter_of(
            plan, strides_of(plan.buffer, place < strides_.size() ? strides_[place] : std::vector<std::int64_t>{})));
        return maps_[key_of(plan)] = text_.unique(plan.name);
    }

    void emit_check(const Check& check) {
        const std::size_t count = std::min<std::size_t>(check.values.size(), std::size(KernelReports{}.values));
        braces("if (!(" + text_.value(check.condition) + "))", [&] {
            // The first to come reports; the others return.
            braces(
                "if (atomicCAS(reinterpret_cast<unsigned long long*>(&" + reports_ + "->failed_check), ~0ull, " +
                    std::to_string(first_message_ + source_.messages.size()) + "ull) == ~0ull)",
                [&] {
                    for (std::size_t i = 0; i < count; ++i)
                        line(reports_ + "->values[" + std::to_string(i) + "] = " + text_.value(check.values[i]) + ";");
                });
            line("return;");
        });
        source_.messages.push_back({check.message, static_cast<int>(count)});
    }

    const Function& function_;
    const std::vector<std::vector<std::int64_t>>& strides_;
    const std::size_t first_message_;
    const bool aligned_;  ///< buffers lie at multiples of 16 bytes
    CudaSource source_;
    CudaText text_;
    CudaKernel kernel_;
    std::string output_, reports_;
    std::map<const Store*, std::string> stored_lanes_;  ///< writes that go to a pack, which is stored later
    std::set<std::string> device_helpers_;
    std::map<std::string, std::string> maps_;  ///< names of the kernel's tensor maps
    std::set<const TensorNode*> undeclared_;   ///< variables whose declaration waits for their first value
    int indent_ = 1, cluster_axis_ = 0;
};

}  // namespace

CudaSource emit_cuda(const Function& function, const std::vector<std::string>& headline,
                     const std::vector<std::vector<std::int64_t>>& strides, int first_message, bool aligned) {
    CudaSource source = CudaEmitter(function, strides, static_cast<std::size_t>(first_message), aligned).run(headline);
    // The bound on threads is known once a kernel's loops are.
    for (const CudaKernel& kernel : source.kernels) {
        std::int64_t threads = 1;
        for (const Expr& extent : kernel.block) {
            const auto* constant = extent.as<IntImm>();
            if (!constant) throw UserError(kernel.name + ": the number of threads of a block must be constant");
            threads *= constant->value;
        }
        const std::string mark = "@threads@";
        source.text.replace(source.text.find(mark), mark.size(), std::to_string(threads));
    }
    return source;
}

}  // namespace heddle

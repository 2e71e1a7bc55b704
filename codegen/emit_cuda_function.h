// codegen/emit_cuda_function.h -- one lowered function as CUDA text.
//
// emit_cuda.cpp             its kernels and their parameters
// emit_cuda_statements.cpp  stores, checks, names of values
// emit_cuda_loops.cpp       loops: over blocks, threads, lanes, iterations
// emit_cuda_names.cpp       names of what loops compute again and again
// emit_cuda_memory.cpp      variables, tiles in shared memory, calls that move elements
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "codegen/emit_cuda.h"
#include "codegen/emit_cuda_text.h"
#include "codegen/emit_cuda_vectors.h"
#include "codegen/stmt.h"

namespace heddle {

class CudaEmitter {
public:
    CudaEmitter(const Function& function, const std::vector<std::vector<std::int64_t>>& strides,
                std::size_t first_message, bool aligned)
        : function_(function), strides_(strides), first_message_(first_message), aligned_(aligned) {}

    CudaSource run(const std::vector<std::string>& headline);

private:
    using Statements = std::function<void()>;  ///< emits some
    using Constants = std::vector<std::pair<std::string, std::string>>;

    // Kernels.
    std::string kernel(const Stmt& body, const std::string& name);
    std::string signature(const Stmt& body);
    static std::vector<Expr> strides_of(const AnyTensor& tensor, const std::vector<std::int64_t>& given);
    std::string add_map(const TensorMapPlan& plan);

    // Statements.
    void line(const std::string& text);
    void braces(const std::string& head, const Statements& body);
    void emit(const Stmt& s);
    void emit_store(const Store& store);
    void emit_atomic(const Store& store);
    void emit_let(const Let& let);
    void emit_check(const Check& check);
    std::string converted(const Expr& value, const AnyTensor& to);
    bool copies_bits(const Store& store) const;

    // Loops.
    /// The axis of the grid for the blocks of clusters: the first that no loop is bound to.
    static int free_axis(const Stmt& body);
    void emit_loop(const For& loop);
    void emit_vectors(const For& loop, const std::string& name, const VectorLoop& vectors);
    bool emit_filled(const For& loop, const std::string& name, const VectorLoop& vectors);
    void emit_lanes(const For& loop, const std::string& name, const VectorLoop& vectors);
    bool emit_extremum(const For& loop, const Stmt& body);
    bool fills_pack(const Store& store, const For& loop) const;

    // Names.
    void declared(Constants constants, const For& loop, const Statements& body);
    void name_quotients(const For& loop, Constants& constants);
    bool nameable(const Expr& e) const;

    // Memory.
    void emit_allocate(const Allocate& allocate);
    std::string declaration_of(const AnyTensor& variable);
    std::string dynamic_memory(std::int64_t bytes, std::int64_t unit);
    void emit_shared(const Allocate& allocate);
    void emit_call(const Call& call);
    std::int64_t elements_of_copy(const Call& call) const;
    bool copies_packs(const Call& call);
    void emit_elementwise(const Call& call);
    void need_helper(const std::string& name);

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
    std::int64_t static_shared_bytes_ = 0;  ///< of the kernel's declarations
};

}  // namespace heddle

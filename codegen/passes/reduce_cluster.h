// codegen/passes/reduce_cluster.h -- a reduction across the blocks of a cluster, through their shared memory.
#pragma once

#include <array>
#include <cstdint>

#include "codegen/stmt.h"

namespace heddle {

/// Parts that blocks hold, all threads along the `combined` axes the same.
struct ClusterReduction {
    Reduce reduce;  ///< places, operator, threads of the block
    std::int64_t blocks = 1;
    std::array<bool, 3> combined{};
};

/// Every thread of the cluster holds the whole after. The order is that of the blocks; an earlier block's part is a
/// tuple's left operand.
///     barrier of the cluster: all blocks run, parts of an iteration before have been read
///     each block writes its part to every block's shared memory
///     barrier of the cluster
///     each thread combines the parts in order
Stmt reduce_cluster(const ClusterReduction& reduction);

}  // namespace heddle

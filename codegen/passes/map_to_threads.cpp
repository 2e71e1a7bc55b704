// codegen/passes/map_to_threads.cpp -- the work of a block is divided over its threads.
#include "codegen/passes/map_to_threads.h"

#include "codegen/block/block_lowering.h"

namespace heddle {

Stmt map_to_threads(const Stmt& body, const Target& target) {
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* team = s.as<Team>();
        return team ? BlockLowering(*team, target).run() : s;
    };
    return mutate(body, mutator);
}

}  // namespace heddle

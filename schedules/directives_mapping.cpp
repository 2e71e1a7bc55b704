// schedules/directives_mapping.cpp -- work, bind, specialize_warps, occupancy: how CUDA blocks, threads and warps take
// the loops.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"

namespace heddle::directives {
namespace {

void require_cuda(const LoopNest& nest, const std::string& instead) {
    if (nest.target.kind == TargetKind::host)
        refuse(fmt::format("the target is {}; on the host {}", nest.target.text(), instead));
}

constexpr LoopKind bound_kinds[] = {LoopKind::block_x,  LoopKind::block_y,   LoopKind::block_z,
                                    LoopKind::thread_x, LoopKind::thread_y,  LoopKind::thread_z,
                                    LoopKind::warp,     LoopKind::warpgroup, LoopKind::cluster};

// The most iterations that an axis takes; a grid's y and z are 16 bits wide.
std::int64_t most_of(LoopKind kind) {
    switch (kind) {
        case LoopKind::block_x:
            return (std::int64_t{1} << 31) - 1;
        case LoopKind::block_y:
        case LoopKind::block_z:
            return 65535;
        case LoopKind::thread_z:
            return 64;
        case LoopKind::warp:
            return 32;
        case LoopKind::warpgroup:
            return 8;
        case LoopKind::cluster:
            return most_cluster_blocks;
        default:
            return 1024;
    }
}

// "2x128": two groups of 128 threads; "1": one warp.
Role parse_role(const Argument& argument) {
    Role role;
    role.name = argument.key;
    if (const auto* warps = std::get_if<std::int64_t>(&argument.value)) {
        role.count = 1;
        role.threads = static_cast<int>(std::clamp<std::int64_t>(*warps, 0, 64)) * 32;
    } else if (const auto* word = std::get_if<std::string>(&argument.value)) {
        const char* end = word->data() + word->size();
        const auto first = std::from_chars(word->data(), end, role.count);
        const bool crossed = first.ec == std::errc() && first.ptr != end && *first.ptr == 'x';
        const auto second = std::from_chars(first.ptr + (crossed ? 1 : 0), end, role.threads);
        if (!crossed || second.ec != std::errc() || second.ptr != end)
            refuse(fmt::format("{}={}: a number of warps, or groups x threads as in 2x128", role.name, *word));
    }
    if (role.count < 1 || role.threads < 32 || role.threads % 32 != 0 || role.count * std::int64_t{role.threads} > 1024)
        refuse(fmt::format("{}: {} x {} threads; a role has whole warps of 32, and at most 1024 threads", role.name,
                           role.count, role.threads));
    return role;
}

}  // namespace

void work(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "work", {"kind", "loops", "classes", "swizzle"}, 2);
    require_cuda(nest, "parallel(loop) spreads a loop over threads");
    constexpr Work::Kind kinds[] = {Work::Kind::grid, Work::Kind::persistent, Work::Kind::stream_k};
    Work work;
    work.kind = kinds[choose(arguments.word("kind"), {"grid", "persistent", "stream_k"}, "decomposition of work")];
    int reduced = 0;
    for (const std::string& name : arguments.words("loops")) {
        const Loop& loop = loop_named(stage, name);
        if (loop.kind != LoopKind::serial) refuse(fmt::format("{} is {} already", name, name_of(loop.kind)));
        if (loop.reduced && work.kind != Work::Kind::stream_k)
            refuse(
                fmt::format("{} is reduced: blocks would race for the same elements; stream_k divides a reduced loop, "
                            "with a fix-up after it",
                            name));
        reduced += loop.reduced ? 1 : 0;
        if (stage.position(loop.var) != static_cast<int>(work.loops.size()))
            refuse(fmt::format("{} must be loop {} of {}; its loops are {}: reorder them first", name,
                               work.loops.size() + 1, stage.stage.name(), loop_names(stage)));
        work.loops.push_back(loop.var);
    }
    if (work.loops.empty()) refuse("no loops are named");
    if (work.kind == Work::Kind::stream_k && reduced != 1)
        refuse(fmt::format("stream_k divides one reduced loop, named last; {} are named", reduced));
    if (work.kind == Work::Kind::stream_k && !stage.find(work.loops.back())->reduced)
        refuse("stream_k divides the loop named last, which must be the reduced one");
    const std::int64_t classes = arguments.integer("classes", 1), swizzle = arguments.integer("swizzle", 0);
    if (classes < 1 || classes > 4096) refuse(fmt::format("classes must lie in 1 to 4096, not {}", classes));
    if (swizzle < 0 || swizzle > 64) refuse(fmt::format("swizzle must lie in 0 to 64, not {}", swizzle));
    if (classes > 1) work.classes = Expr::integer(classes);
    work.swizzle = static_cast<int>(swizzle);
    stage.work = std::move(work);
}

void bind(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "bind", {"loop", "axis"}, 2);
    require_cuda(nest, "parallel(loop) spreads a loop over threads");
    Loop& loop = loop_named(stage, arguments.word("loop"));
    std::vector<std::string> names;
    for (const LoopKind kind : bound_kinds) names.emplace_back(name_of(kind));
    const LoopKind kind = bound_kinds[choose(arguments.word("axis"), names, "axis")];
    if (loop.kind != LoopKind::serial) refuse(fmt::format("{} is {} already", loop.name(), name_of(loop.kind)));
    if (loop.reduced && !stage.atomic && is_block(kind))
        refuse(
            fmt::format("{} is reduced: blocks would race for the same elements of {}; work(stream_k, ...) or "
                        "split_reduction divide it",
                        loop.name(), stage.stage.targets[0].name()));
    if (kind == LoopKind::cluster && nest.target.compute_capability < 90)
        refuse(fmt::format("clusters are of compute capability 90 or more; the target is {}", nest.target.text()));
    for (const Loop& other : stage.loops)
        if (other.kind == kind)
            refuse(fmt::format("{} is bound to {} already: fuse the two loops first", other.name(), name_of(kind)));
    const std::optional<std::int64_t> extent = static_extent(loop);
    if (!is_block(kind) && !extent) needed_extent(loop, fmt::format("bind to {}", name_of(kind)));
    if (extent && *extent > most_of(kind))
        refuse(fmt::format("{} has {} iterations and {} takes at most {}", loop.name(), *extent, name_of(kind),
                           most_of(kind)));
    loop.kind = kind;
}

void specialize_warps(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    require_cuda(nest, "threads have one role");
    if (nest.target.compute_capability < 90)
        refuse(fmt::format("it needs mbarriers that count bytes, of compute capability 90 or more; the target is {}",
                           nest.target.text()));
    std::vector<Role> roles;
    std::vector<std::int64_t> registers;
    for (const Argument& argument : given) {
        if (argument.key.empty()) refuse("each role has a name, as in producer=1, consumer=2x128");
        if (argument.key == "registers")
            registers = Arguments({argument}, "specialize_warps", {"registers"}, 1).integers("registers");
        else
            roles.push_back(parse_role(argument));
    }
    if (roles.size() < 2)
        refuse(fmt::format("{} roles; there must be two, as in producer=1, consumer=2x128", roles.size()));
    std::int64_t threads = 0;
    for (const Role& role : roles) threads += std::int64_t{role.count} * role.threads;
    if (threads > 1024) refuse(fmt::format("{} threads in all, and a block has at most 1024", threads));
    if (!registers.empty() && registers.size() != roles.size())
        refuse(fmt::format("{} numbers of registers for {} roles", registers.size(), roles.size()));
    for (std::size_t i = 0; i < registers.size(); ++i) {
        if (registers[i] < 24 || registers[i] > 256 || registers[i] % 8 != 0)
            refuse(fmt::format("{} registers for {}: a multiple of 8 in 24 to 256", registers[i], roles[i].name));
        roles[i].registers = static_cast<int>(registers[i]);
    }
    stage.roles = std::move(roles);
}

void occupancy(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "occupancy", {"blocks"}, 1);
    require_cuda(nest, "the processor renames registers by itself");
    const std::int64_t blocks = arguments.integer("blocks");
    if (blocks < 1 || blocks > most_resident_blocks)
        refuse(fmt::format("a multiprocessor holds 1 to {} blocks, not {}", most_resident_blocks, blocks));
    stage.occupancy = static_cast<int>(blocks);
}

}  // namespace heddle::directives

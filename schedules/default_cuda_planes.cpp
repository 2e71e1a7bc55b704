// schedules/default_cuda_planes.cpp -- CUDA schedules of stencils over planes that vectors do not divide: whole planes
// by bulk copies.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <tuple>

#include "runtime/cuda_limits.h"
#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"

namespace heddle {
namespace {

// Several blocks share a multiprocessor, so that copies of one overlap with what others compute.
constexpr std::int64_t most_shared = 72 * 1024, fewest_threads = 64, most_threads = 512, unit = 16;
constexpr std::int64_t most_taps = 64, most_held = 96;

// Outputs of a thread, down and across, at most.
struct Tile {
    std::int64_t outputs[2];
};

struct Planes {
    DefinitionFacts facts;
    std::vector<Symbol> outer;      ///< free variables around the planes, the outermost first
    Symbol each;                    ///< which plane: the next further out
    std::vector<Symbol> plane;      ///< one or two innermost variables of the output
    std::vector<AnyTensor> copied;  ///< read by planes
    std::vector<std::int64_t> bytes_of_plane;

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    const std::string& name(const Symbol& s) const { return facts.of(s).name; }
    bool in_plane(const Symbol& s) const { return std::count(plane.begin(), plane.end(), s) > 0; }
};

// Elements of the trailing dimensions, those from `first` on; nothing where one has a run-time size.
std::optional<std::int64_t> elements_from(const AnyTensor& tensor, int first) {
    std::int64_t elements = 1;
    for (int d = first; d < tensor.rank(); ++d) {
        const auto* extent = tensor.shape()[d].expr().as<IntImm>();
        if (!extent) return {};
        elements *= extent->value;
    }
    return elements;
}

// A read at bare variables, the last of them `each`, and then at indices of the plane alone: the number of the former.
std::optional<int> dimensions_before_plane(const Planes& p, const ReadFacts& read) {
    const auto bare = [&](int d) -> std::optional<Symbol> {
        const auto& index = read.indices[static_cast<std::size_t>(d)];
        if (!index || index->constant != 0 || index->terms.size() != 1) return {};
        const auto& [symbol, factor] = *index->terms.begin();
        return factor == 1 && !p.in_plane(symbol) ? std::optional(symbol) : std::nullopt;
    };
    int first = 0;
    while (first < read.tensor.rank() && bare(first)) ++first;
    if (first == 0 || first == read.tensor.rank() || *bare(first - 1) != p.each) return {};
    for (int d = first; d < read.tensor.rank(); ++d)
        for (const Symbol& symbol : read.symbols[static_cast<std::size_t>(d)])
            if (!p.in_plane(symbol) && !p.facts.of(symbol).reduced) return {};
    return first;
}

// Planes of single bytes (places of maxima) make whole units only many at a time: beside others they are read where
// they are.
void leave_bytes_out(Planes& p) {
    const auto wide = [](const AnyTensor& tensor) { return bytes_of(tensor.type()) > 1; };
    if (std::none_of(p.copied.begin(), p.copied.end(), wide)) return;
    for (std::size_t i = p.copied.size(); i-- > 0;) {
        if (wide(p.copied[i])) continue;
        p.copied.erase(p.copied.begin() + static_cast<std::ptrdiff_t>(i));
        p.bytes_of_plane.erase(p.bytes_of_plane.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

// One tensor goes out by planes, too.
bool writes_planes(const Definition& definition) { return definition.right.size() == 1; }

std::optional<Planes> analyse(const Definition& definition) {
    Planes p;
    p.facts = facts_of(definition);
    const std::vector<Symbol> free = p.facts.free_variables();
    for (const VariableFacts& v : p.facts.variables)
        if (!v.is_static || v.extent < 1) return {};
    if (free.size() < 3 || p.facts.data_dependent) return {};
    p.plane = {free[free.size() - 2], free.back()};
    p.each = free[free.size() - 3];
    p.outer.assign(free.begin(), free.end() - 3);
    if (!p.facts.of(p.plane[1]).contiguous) return {};
    std::int64_t taps = 1;
    for (const Symbol& s : p.facts.reduced_variables()) taps *= p.extent(s);
    if (taps < 2 || taps > most_taps) return {};
    for (const ReadFacts& read : p.facts.reads) {
        if (!read.uses(p.plane[0]) && !read.uses(p.plane[1])) continue;  // weights, biases
        for (std::size_t d = 0; d < read.may_leave.size(); ++d) {
            const BoundaryMode mode = read.boundary.mode;
            if (read.may_leave[d] && mode != BoundaryMode::zero && mode != BoundaryMode::skip &&
                mode != BoundaryMode::constant)
                return {};
        }
        const std::optional<int> first = dimensions_before_plane(p, read);
        const std::optional<std::int64_t> elements = first ? elements_from(read.tensor, *first) : std::nullopt;
        if (!elements) return {};
        if (std::count(p.copied.begin(), p.copied.end(), read.tensor)) continue;
        p.copied.push_back(read.tensor);
        p.bytes_of_plane.push_back(*elements * bytes_of(read.tensor.type()));
    }
    if (p.copied.empty()) return {};
    leave_bytes_out(p);
    if (!writes_planes(definition)) return p;
    const AnyTensor output = definition.target(0);
    p.bytes_of_plane.push_back(p.extent(p.plane[0]) * p.extent(p.plane[1]) * bytes_of(output.type()));
    return p;
}

// Whether windows of neighbouring outputs overlap, lie apart, or are found by a division: what reads of planes are
// like.
enum class Reach { overlapping, apart, divided };

Reach reach_of(const Planes& p) {
    Reach reach = Reach::overlapping;
    for (const ReadFacts& read : p.facts.reads) {
        if (!std::count(p.copied.begin(), p.copied.end(), read.tensor)) continue;
        for (const auto& index : read.indices) {
            if (!index) return Reach::divided;
            for (const Symbol& s : p.plane)
                if (std::abs(index->coefficient(s)) > 1) reach = Reach::apart;
        }
    }
    return reach;
}

// The first that gives few enough threads is taken. A gradient's outputs are taken by whole strides, so that it is
// known which taps each of them has.
std::vector<Tile> tiles_for(Reach reach) {
    switch (reach) {
        case Reach::overlapping:
            return {{{5, 7}}, {{7, 7}}};
        case Reach::apart:
            return {{{9, 3}}, {{4, 4}}};
        case Reach::divided:
            return {{{4, 4}}, {{8, 4}}, {{8, 8}}};
    }
    return {};
}

// Of an extent, in as few tiles as that length allows, all about as long.
std::int64_t even_tile(std::int64_t extent, std::int64_t longest) {
    const std::int64_t tiles = (extent + longest - 1) / longest;
    return (extent + tiles - 1) / tiles;
}

// As few planes as make whole units and a block's worth of threads; 0: none do.
std::int64_t planes_of_block(const Planes& p, std::int64_t tiles) {
    const std::int64_t planes = p.extent(p.each);
    for (std::int64_t count = 1; count <= std::min<std::int64_t>(planes, 64); ++count) {
        if (planes % count != 0) continue;
        std::int64_t bytes = 0;
        bool whole = true;
        for (const std::int64_t plane : p.bytes_of_plane) {
            whole = whole && count * plane % unit == 0;
            bytes += count * plane;
        }
        if (bytes > most_shared || count * tiles > most_threads) return 0;
        if (whole && count * tiles >= fewest_threads) return count;
    }
    return 0;
}

// What a thread reads of a tensor can stay in registers: one read, at sums of variables.
bool fits_registers(const Planes& p, const AnyTensor& tensor, const std::int64_t (&outputs)[2]) {
    std::int64_t elements = 1;
    int times = 0;
    for (const ReadFacts& read : p.facts.reads) {
        if (!(read.tensor == tensor)) continue;
        ++times;
        for (const auto& index : read.indices) {
            if (!index) return false;
            std::int64_t span = 1;
            for (const auto& [symbol, factor] : index->terms) {
                std::int64_t extent = p.facts.of(symbol).reduced ? p.extent(symbol) : 1;
                for (int i = 0; i < 2; ++i)
                    if (symbol == p.plane[i]) extent = outputs[i];
                span += std::abs(factor) * (extent - 1);
            }
            elements *= span;
        }
    }
    return times == 1 && elements <= most_held;
}

}  // namespace

bool planes_cuda_stage(const StageNest& stage, const Target& target, PlaneChoice& choice, Schedule& schedule) {
    const Definition& definition = *stage.stage.definition;
    if (target.compute_capability < 90 || !has_bare_left(definition) || definition.op == UpdateOp::assign) return false;
    const std::optional<Planes> found = analyse(definition);
    if (!found) return false;
    const Planes& p = *found;
    // Vectors of 16 bytes along the rows of input and output do as well.
    bool vectors = true;
    for (const ReadFacts& read : p.facts.reads)
        if (std::count(p.copied.begin(), p.copied.end(), read.tensor)) {
            const std::int64_t row = *elements_from(read.tensor, read.tensor.rank() - 1);
            vectors = vectors && row * bytes_of(read.tensor.type()) % unit == 0;
        }
    if (vectors && p.extent(p.plane[1]) * bytes_of(definition.target(0).type()) % unit == 0) return false;

    const Reach reach = reach_of(p);
    std::int64_t count = 0, tiles[2] = {}, outputs[2] = {};
    std::vector<Tile> offered = tiles_for(reach);
    if (choice.outputs[0] > 0) offered = {{{choice.outputs[0], choice.outputs[1]}}};
    for (const Tile& tile : offered) {
        for (int i = 0; i < 2; ++i) {
            const std::int64_t extent = p.extent(p.plane[i]);
            outputs[i] =
                reach == Reach::divided ? std::min(extent, tile.outputs[i]) : even_tile(extent, tile.outputs[i]);
            tiles[i] = (extent + outputs[i] - 1) / outputs[i];
        }
        count = planes_of_block(p, tiles[0] * tiles[1]);
        if (count > 0) break;
    }
    if (count == 0) return false;
    choice = {{outputs[0], outputs[1]}};

    schedule.stage(stage.stage.name());
    NestWriter writer(schedule, p.facts);
    LoopNames blocks, window, inner, order, threads;
    for (const Symbol& s : p.outer) blocks.push_back(p.name(s));
    for (const Symbol& s : p.facts.reduced_variables()) window.push_back(p.name(s));
    std::string plane;
    if (count == p.extent(p.each) && !blocks.empty()) {
        plane = p.name(p.each);
    } else {
        const auto [groups, one] = writer.split(p.name(p.each), count);
        blocks.push_back(groups);
        plane = one;
    }
    for (int i = 0; i < 2; ++i) {
        std::string many = p.name(p.plane[i]), few = many;
        if (tiles[i] > 1 && outputs[i] > 1) std::tie(many, few) = writer.split(many, outputs[i]);
        if (tiles[i] > 1) threads.push_back(many);
        if (tiles[i] == 1 || outputs[i] > 1) inner.push_back(few);
    }
    order = blocks;
    order.push_back(plane);
    order.insert(order.end(), threads.begin(), threads.end());
    order.insert(order.end(), window.begin(), window.end());
    order.insert(order.end(), inner.begin(), inner.end());
    writer.reorder(order);
    const std::string block = writer.fuse(blocks);
    const auto bind = [&](const std::string& loop, const char* axis) {
        schedule.add("bind", {{"", loop}, {"", std::string(axis)}});
    };
    bind(block, "block_x");
    bind(plane, "thread_z");
    const char* axes[] = {"thread_y", "thread_x"};
    for (std::size_t i = 0; i < threads.size(); ++i) bind(threads[i], axes[i]);
    const std::string thread = threads.empty() ? plane : threads.back();
    for (const AnyTensor& tensor : p.copied) {
        schedule.cache_in(tensor, "shared", block, "flat_span");
        if (fits_registers(p, tensor, outputs)) schedule.cache_in(tensor, "registers", thread);
    }
    if (writes_planes(definition))
        schedule.add("cache_out",
                     {{"", definition.target(0).name()}, {"", std::string("shared")}, {"atom", std::string("bulk")}});
    for (const std::string& loop : window) schedule.unroll(loop);
    for (const std::string& loop : inner) &loop == &inner.back() ? schedule.vectorize(loop) : schedule.unroll(loop);
    return true;
}

CudaForms planes_cuda_forms(const StageNest& stage, const Target& target, bool all) {
    CudaForms forms;
    const auto add = [&](PlaneChoice choice, bool by_default) {
        Schedule written;
        if (!planes_cuda_stage(stage, target, choice, written)) return;
        CudaForm form;
        form.choices = {{"outputs near", std::to_string(choice.outputs[1])},
                        {"outputs far", std::to_string(choice.outputs[0])}};
        if (std::any_of(forms.begin(), forms.end(), [&](const CudaForm& each) { return each.choices == form.choices; }))
            return;
        form.write = [&stage, target, choice](Schedule& schedule) {
            PlaneChoice again = choice;
            planes_cuda_stage(stage, target, again, schedule);
        };
        form.by_default = by_default;
        forms.push_back(std::move(form));
    };
    add({}, true);
    if (!all || forms.empty()) return forms;
    for (const std::int64_t down : {1, 2, 3, 4, 5, 7, 8, 9})
        for (const std::int64_t across : {1, 2, 3, 4, 5, 7, 8})
            if (down * across <= 40) add({{down, across}}, false);
    return forms;
}

}  // namespace heddle

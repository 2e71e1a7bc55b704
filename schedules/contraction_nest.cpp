// schedules/contraction_nest.cpp -- the nest of each choice of a contraction.
//
//     parallel image loops (n, p) | filter tile (k.o) | image tile (q.o)     the accumulator tile lives in the last one
//         reductions (r, s, c), by descending stride in the image, the innermost unrolled
//             rows (q.i, unrolled) x vectors (k.i.o unrolled, k.i.i vectorized)
//
// "by blocks" (weight gradients) moves all reductions but the innermost outside of the tile loops: the accumulators
// return to memory between blocks, so that what a block reads stays in the cache.
#include "schedules/contraction_nest.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "schedules/nest_writer.h"

namespace heddle {
namespace {

bool contains(const std::vector<Symbol>& symbols, const Symbol& symbol) {
    return std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
}

/// The loops that a choice leaves, before fusing.
class Nest {
public:
    Nest(const Contraction& c, const Choices& choice, Schedule& schedule)
        : c_(c), choice_(choice), writer_(schedule, c.written), threads_(c.threads) {
        for (const LanePlan& plan : c.plans)
            if (choice.is("lanes", plan.name)) plan_ = &plan;
        require(plan_ != nullptr, "a candidate names one of the lane plans");
    }

    void write() {
        split_classes();
        split_tile();
        order_loops();
        write_parallel();
        Schedule& s = writer_.schedule();
        for (const std::string& loop : unrolled_) s.unroll(loop);
        s.vectorize(vector_);
        if (choice_.number("unroll", 1) > 1) s.unroll(innermost_, choice_.number("unroll", 1));
        for (const Symbol& r : rolled_) {
            if (clippable(r))
                s.clip(rolled_name(r));
            else if (slides_inside(r) && choice_.is("partition", "on"))
                s.partition(blocks_.count(r) ? blocks_.at(r) : rolled_name(r));
        }
        for (const std::string& loop : partitioned_) s.partition(loop);
        s.accumulate_in("registers", outer_.back());
        write_packs();
        if (choice_.is("streaming stores", "on")) s.add("streaming_stores", {});
        if (const char* atom = multiply_atom()) s.tensorize(atom);
    }

private:
    std::string name(const Symbol& s) const { return c_.facts.of(s).name; }
    std::string note(const std::string& loop, const Symbol& s) {
        pieces_[loop].insert(s);
        return loop;
    }

    bool packs_image() const { return plan_->pack_image || choice_.is("pack image", "on"); }

    void split_classes() {
        for (const ClassSplit& split : c_.classes.splits) {
            const auto [quotient, residue] = writer_.split(c_.written.of(split.variable).name, split.classes);
            class_loops_[note(residue, split.quotient)] = split.variable;
        }
    }

    /// Splits a tile's variable into `count` unrolled elements or vectors; returns the outer loop.
    std::string split_side(const Symbol& s, int count, const ReadFacts& read) {
        if (!s.defined()) return "";
        const bool lane = s == plan_->lane;
        std::string loop = name(s);
        std::int64_t extent = c_.extent(s);
        if (s == shared_out_) {
            extent /= threads_;
            auto [chunks, chunk] = writer_.split(loop, extent);
            chunks_ = note(chunks, s);
            loop = chunk;
        }
        if (!lane && count == 1) return note(loop, s);
        const std::int64_t size = static_cast<std::int64_t>(count) * (lane ? c_.lanes : 1);
        auto [outer, inner] = writer_.split(loop, size);
        if (lane && count > 1) {
            auto [vectors, lanes] = writer_.split(inner, c_.lanes);
            unrolled_.push_back(note(vectors, s));
            vector_ = note(lanes, s);
        } else if (lane) {
            vector_ = note(inner, s);
        } else {
            unrolled_.push_back(note(inner, s));
        }
        const bool whole = c_.facts.of(s).is_static && extent % size == 0;
        const bool needed = (read.leaves_along(s) && !covers_window(c_, s, size)) || (!whole && extent > size);
        if (needed && choice_.is("partition", "on")) partitioned_.push_back(outer);
        return note(outer, s);
    }

    void split_tile() {
        const RegisterTile tile = RegisterTile::parse(choice_.text("register tile"));
        const bool rows_in_filter = !plan_->reduced && plan_->lane == plan_->image;
        const int images = rows_in_filter ? tile.columns : tile.rows;
        const int filters = rows_in_filter ? tile.rows : tile.columns;
        if (choice_.is("accumulate", "by blocks")) {
            const bool by_filter = shares_out(c_, *plan_, plan_->filter, filters),
                       by_image = shares_out(c_, *plan_, plan_->image, images);
            // Columns are whole in each chunk, rows may not be.
            if (by_image && (rows_in_filter || !by_filter))
                shared_out_ = plan_->image;
            else if (by_filter)
                shared_out_ = plan_->filter;
        }
        std::vector<std::string> columns;
        image_outer_ = split_side(plan_->image, images, c_.image());
        if (rows_in_filter) columns = std::exchange(unrolled_, {});
        filter_outer_ = split_side(plan_->filter, filters, c_.filter());
        unrolled_.insert(unrolled_.end(), columns.begin(), columns.end());
    }

    void order_loops() {
        rolled_ = reductions(c_, choice_.text("reductions", "by address"));
        std::vector<std::string> reduced;
        for (const Symbol& r : rolled_)
            if (r != plan_->lane) reduced.push_back(note(name(r), r));
        if (plan_->reduced) {
            auto [outer, inner] = writer_.split(name(plan_->lane), c_.lanes);
            reduced.push_back(note(outer, plan_->lane));
            vector_ = note(inner, plan_->lane);
            const bool whole = c_.facts.of(plan_->lane).is_static && c_.extent(plan_->lane) % c_.lanes == 0;
            const bool edges = c_.image().leaves_along(plan_->lane) || c_.filter().leaves_along(plan_->lane);
            if ((!whole || edges) && choice_.is("partition", "on")) partitioned_.push_back(outer);
            rolled_.erase(std::find(rolled_.begin(), rolled_.end(), plan_->lane));
        }
        outer_ = outer_loops();
        if (choice_.is("accumulate", "by blocks")) {
            reduced = split_blocks(reduced);
        }
        innermost_ = reduced.back();
        LoopNames order = outer_;
        order.insert(order.end(), reduced.begin(), reduced.end());
        order.insert(order.end(), unrolled_.begin(), unrolled_.end());
        order.push_back(vector_);
        writer_.reorder(order);
        order_ = order;
        if (choice_.is("taps", "flat")) join_taps(reduced);
    }

    /// Moves the reductions but the last outside of the tile loops, the last of those in blocks; returns the inner
    /// ones.
    LoopNames split_blocks(LoopNames reduced) {
        const std::string last = reduced.back();
        reduced.pop_back();
        LoopNames inner = {last};
        if (const int block = choice_.number("block", 1); block > 1) {
            const Symbol s = *pieces_.at(reduced.back()).begin();
            const auto [blocks, steps] = writer_.split(reduced.back(), block);
            reduced.back() = note(blocks, s);
            blocks_[s] = blocks;
            rolled_names_[s] = note(steps, s);
            inner.insert(inner.begin(), steps);
        }
        outer_.insert(outer_.begin() + 1, reduced.begin(), reduced.end());
        return inner;
    }
    std::string rolled_name(const Symbol& r) const {
        const auto found = rolled_names_.find(r);
        return found == rolled_names_.end() ? name(r) : found->second;
    }

    /// One loop for the two innermost reductions.
    void join_taps(const LoopNames& reduced) {
        const LoopNames pair(reduced.end() - 2, reduced.end());
        innermost_ = writer_.fuse(pair);
        pieces_[innermost_] = pieces_[pair[0]];
        pieces_[innermost_].insert(pieces_[pair[1]].begin(), pieces_[pair[1]].end());
        const auto place = std::find(order_.begin(), order_.end(), pair[0]);
        *place = innermost_;
        order_.erase(place + 1);
        rolled_.resize(rolled_.size() - 2);
    }

    LoopNames outer_loops() {
        LoopNames images, filters, batch;
        for (const Symbol& s : c_.image_free)
            if (s != plan_->image) images.push_back(note(name(s), s));
        for (const Symbol& s : c_.filter_free)
            if (s != plan_->filter) filters.push_back(note(name(s), s));
        for (const auto& [loop, variable] : class_loops_) batch.push_back(loop);
        for (const Symbol& s : c_.batch) batch.push_back(note(name(s), s));
        if (!filter_outer_.empty()) filters.insert(filters.begin(), filter_outer_);
        LoopNames result;
        const auto append = [&](const LoopNames& part) { result.insert(result.end(), part.begin(), part.end()); };
        const auto append_image_tile = [&] {
            if (!image_outer_.empty()) result.push_back(image_outer_);
        };
        parallel_count_ = 1;
        if (choice_.is("accumulate", "by blocks")) {
            append(batch);
            append(images);
            append_image_tile();
            append(filters);
            if (!chunks_.empty())
                result.insert(result.begin(), chunks_);
            else
                std::stable_sort(result.begin(), result.end(),
                                 [&](const auto& a, const auto& b) { return trips(a) > trips(b); });
        } else if (choice_.is("order", "filter outside")) {
            append(filters);
            append(batch);
            append(images);
            append_image_tile();
        } else if (choice_.is("order", "filter per image") && !images.empty()) {
            append({images[0]});
            append(batch);
            append(filters);
            append({images.begin() + 1, images.end()});
            append_image_tile();
        } else if (images.empty()) {
            append(batch);
            append_image_tile();
            append(filters);
        } else {
            const auto even = std::find_if(images.begin(), images.end(), [&](const std::string& loop) {
                return trips(loop) % threads_ == 0 || trips(loop) >= 8 * threads_;
            });
            if (choice_.is("parallel", "one loop") && even != images.end())
                std::rotate(images.begin(), even, even + 1);
            else
                parallel_count_ = images.size();
            append(images);
            append(batch);
            append(filters);
            append_image_tile();
        }
        return result;
    }

    std::int64_t trips(const std::string& loop) const {
        const Symbol s = *pieces_.at(loop).begin();
        const std::int64_t extent = c_.extent(s);
        if (loop == name(s)) return extent;
        const RegisterTile tile = RegisterTile::parse(choice_.text("register tile"));
        const std::int64_t size = s == plan_->lane ? c_.lanes : 1;
        return extent / std::max<std::int64_t>(1, size * std::min(tile.rows, tile.columns));
    }

    void write_parallel() {
        LoopNames group;
        for (std::size_t i = 0; i < parallel_count_ && i < outer_.size(); ++i) {
            const Symbol s = *pieces_.at(outer_[i]).begin();
            const bool joins = c_.facts.of(s).is_static && !(packs_image() && c_.image().uses(s));
            if (!group.empty() && !joins) break;
            group.push_back(outer_[i]);
            if (!joins) break;
        }
        const std::string fused = writer_.parallel(group);
        if (group.size() == outer_.size()) outer_.back() = fused;
    }

    /// All that its window shares a dimension with lies outside of it, so that its valid range is known there.
    bool clippable(const Symbol& r) const {
        if (std::find(outer_.begin(), outer_.end(), rolled_name(r)) != outer_.end()) return false;
        const auto place = [&](const std::string& loop) { return std::find(order_.begin(), order_.end(), loop); };
        const auto known_outside = [&](const ReadFacts& read) {
            for (const auto& [loop, symbols] : pieces_)
                for (const Symbol& s : symbols)
                    if (s != r && read.shares_dimension(r, {s}) && place(loop) != order_.end() &&
                        place(loop) >= place(rolled_name(r)))
                        return false;
            return true;
        };
        for (std::size_t i = 0; i < c_.facts.reads.size(); ++i) {
            const ReadFacts& read = c_.facts.reads[i];
            const bool clips = read.boundary.mode == BoundaryMode::zero || read.boundary.mode == BoundaryMode::skip;
            if (clips && c_.written.reads[i].leaves_along(r) && known_outside(read)) return true;
        }
        return false;
    }

    /// A sum over an image that leaves it at the ends, with the window that slides over it inside or all around.
    bool slides_inside(const Symbol& r) const {
        const ReadFacts& image = c_.image();
        return c_.sums_over_image && c_.facts.of(r).is_static && image.leaves_along(r) &&
               image.shares_dimension(r, c_.image_free);
    }

    void write_packs() {
        const std::string wanted = choice_.text("pack", "none");
        for (const bool filter : {true, false}) {
            const bool needed = filter ? plan_->pack_filter : packs_image();
            const ReadFacts& read = filter ? c_.filter() : c_.image();
            if (!needed && !(filter && wanted != "none")) continue;
            std::vector<LoopName> order, taps;
            for (const std::string& loop : order_) {
                const std::set<Symbol>& symbols = pieces_.at(loop);
                const auto residue = class_loops_.find(loop);
                const bool used =
                    residue != class_loops_.end()
                        ? c_.written.reads[filter ? c_.filter_read : c_.image_read].uses(residue->second)
                        : std::any_of(symbols.begin(), symbols.end(), [&](const auto& s) { return read.uses(s); });
                const bool tap = contains(c_.taps, *symbols.begin()) && *symbols.begin() != plan_->lane;
                if (used) (wanted == "taps outside" && tap ? taps : order).push_back(loop);
            }
            order.insert(order.begin(), taps.begin(), taps.end());
            writer_.schedule().pack(read.tensor, order);
        }
    }

    const char* multiply_atom() const {
        const auto* product = c_.facts.definition->right[0].as<Binary>();
        const ScalarType a = c_.image().tensor.type(), b = c_.filter().tensor.type();
        if (!product || !product->a.as<Read>() || !product->b.as<Read>() || a != b || !is_float(a)) return nullptr;
        return a == f64 ? "fma_f64" : "fma";
    }

    const Contraction& c_;
    const Choices& choice_;
    NestWriter writer_;
    int threads_;
    const LanePlan* plan_ = nullptr;
    Symbol shared_out_;  ///< of a sum by blocks: the tile's variable that is cut into a chunk a thread
    std::string image_outer_, filter_outer_, vector_, innermost_, chunks_;
    LoopNames unrolled_, partitioned_, outer_, order_;
    std::size_t parallel_count_ = 1;
    std::vector<Symbol> rolled_;                      ///< reductions with a loop of their own
    std::map<Symbol, std::string> rolled_names_;      ///< where it is not the variable's
    std::map<Symbol, std::string> blocks_;            ///< loops over blocks of a reduction
    std::map<std::string, Symbol> class_loops_;       ///< loops over residue classes, and the variable they are of
    std::map<std::string, std::set<Symbol>> pieces_;  ///< the variables that a loop is made of
};

}  // namespace

std::int64_t image_stride(const Contraction& c, const Symbol& symbol) {
    const std::vector<Extent>& shape = c.image().tensor.shape();
    std::int64_t stride = 0, row = 1;
    for (int d = static_cast<int>(shape.size()) - 1; d >= 0; --d) {
        if (const auto& index = c.image().indices[d])
            stride += std::abs(index->coefficient(symbol)) * row;
        else if (contains(c.image().symbols[d], symbol))
            stride += row;
        row *= shape[d].is_static() ? std::max<std::int64_t>(1, shape[d].value()) : 64;
    }
    return stride;
}

std::vector<Symbol> reductions(const Contraction& c, const std::string& order) {
    std::vector<Symbol> result;
    const auto append = [&](const std::vector<Symbol>& part) { result.insert(result.end(), part.begin(), part.end()); };
    append(order == "channels outside" ? c.channels : c.taps);
    append(order == "channels outside" ? c.taps : c.channels);
    if (order == "by address")
        std::stable_sort(result.begin(), result.end(),
                         [&](const Symbol& a, const Symbol& b) { return image_stride(c, a) > image_stride(c, b); });
    return result;
}

void write_contraction(const Contraction& contraction, const Choices& choice, Schedule& schedule) {
    Nest(contraction, choice, schedule).write();
}

}  // namespace heddle

// tests/support/cuda_emulator/machine_barriers.cpp -- barriers of threads, and what they make known to whom.
#include <fmt/format.h>

#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {

Times& Machine::times_of(Thread& thread) {
    const std::uint32_t epoch = block_of(thread).epoch;
    if (thread.epoch != epoch) thread.times.clear();
    thread.epoch = epoch;
    return thread.times;
}

bool Machine::knows(Thread& thread, int who, std::uint32_t time) {
    return who == thread.index || test::knows(block_of(thread).known, who, time) ||
           test::knows(times_of(thread), who, time);
}

// What the thread did and knows, as it makes it known; its later accesses are not part of it.
void Machine::add_knowledge(Thread& thread, Times& into) {
    join(into, times_of(thread));
    if (threads_.size() > static_cast<std::size_t>(block_threads_)) join(into, block_of(thread).known);
    learn(into, thread.index, thread.time);
    ++thread.time;
}

void Machine::synchronize(const std::vector<int>& came, const std::vector<int>& learning) {
    Times all;
    for (const int thread : came) add_knowledge(threads_[static_cast<std::size_t>(thread)], all);
    for (const int thread : learning) join(times_of(threads_[static_cast<std::size_t>(thread)]), all);
}

void Machine::synchronize_block(EmulatedBlock& block) {
    const std::size_t first = (block.rank * block_threads_);
    for (std::size_t i = first; i < first + static_cast<std::size_t>(block_threads_); ++i) {
        Thread& thread = threads_[i];
        if (thread.epoch == block.epoch) join(block.known, thread.times);
        learn(block.known, thread.index, thread.time);
        ++thread.time;
    }
    ++block.epoch;
}

bool Machine::complete(const EmulatedBlock& block, const ThreadBarrier& barrier) const {
    return static_cast<int>(barrier.came.size()) == (barrier.expected ? barrier.expected : block.live);
}

void Machine::finish(EmulatedBlock& block, ThreadBarrier& barrier) {
    const ThreadBarrier done = std::move(barrier);
    barrier = {};
    if (static_cast<int>(done.waiting.size()) == block.live)
        synchronize_block(block);
    else
        synchronize(done.came, done.waiting);
    for (const int thread : done.waiting) wake(thread);
}

void Machine::sync_threads(int id, int count, bool waits) {
    EmulatedBlock& block = block_of(*current_);
    if (id < 0 || id > 15) throw Fault(fmt::format("there is no barrier {}: a block has 16", id));
    if (count % 32 != 0 || count < 0 || count > block_warps_ * 32)
        throw Fault(fmt::format("barrier {} is to wait for {} threads: a multiple of 32 up to the block's {}", id,
                                count, block_threads_));
    ThreadBarrier& barrier = block.barriers[id];
    if (!barrier.came.empty() && barrier.expected != count)
        throw Fault(
            fmt::format("barrier {} is to wait for {} threads, others came to it for {}", id, count, barrier.expected));
    for (const int thread : barrier.came)
        if (thread == current_->index) throw Fault(fmt::format("the thread comes to barrier {} a second time", id));
    barrier.expected = count;
    barrier.came.push_back(current_->index);
    if (waits) barrier.waiting.push_back(current_->index);
    if (complete(block, barrier)) return finish(block, barrier);
    Wait wait;
    wait.kind = Wait::threads;
    wait.id = id;
    if (waits) suspend(wait);
}

void Machine::cluster_sync() {
    at_cluster_barrier_.push_back(current_->index);
    finish_cluster_barrier();
    if (at_cluster_barrier_.empty()) return;
    Wait wait;
    wait.kind = Wait::cluster;
    suspend(wait);
}

void Machine::finish_cluster_barrier() {
    int live = 0;
    for (const Thread& thread : threads_) live += !thread.done;
    if (at_cluster_barrier_.empty() || static_cast<int>(at_cluster_barrier_.size()) < live) return;
    const std::size_t count = threads_.size() / static_cast<std::size_t>(block_threads_);
    Times all;
    for (std::size_t rank = 0; rank < count; ++rank) {
        synchronize_block(*blocks_[rank]);
        join(all, blocks_[rank]->known);
    }
    for (std::size_t rank = 0; rank < count; ++rank) blocks_[rank]->known = all;
    cluster_has_met_ = true;
    for (const int thread : at_cluster_barrier_) wake(thread);
    at_cluster_barrier_.clear();
}

void* Machine::cluster_address(const void* shared, int rank) {
    if (rank < 0 || rank >= static_cast<int>(threads_.size()) / block_threads_)
        throw Fault(fmt::format("there is no block {} in the cluster", rank));
    if (rank != current_->rank && !cluster_has_met_)
        throw Fault(
            fmt::format("shared memory of block {} of the cluster before a barrier of the cluster: the block may "
                        "not have started",
                        rank));
    return reinterpret_cast<void*>(blocks_[static_cast<std::size_t>(rank)]->shared.base() + shared_address(shared));
}

}  // namespace heddle::test

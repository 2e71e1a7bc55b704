// tests/support/cuda_emulator/machine.cpp -- blocks, their threads, and whose turn it is.
#include "tests/support/cuda_emulator/machine.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>

#include "tests/support/cuda_emulator/never_ending.h"

namespace heddle::test {
namespace {

constexpr int largest_cluster = 16;

std::uint64_t product(const unsigned (&extent)[3]) { return std::uint64_t{extent[0]} * extent[1] * extent[2]; }

}  // namespace

Machine& machine() {
    static Machine one;
    return one;
}

Machine::Machine() {
    constexpr std::size_t window = SharedMemory::window_bytes;
    void* memory = mmap(nullptr, (largest_cluster + 1) * window, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for emulated shared memory");
    windows_ = (reinterpret_cast<std::uintptr_t>(memory) + window - 1) / window * window;
}

Machine::~Machine() = default;

void Machine::run(const EmulatedLaunch& launch, const ShimKernel& kernel, const CompiledText& text) {
    const auto refuse = [&](const std::string& why) { throw EmulationError("kernel " + launch.kernel + ": " + why); };
    if (product(launch.block) < 1 || product(launch.block) > 1024)
        refuse(fmt::format("{} threads a block, a device allows 1 to 1024", product(launch.block)));
    for (int i = 0; i < 3; ++i)
        if (launch.cluster[i] < 1 || product(launch.cluster) > largest_cluster ||
            launch.grid[i] % launch.cluster[i] != 0)
            refuse(fmt::format("clusters of {}x{}x{} blocks in a grid of {}x{}x{}", launch.cluster[0],
                               launch.cluster[1], launch.cluster[2], launch.grid[0], launch.grid[1], launch.grid[2]));
    if (static_cast<int>(launch.arguments.size()) != kernel.parameters)
        refuse(fmt::format("{} arguments for {} parameters", launch.arguments.size(), kernel.parameters));
    launch_ = &launch;
    kernel_ = &kernel;
    text_ = &text;
    image_begin_ = text.image_begin();
    image_bytes_ = text.image_bytes();
    global_ = std::make_unique<GlobalMemory>(launch.buffers);
    error_.reset();
    cluster_ = 0;
    block_threads_ = static_cast<int>(product(launch.block));
    block_warps_ = (block_threads_ + 31) / 32;
    const NeverEnding watch(launch.seconds, image_begin_, image_bytes_, [this](const void* code) {
        current_->code = code;
        fail(with_line("the launch does not end"));
    });
    const unsigned *grid = launch.grid, *cluster = launch.cluster;
    for (unsigned z = 0; z < grid[2]; z += cluster[2])
        for (unsigned y = 0; y < grid[1]; y += cluster[1])
            for (unsigned x = 0; x < grid[0] && !error_; x += cluster[0]) {
                make_cluster({x, y, z});
                schedule();
            }
    global_.reset();
    if (error_) throw EmulationError(*error_);
}

void Machine::make_cluster(const ShimIndex& first_block) {
    const unsigned *grid = launch_->grid, *cluster = launch_->cluster;
    const int count = static_cast<int>(product(launch_->cluster));
    ++cluster_;
    ++generation_;
    while (blocks_.size() < static_cast<std::size_t>(count)) blocks_.push_back(std::make_unique<EmulatedBlock>());
    threads_.resize((count * block_threads_));
    warps_.assign((count * block_warps_), {});
    warpgroups_.assign((count * (block_threads_ / 128)), {});
    at_cluster_barrier_.clear();
    cluster_has_met_ = false;
    done_marks_.clear();
    next_agent_ = count * block_threads_;
    ready_.clear();
    for (int rank = 0; rank < count; ++rank) {
        EmulatedBlock& block = *blocks_[static_cast<std::size_t>(rank)];
        block.rank = rank;
        block.live = block_threads_;
        block.epoch = 1;
        block.known.clear();
        block.mbarriers.clear();
        for (ThreadBarrier& barrier : block.barriers) barrier = {};
        block.shared.reset(windows_ + static_cast<std::uintptr_t>(rank) * SharedMemory::window_bytes,
                           launch_->dynamic_shared_bytes, count * block_warps_, generation_);
        const auto r = static_cast<unsigned>(rank);
        for (int i = 0; i < block_threads_; ++i) {
            const int index = rank * block_threads_ + i;
            Thread& thread = threads_[static_cast<std::size_t>(index)];
            thread = {};
            const auto place = static_cast<unsigned>(i);
            thread.shim.thread = {place % launch_->block[0], place / launch_->block[0] % launch_->block[1],
                                  place / (launch_->block[0] * launch_->block[1])};
            thread.shim.block = {first_block.x + r % cluster[0], first_block.y + r / cluster[0] % cluster[1],
                                 first_block.z + r / cluster[0] / cluster[1]};
            thread.shim.threads = {launch_->block[0], launch_->block[1], launch_->block[2]};
            thread.shim.blocks = {grid[0], grid[1], grid[2]};
            thread.index = index;
            thread.rank = rank;
            thread.lane = i % 32;
            thread.warp = rank * block_warps_ + i / 32;
            ready_.push_back(index);
            fibers_.start(index, [](int number) { machine().run_thread(number); });
        }
    }
}

void Machine::run_thread(int number) {
    Thread& thread = threads_[static_cast<std::size_t>(number)];
    kernel_->call(launch_->arguments.data());
    std::string problem;
    try {
        return thread_ends(thread);
    } catch (const std::exception& error) {
        problem = with_line(error.what());
    }
    fail(problem);
}

void Machine::thread_ends(Thread& thread) {
    EmulatedBlock& block = block_of(thread);
    if (thread.open_stores != 0) throw Fault("the thread ends with stores that it did not commit");
    if (!thread.store_groups.empty())
        throw Fault("the thread ends without waiting until its stores have read shared memory");
    if (block.live == 1) check_barriers_at_end(block);
    thread.done = true;
    --block.live;
    ThreadBarrier& barrier = block.barriers[0];
    if (!barrier.came.empty() && complete(block, barrier)) finish(block, barrier);
    finish_cluster_barrier();
}

void Machine::schedule() {
    while (!error_) {
        current_ = nullptr;
        if (ready_.empty() && !deliver_any()) break;
        if (ready_.empty()) continue;
        const int number = ready_.front();
        ready_.pop_front();
        current_ = &threads_[static_cast<std::size_t>(number)];
        text_->set_thread(&current_->shim);
        fibers_.resume(number);
    }
    bool waiting = false;
    for (const Thread& thread : threads_) {
        waiting = waiting || !thread.done;
        if (!thread.done) fibers_.abandon(thread.index);
    }
    current_ = nullptr;
    if (waiting && !error_) error_ = deadlock();
}

void Machine::suspend(const Wait& wait) {
    current_->wait = wait;
    fibers_.suspend();
    current_->wait = {};
}

void Machine::wake(int thread) {
    if (current_ && thread == current_->index) return;
    ready_.push_back(thread);
}

void Machine::fail(const std::string& what) {
    error_ = fmt::format("kernel {}, {}: {}", launch_->kernel, describe(*current_), what);
    for (;;) fibers_.suspend();
}

std::string Machine::with_line(const std::string& fault) const {
    return fault.find("\n    line ") != std::string::npos ? fault : fault + "\n    " + line(current_->code);
}

std::string Machine::describe(const Thread& thread) const {
    const auto& [x, y, z] = thread.shim.thread;
    const auto& [bx, by, bz] = thread.shim.block;
    return fmt::format("block ({},{},{}), thread ({},{},{})", bx, by, bz, x, y, z);
}

std::string Machine::describe_wait(const Thread& thread) const {
    const ThreadBarrier& barrier = blocks_[static_cast<std::size_t>(thread.rank)]->barriers[thread.wait.id % 16];
    switch (thread.wait.kind) {
        case Wait::threads:
            return fmt::format(
                "at barrier {}, to which {} of {} threads came", thread.wait.id, barrier.came.size(),
                barrier.expected ? barrier.expected : blocks_[static_cast<std::size_t>(thread.rank)]->live);
        case Wait::collective:
            return "for the other lanes of its warp";
        case Wait::warpgroup:
            return "for the other threads of its warpgroup";
        case Wait::cluster:
            return fmt::format("for the cluster, of which {} threads came", at_cluster_barrier_.size());
        case Wait::barrier: {
            const Mbarrier& mbarrier =
                blocks_[(thread.wait.where - windows_) / SharedMemory::window_bytes]->mbarriers.at(thread.wait.where);
            return fmt::format("at {} for parity {}: {} phases are over, {} of {} arrivals and {} bytes are to come",
                               barrier_name(thread.wait.where), thread.wait.parity, mbarrier.phase, mbarrier.pending,
                               mbarrier.count, mbarrier.bytes);
        }
        default:
            return "for nothing that is known";
    }
}

std::string Machine::deadlock() const {
    std::string text = fmt::format("kernel {}: no thread can go on", launch_->kernel);
    std::vector<std::string> said;
    for (const Thread& thread : threads_) {
        if (thread.done) continue;
        const std::string wait = describe_wait(thread) + "\n    " + line(thread.code);
        if (std::find(said.begin(), said.end(), wait) != said.end()) continue;
        said.push_back(wait);
        text += fmt::format("\n  {} waits {}", describe(thread), wait);
        if (said.size() == 8) break;
    }
    return text;
}

}  // namespace heddle::test

// tests/support/cuda_emulator/machine.h -- one launch under emulation: its threads, blocks, and what they wait for.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

#include "tests/support/cuda_emulator/compiled_text.h"
#include "tests/support/cuda_emulator/fiber.h"
#include "tests/support/cuda_emulator/global_memory.h"
#include "tests/support/cuda_emulator/knowledge.h"
#include "tests/support/cuda_emulator/mbarrier.h"
#include "tests/support/cuda_emulator/shared_memory.h"
#include "tests/support/cuda_emulator/shim_interface.h"
#include "tests/support/cuda_emulator/tensor_box.h"

namespace heddle::test {

enum class AccessKind { read, write, atomic };

/// A copy that was started and has not arrived.
struct PendingCopy {
    std::uintptr_t to = 0;
    const void* from = nullptr;
    int bytes = 0;
    bool inside = true;  ///< else zeros
    const void* code = nullptr;
};

struct Wait {
    enum Kind { none, threads, collective, warpgroup, barrier, cluster } kind = none;
    int id = 0;                ///< of the barrier of threads, or the operation of the collective
    std::uintptr_t where = 0;  ///< of the mbarrier
    int parity = 0;
};

/// Registers of products that a warpgroup started.
struct RegisterRange {
    std::uintptr_t begin = 0;
    std::size_t bytes = 0;
    std::uint32_t mark = 0;  ///< of the products that are not waited for; 0: none
    bool touched = false;    ///< written since the last fence
};

struct Thread {
    ShimThread shim{};
    int index = 0;           ///< in the cluster
    int rank = 0;            ///< of the block in the cluster
    int lane = 0, warp = 0;  ///< warp: in the cluster
    bool done = false;
    const void* code = nullptr;  ///< where it called last
    Wait wait;
    std::uint32_t time = 1;
    Times times;              ///< what it knows beyond its block, in this epoch only
    std::uint32_t epoch = 0;  ///< of `times`
    std::vector<PendingCopy> open_copies;
    std::deque<std::vector<PendingCopy>> copy_groups;
    std::uint32_t init_fence = 0, proxy_fence = 0;  ///< times of the last ones
    Times fenced;                                   ///< what it knew at its last proxy fence
    std::uint32_t open_stores = 0;                  ///< mark of the open group; 0: empty
    std::deque<std::uint32_t> store_groups;
    bool product_fence = false;  ///< wgmma_fence() was called
    std::vector<RegisterRange> product_registers;
};

/// A barrier of threads: number 0 is __syncthreads, too.
struct ThreadBarrier {
    int expected = 0;                ///< 0: all threads that have not ended
    std::vector<int> came, waiting;  ///< threads
};

/// Lanes that meet in one operation.
struct Collective {
    int operation = 0;
    unsigned mask = 0, came = 0;
    ShimPart* parts[32] = {};
};

/// Four warps that meet.
struct Warpgroup {
    int operation = 0, came = 0, first_came = 0;
    ShimPart* parts[128] = {};
    std::uint32_t open = 0;  ///< mark of the products of the open group; 0: none
    std::deque<std::uint32_t> groups;
};

struct EmulatedBlock {
    int rank = 0, live = 0;
    std::uint32_t epoch = 1;  ///< grows at each barrier of all threads
    Times known;              ///< to all threads of the block
    ThreadBarrier barriers[16];
    SharedMemory shared;
    std::map<std::uintptr_t, Mbarrier> mbarriers;
};

/// What a kernel did wrong.
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Machine {
public:
    Machine();
    ~Machine();

    /// Runs all blocks. Throws EmulationError.
    void run(const EmulatedLaunch& launch, const ShimKernel& kernel, const CompiledText& text);

    // What compiled code calls, by the thread that runs. All throw Fault.
    void access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code);
    void* shared_variable(const char* name, int line, std::int64_t size, std::int64_t alignment);
    void* dynamic_shared();
    std::uint64_t shared_address(const void* address);
    void sync_threads(int id, int count, bool waits);
    void collective(int operation, unsigned mask, ShimPart& part);
    unsigned active_mask();
    void copy_async(void* shared, const void* global, int size, bool inside);
    void copy_async_commit();
    void copy_async_wait(int pending);

    void warpgroup(int operation, ShimPart& part);
    void barrier_init(void* barrier, int count);
    void barrier_init_fence();
    void barrier_arrive(void* barrier, int expected);
    void barrier_wait(void* barrier, int parity);
    void async_proxy_fence();
    void bulk_load(void* shared, const void* global, int size, void* barrier);
    void bulk_store(void* global, const void* shared, int size);
    void tensor_load(void* shared, const void* map, void* barrier, int rank, const int* coordinates,
                     const unsigned short* offsets);
    void tensor_store(const void* map, const void* shared, int rank, const int* coordinates, bool im2col);
    void store_commit();
    void store_wait(int pending);
    void cluster_sync();
    void* cluster_address(const void* shared, int rank);
    void register_access(Thread& thread, std::uintptr_t address, std::int64_t size, bool writes, const void* code);

    Thread& current() { return *current_; }
    bool on_stack(std::uintptr_t address) const { return fibers_.holds(address); }
    [[noreturn]] void misaligned(const void* address, int alignment);
    /// The text of a fault, with the line that the current thread is at where it names none.
    std::string with_line(const std::string& fault) const;
    /// Ends the launch with this fault of the current thread.
    [[noreturn]] void fail(const std::string& what);

private:
    void make_cluster(const ShimIndex& first_block);
    void schedule();
    std::string deadlock() const;
    std::string describe(const Thread& thread) const;
    std::string describe_wait(const Thread& thread) const;
    void run_thread(int number);

    EmulatedBlock& block_of(const Thread& thread) { return *blocks_[static_cast<std::size_t>(thread.rank)]; }
    void suspend(const Wait& wait);
    void wake(int thread);

    // What is known to whom (machine_barriers.cpp).
    Times& times_of(Thread& thread);
    bool knows(Thread& thread, int who, std::uint32_t time);
    void add_knowledge(Thread& thread, Times& into);
    void synchronize(const std::vector<int>& came, const std::vector<int>& learning);
    void synchronize_block(EmulatedBlock& block);
    bool complete(const EmulatedBlock& block, const ThreadBarrier& barrier) const;
    void finish(EmulatedBlock& block, ThreadBarrier& barrier);

    // Accesses (machine_memory.cpp).
    void shared_access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code);
    void global_access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code);
    EmulatedBlock& block_at(std::uintptr_t shared, std::int64_t size, const char* how);
    std::string line(const void* code) const { return text_->line(code); }

    bool in_shared(std::uintptr_t address) const {
        return address - windows_ < blocks_.size() * SharedMemory::window_bytes;
    }
    void perform(const Collective& collective);
    void move_matrices(const Collective& collective);
    void arrive(const PendingCopy& copy);
    void thread_ends(Thread& thread);

    // mbarriers (machine_mbarriers.cpp).
    std::string barrier_name(std::uintptr_t address) const;
    Mbarrier& barrier_at(const void* barrier);
    void end_phase(Mbarrier& barrier);
    void deliver(Mbarrier& barrier);
    bool deliver_any();
    void start_transfer(void* barrier, Transfer transfer);
    void check_barriers_at_end(const EmulatedBlock& block) const;
    void finish_cluster_barrier();

    // Engines that read shared memory by themselves (machine_bulk.cpp, machine_warpgroup.cpp).
    void read_by_engine(std::uintptr_t address, std::int64_t size, std::uint32_t mark);
    std::uint32_t store_mark();
    void end_mark(std::uint32_t mark) { done_marks_.insert(mark); }
    const EmulatedTensorMap& map_at(const void* map, std::uintptr_t shared, int rank, bool im2col);
    void perform(Warpgroup& group, int first_thread);
    void multiply(Warpgroup& group, int first_thread);
    void fragments_of_a(const Warpgroup& group, int element_bytes, std::vector<double>& a) const;
    void read_operand(const char* name, std::uint64_t bits, const Warpgroup& group, int rows, bool transposed,
                      int first_thread, std::vector<double>& values);
    void use_registers(Thread& thread, const ShimPart& part, std::uint32_t mark);

    Fibers fibers_;
    std::uintptr_t windows_ = 0;  ///< of shared memory, one a block of a cluster
    const EmulatedLaunch* launch_ = nullptr;
    const ShimKernel* kernel_ = nullptr;
    const CompiledText* text_ = nullptr;
    std::uintptr_t image_begin_ = 0, image_bytes_ = 0;
    std::unique_ptr<GlobalMemory> global_;
    std::vector<Thread> threads_;
    std::vector<std::unique_ptr<EmulatedBlock>> blocks_;
    std::vector<std::vector<Collective>> warps_;  ///< open ones
    std::vector<Warpgroup> warpgroups_;
    std::vector<int> at_cluster_barrier_;
    bool cluster_has_met_ = false;                  ///< at a barrier: all of its blocks have started
    std::unordered_set<std::uint32_t> done_marks_;  ///< of engines that have read
    std::deque<int> ready_;
    Thread* current_ = nullptr;
    int block_threads_ = 0, block_warps_ = 0;
    std::optional<std::string> error_;
    std::uint32_t generation_ = 0, cluster_ = 0, next_mark_ = 1;
    int next_agent_ = 0;
};

/// The one machine of this process.
Machine& machine();
/// Its functions, as compiled code sees them.
const ShimFunctions& machine_functions();

}  // namespace heddle::test

// runtime/thread_pool.cpp -- our pool: pinned workers, each with a mailbox that it watches, then sleeps on.
#include "runtime/thread_pool.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/affinity.h"
#include "runtime/error.h"
#include "runtime/log.h"

namespace heddle {
namespace {

using Task = void (*)(void* context, std::int64_t begin, std::int64_t end);

constexpr int most_threads = 4096;
/// A waiting thread polls for this long, then lets others run between polls, and a worker in the end sleeps.
constexpr auto spin_time = std::chrono::microseconds(50);
constexpr auto yield_time = std::chrono::microseconds(400);

/// True in a thread while it runs a task of our pool.
thread_local bool inside_task = false;

void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Polls until ready() holds, giving way to others after spin_time; false when it gave up, which it does after
/// yield_time where it `may_give_up`.
template <class Ready>
bool wait_awake(Ready ready, bool may_give_up) {
    for (int i = 0; i < 64; ++i) {
        if (ready()) return true;
        pause();
    }
    const auto start = std::chrono::steady_clock::now();
    while (true) {
        for (int i = 0; i < 32; ++i) {
            if (ready()) return true;
            pause();
        }
        const auto waited = std::chrono::steady_clock::now() - start;
        if (may_give_up && waited > yield_time) return false;
        if (waited > spin_time) sched_yield();
    }
}

struct Job {
    Task task = nullptr;  ///< null: the worker ends
    void* context = nullptr;
    std::int64_t count = 0;
    int parts = 0;
};

/// Part `part` of `parts` ranges that cover [0, count) and differ by at most 1 in length.
void run_part(const Job& job, int part) {
    const std::int64_t length = job.count / job.parts, longer = job.count % job.parts;
    const std::int64_t begin = part * length + std::min<std::int64_t>(part, longer);
    inside_task = true;
    job.task(job.context, begin, begin + length + (part < longer ? 1 : 0));
    inside_task = false;
}

/// The caller writes `posted`, the worker answers in `finished`; each has a cache line of its own.
struct Mailbox {
    alignas(64) std::atomic<std::uint32_t> posted = 0;
    alignas(64) std::atomic<std::uint32_t> finished = 0;
};

/// A fixed number of workers, used by one caller at a time.
class Workers {
public:
    /// Starts `threads` - 1 workers; fewer where the system has no more threads to give.
    explicit Workers(int threads) : requested_(threads), mailboxes_(static_cast<std::size_t>(threads - 1)) {
        const std::vector<int> cpus = cpus_for_workers(threads);
        try {
            for (std::size_t w = 0; w < mailboxes_.size(); ++w)
                threads_.emplace_back([this, w, cpu = cpus.empty() ? -1 : cpus[w]] { work(w, cpu); });
        } catch (const std::system_error& error) {
            log_once("thread pool", fmt::format("thread pool: {} of {} threads could be started ({})",
                                                threads_.size() + 1, threads, error.what()));
        }
        log_info(fmt::format("thread pool: {} threads, workers on CPUs {}", threads_.size() + 1,
                             cpus.empty() ? "as the system places them" : fmt::format("{}", fmt::join(cpus, ","))));
    }

    ~Workers() {
        job_ = Job{};
        for (std::size_t w = 0; w < threads_.size(); ++w) post(w);
        for (std::thread& thread : threads_) thread.join();
    }

    int requested() const { return requested_; }

    void run(std::int64_t count, Task task, void* context) {
        const auto most = static_cast<std::int64_t>(threads_.size()) + 1;
        job_ = {task, context, count, static_cast<int>(std::min(count, most))};
        const auto used = static_cast<std::size_t>(job_.parts - 1);
        for (std::size_t w = 0; w < used; ++w) post(w);
        run_part(job_, 0);
        for (std::size_t w = 0; w < used; ++w) {
            const std::uint32_t ticket = mailboxes_[w].posted.load(std::memory_order_relaxed);
            wait_awake([&] { return mailboxes_[w].finished.load(std::memory_order_acquire) == ticket; }, false);
        }
    }

private:
    /// A CPU for each worker, none of them the caller's as far as they reach; empty when there are fewer CPUs than
    /// threads, since pinned threads that share a CPU would wait for each other.
    static std::vector<int> cpus_for_workers(int threads) {
        std::vector<int> cpus = allowed_cpus();
        if (static_cast<int>(cpus.size()) < threads) return {};
        const auto own = std::find(cpus.begin(), cpus.end(), sched_getcpu());
        if (own != cpus.end()) std::rotate(own, own + 1, cpus.end());
        cpus.resize(static_cast<std::size_t>(threads - 1));
        return cpus;
    }

    /// Wakes the worker if it sleeps; no system call if it does not.
    void post(std::size_t w) {
        mailboxes_[w].posted.fetch_add(1, std::memory_order_seq_cst);
        mailboxes_[w].posted.notify_one();
    }

    void work(std::size_t w, int cpu) {
        if (cpu >= 0) pin_this_thread(cpu);
        Mailbox& mailbox = mailboxes_[w];
        for (std::uint32_t seen = 0;; ++seen) {
            const auto changed = [&] { return mailbox.posted.load(std::memory_order_acquire) != seen; };
            if (!wait_awake(changed, true)) mailbox.posted.wait(seen, std::memory_order_acquire);
            if (job_.task == nullptr) return;
            run_part(job_, static_cast<int>(w) + 1);
            mailbox.finished.store(seen + 1, std::memory_order_release);
        }
    }

    int requested_;
    Job job_;  ///< written while no worker runs, published by `posted`
    std::vector<Mailbox> mailboxes_;
    std::vector<std::thread> threads_;
};

/// HEDDLE_THREADS where it is a whole number of 1 or more, else the CPUs that the process may use.
int default_threads() {
    const char* text = std::getenv("HEDDLE_THREADS");
    if (text == nullptr || *text == '\0') return available_cpus();
    int threads = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, threads);
    if (error == std::errc() && rest == end && threads >= 1 && threads <= most_threads) return threads;
    log_once("HEDDLE_THREADS",
             fmt::format("HEDDLE_THREADS={} is ignored; it is a whole number from 1 to {}", text, most_threads));
    return available_cpus();
}

/// What the process holds of our pool. It lives until the process ends: other static objects may still run loops.
struct Builtin {
    explicit Builtin(int count) : threads(count) {}
    std::mutex in_use;  ///< held by the caller whose loop the workers run
    std::unique_ptr<Workers> workers;
    std::atomic<int> threads;
};

std::atomic<Builtin*>& builtin_slot() {
    static std::atomic<Builtin*> slot = nullptr;
    return slot;
}

/// A forked child has the memory of the workers but not the workers: it leaves them and starts its own when it needs
/// them, with the number of threads that was set.
void restart_in_child() {
    Builtin* inherited = builtin_slot().load();
    inside_task = false;
    if (inherited != nullptr) builtin_slot().store(new Builtin(inherited->threads.load()));
}

Builtin& builtin() {
    if (Builtin* current = builtin_slot().load(std::memory_order_acquire)) return *current;
    static std::once_flag once;
    std::call_once(once, [] {
        builtin_slot().store(new Builtin(default_threads()));
        pthread_atfork(nullptr, nullptr, restart_in_child);
    });
    return *builtin_slot().load();
}

void builtin_parallel_for(void*, std::int64_t count, Task task, void* context) noexcept {
    if (count <= 0) return;
    if (count == 1 || inside_task) return task(context, 0, count);
    Builtin& pool = builtin();
    const int threads = pool.threads.load(std::memory_order_relaxed);
    const std::unique_lock lock(pool.in_use, std::try_to_lock);
    if (threads == 1 || !lock.owns_lock()) return task(context, 0, count);
    if (pool.workers == nullptr || pool.workers->requested() != threads) {
        pool.workers.reset();  // joins the old workers before the new ones are placed
        pool.workers = std::make_unique<Workers>(threads);
    }
    pool.workers->run(count, task, context);
}

int builtin_threads(void*) noexcept { return builtin().threads.load(); }

/// The pools that were set, kept for as long as someone may hold a reference to one.
struct Registry {
    std::mutex mutex;
    std::list<ThreadPool> pools;
    std::atomic<const ThreadPool*> current = nullptr;  ///< null: ours
};

Registry& registry() {
    static auto* instance = new Registry;
    return *instance;
}

}  // namespace

const ThreadPool& thread_pool() {
    const ThreadPool* current = registry().current.load(std::memory_order_acquire);
    return current == nullptr ? builtin_thread_pool() : *current;
}

void set_thread_pool(const ThreadPool& pool) {
    if ((pool.parallel_for == nullptr) != (pool.threads == nullptr))
        throw UserError(
            fmt::format("set_thread_pool: {} is null; give both functions, or neither for Heddle's own pool",
                        pool.threads == nullptr ? "threads" : "parallel_for"));
    const std::lock_guard lock(registry().mutex);
    const ThreadPool* chosen = pool.parallel_for == nullptr ? nullptr : &registry().pools.emplace_back(pool);
    registry().current.store(chosen, std::memory_order_release);
}

const ThreadPool& builtin_thread_pool() {
    static constexpr ThreadPool ours = {nullptr, builtin_parallel_for, builtin_threads};
    return ours;
}

int available_cpus() {
    const auto mask = static_cast<double>(allowed_cpus().size());
    return static_cast<int>(std::max(1.0, std::min(mask, std::ceil(cgroup_cpu_quota().value_or(mask)))));
}

void set_thread_count(int threads) {
    if (threads < 1 || threads > most_threads)
        throw UserError(fmt::format("set_thread_count({}): the number of threads is 1 to {}", threads, most_threads));
    builtin().threads.store(threads);
}

}  // namespace heddle

// tests/support/cuda_emulator/machine_warpgroup.cpp -- wgmma: products of four warps, read from shared memory by
// themselves.
#include <fmt/format.h>

#include <cstring>

#include "tests/support/cuda_emulator/machine.h"
#include "tests/support/cuda_emulator/products.h"
#include "tests/support/cuda_emulator/tensor_box.h"
#include "tests/support/cuda_emulator/warpgroup_operand.h"

namespace heddle::test {
namespace {

struct Element {
    int bytes;
    int k;  ///< of a product: 32 bytes
};

Element element_of(int operation) { return operation == shim_wgmma_tf32 ? Element{4, 8} : Element{2, 16}; }

double value_at(int operation, const void* address) {
    if (operation == shim_wgmma_tf32) {
        unsigned bits;
        std::memcpy(&bits, address, sizeof bits);
        return value_of_tf32(bits);
    }
    unsigned short bits;
    std::memcpy(&bits, address, sizeof bits);
    return operation == shim_wgmma_f16 ? value_of_f16(bits) : value_of_bf16(bits);
}

}  // namespace

void Machine::warpgroup(int operation, ShimPart& part) {
    Thread& thread = *current_;
    const int in_block = thread.index - thread.rank * block_threads_;
    if (in_block / 128 * 128 + 128 > block_threads_)
        throw Fault("the thread's warp is not part of a warpgroup: four warps from a multiple of four on");
    Warpgroup& group = warpgroups_[(thread.rank * (block_threads_ / 128) + in_block / 128)];
    if (group.came != 0 && (group.operation != operation || group.parts[group.first_came]->count != part.count))
        throw Fault("the warps of a warpgroup meet in different operations");
    if (group.came == 0) group.first_came = in_block % 128;
    group.operation = operation;
    group.parts[in_block % 128] = &part;
    if (++group.came < 128) {
        Wait wait;
        wait.kind = Wait::warpgroup;
        return suspend(wait);
    }
    group.came = 0;
    const int first = thread.index - in_block % 128;
    perform(group, first);
    for (int i = 0; i < 128; ++i) wake(first + i);
}

void Machine::perform(Warpgroup& group, int first_thread) {
    const auto each = [&](auto&& body) {
        for (int i = 0; i < 128; ++i) body(threads_[first_thread + i]);
    };
    switch (group.operation) {
        case shim_wgmma_fence:
            return each([](Thread& thread) {
                thread.product_fence = true;
                for (RegisterRange& range : thread.product_registers) range.touched = false;
            });
        case shim_wgmma_commit:
            group.groups.push_back(group.open);
            group.open = 0;
            return;
        case shim_wgmma_wait:
            while (static_cast<int>(group.groups.size()) > group.parts[0]->count) {
                const std::uint32_t mark = group.groups.front();
                group.groups.pop_front();
                if (mark == 0) continue;
                end_mark(mark);
                each([&](Thread& thread) {
                    for (RegisterRange& range : thread.product_registers)
                        if (range.mark == mark) range.mark = 0;
                });
            }
            return;
        default:
            return multiply(group, first_thread);
    }
}

void Machine::multiply(Warpgroup& group, int first_thread) {
    const ShimPart& one = *group.parts[0];
    const Element element = element_of(group.operation);
    const int n = one.count, k = element.k;
    if (group.open == 0) group.open = next_mark_++;
    for (int i = 0; i < 128; ++i) {
        const ShimPart& part = *group.parts[i];
        if (part.descriptor_a != one.descriptor_a || part.descriptor_b != one.descriptor_b ||
            part.options != one.options)
            throw Fault("the threads of a warpgroup give different descriptors to one product");
        use_registers(threads_[first_thread + i], part, group.open);
    }
    std::vector<double> a(static_cast<std::size_t>(64 * k));
    if (one.a)
        fragments_of_a(group, element.bytes, a);
    else
        read_operand("a", one.descriptor_a, group, 64, (one.options & 1) != 0, first_thread, a);
    std::vector<double> b(static_cast<std::size_t>(n * k));
    read_operand("b", one.descriptor_b, group, n, (one.options & 2) != 0, first_thread, b);
    for (int i = 0; i < 128; ++i) {
        auto* d = static_cast<float*>(group.parts[i]->d);
        const int lane = i % 32;
        for (int r = 0; r < n / 2; ++r) {
            const int row = i / 32 * 16 + lane / 4 + r / 2 % 2 * 8, column = r / 4 * 8 + lane % 4 * 2 + r % 2;
            double sum = (one.options & 4) != 0 ? d[r] : 0.0;
            for (int at = 0; at < k; ++at) sum += a[row * k + at] * b[column * k + at];
            d[r] = static_cast<float>(sum);
        }
    }
}

// Four warps hold 16 rows each, as in mma.sync.
void Machine::fragments_of_a(const Warpgroup& group, int element_bytes, std::vector<double>& a) const {
    const int k = 32 / element_bytes, packed = 4 / element_bytes;
    for (int i = 0; i < 128; ++i) {
        const auto* registers = static_cast<const char*>(group.parts[i]->a);
        const int lane = i % 32;
        for (int r = 0; r < 4; ++r)
            for (int e = 0; e < packed; ++e) {
                const int row = i / 32 * 16 + lane / 4 + r % 2 * 8, column = r / 2 * k / 2 + lane % 4 * packed + e;
                a[row * k + column] = value_at(group.operation, registers + r * 4 + e * element_bytes);
            }
    }
}

void Machine::read_operand(const char* name, std::uint64_t bits, const Warpgroup& group, int rows, bool transposed,
                           int first_thread, std::vector<double>& values) {
    const MatrixDescriptor descriptor(bits);
    const Element element = element_of(group.operation);
    if (descriptor.rest != 0 || descriptor.base_offset != 0)
        throw Fault(fmt::format("the descriptor of {} has bits set that it must not: {:#018x}", name, bits));
    Thread* const caller = current_;
    const SharedMemory& shared = block_of(*caller).shared;
    for (int row = 0; row < rows; ++row)
        for (int k = 0; k < element.k; ++k) {
            const std::uintptr_t plain =
                shared.base() + static_cast<std::uintptr_t>(descriptor.unswizzled(row, k, element.bytes, transposed));
            const std::uintptr_t place = plain ^ swizzle_of(plain, descriptor.swizzle);
            const auto offset = static_cast<std::int64_t>(place - shared.base());
            if (!shared.find(offset, element.bytes))
                throw Fault(
                    fmt::format("the descriptor of {} leads outside of shared memory: {}", name, shared.place(offset)));
            for (int warp = 0; warp < 4; ++warp) {
                current_ = &threads_[first_thread + 32 * warp];
                read_by_engine(place, element.bytes, group.open);
            }
            current_ = caller;
            values[row * element.k + k] = value_at(group.operation, reinterpret_cast<const void*>(place));
        }
}

// Registers of a product must not be touched from its start to its wait; where they were touched before, a fence comes
// between.
void Machine::use_registers(Thread& thread, const ShimPart& part, std::uint32_t mark) {
    if (!thread.product_fence) throw Fault("no wgmma_fence() before the first product");
    const auto use = [&](const void* address, std::size_t bytes) {
        const auto begin = reinterpret_cast<std::uintptr_t>(address);
        for (RegisterRange& range : thread.product_registers) {
            if (range.begin != begin || range.bytes != bytes) continue;
            if (range.touched)
                throw Fault("a product's registers were written after the last wgmma_fence(): one belongs between");
            range.mark = mark;
            return;
        }
        thread.product_registers.push_back({begin, bytes, mark, false});
    };
    use(part.d, static_cast<std::size_t>(part.count) * 2);
    if (part.a) use(part.a, 16);
}

void Machine::register_access(Thread& thread, std::uintptr_t address, std::int64_t size, bool writes,
                              const void* code) {
    for (RegisterRange& range : thread.product_registers) {
        if (address + static_cast<std::uintptr_t>(size) <= range.begin || address >= range.begin + range.bytes)
            continue;
        if (range.mark != 0)
            throw Fault(fmt::format("{} registers of a product that was not waited for\n    {}",
                                    writes ? "writes" : "reads", line(code)));
        range.touched = range.touched || writes;
    }
}

}  // namespace heddle::test

// tests/emulator/atoms_test.cpp -- every atom of CUDA devices is executed here and gives what evaluate() gives.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"
#include "schedules/atom.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/error_text.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

const Target hopper = Target::cuda(90);

std::string emitted(const Pipeline& pipeline, const Schedule& schedule) {
    std::string text;
    for (const CudaSource& source : cuda_sources(make_plan(pipeline, schedule, hopper), schedule)) text += source.text;
    return text;
}

bool is_of_warpgroups(const Atom& atom) { return atom.name.starts_with("wgmma_"); }
bool is_of_bytes(const Atom& atom) { return atom.accumulator == i32; }

/// Its accuracy; of bytes their type.
std::string class_of(const Atom& atom) {
    return std::string(is_of_bytes(atom) ? name_of(atom.operands.back()) : name_of(atom.accuracy));
}

/// A product of tiles that the atom multiplies, its depth in two steps.
Pipeline product_of(const Atom& atom) {
    const int columns = is_of_warpgroups(atom) ? atom.n : 32;
    return parse_pipeline(fmt::format("x: {0}[64,{1}]\nw: {0}[{2},{1}]\ny: {3}[64,{2}]\ny[m,n] += x[m,k] * w[n,k]",
                                      name_of(atom.operands.back()), 256 / bytes_of(atom.operands.back()), columns,
                                      name_of(atom.accumulator)));
}

Schedule schedule_of(const Atom& atom) {
    if (atom.m == 0) return parse_schedule(fmt::format("bind(m, block_x) bind(n, thread_x) tensorize({})", atom.name));
    const std::string precision = atom.accuracy == AccuracyClass::tf32 ? "precision(tf32) " : "";
    const std::string tensorize = fmt::format("{}tensorize({}, A=x, B=w)", precision,
                                              atom.name.substr(0, atom.name.rfind('_')));  // without its type
    const int step = 128 / bytes_of(atom.operands.back());
    if (is_of_warpgroups(atom))
        return parse_schedule(
            fmt::format("split(m, 64) reorder(m.o, m.i, n, k) split(k, {}) reorder(m.o, k.o, m.i, n, k.i) "
                        "work(persistent, {{m.o}}) accumulate_in(registers, m.o) "
                        "cache_in(x, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) "
                        "cache_in(w, shared, k.o, loop_coordinates, atom=tma_tile, swizzle=128) pipeline(k.o, 2) {}",
                        step, tensorize));
    return parse_schedule(
        fmt::format("tile({{m, n}}, {{64, 32}}) split(k, {}) reorder(m.o, n.o, k.o, m.i, n.i, k.i) "
                    "bind(m.o, block_y) bind(n.o, block_x) accumulate_in(registers, n.o) "
                    "cache_in(x, shared, k.o) cache_in(w, shared, k.o) {}",
                    step, tensorize));
}

/// How the instruction is called in emitted text.
std::string call_of(const Atom& atom) {
    if (atom.m == 0) return "] * w[";
    std::string name = atom.name;
    if (const std::size_t sync = name.find("_sync"); sync != std::string::npos) name.erase(sync, 5);
    return name + (is_of_warpgroups(atom) && !is_of_bytes(atom) && atom.accuracy != AccuracyClass::tf32 ? "<" : "(");
}

class EmulatedProducts : public testing::TestWithParam<std::string> {};

TEST_P(EmulatedProducts, OfEachAtomAgreeWithEvaluate) {
    std::vector<EmulationCase> cases;
    for (const Atom& atom : atom_table()) {
        if (atom.target != TargetKind::cuda || atom.kind != AtomKind::multiply) continue;
        if (class_of(atom) != GetParam()) continue;
        const Pipeline pipeline = product_of(atom);
        const Schedule schedule = schedule_of(atom);
        if (is_of_warpgroups(atom) && is_of_bytes(atom)) {  // a row of the table that has no emission
            expect_refusal([&] { emitted(pipeline, schedule); }, "is not emitted");
            continue;
        }
        const std::string text = emitted(pipeline, schedule);
        EXPECT_NE(text.find(call_of(atom), text.find("__global__")), std::string::npos) << atom.name << "\n" << text;
        cases.push_back({atom.name, pipeline, whole_inputs(pipeline), schedule});
    }
    EXPECT_GE(cases.size(), 1u);
    EXPECT_EQ(emulated_differences(cases, hopper), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Types, EmulatedProducts, testing::Values("f16", "bf16", "tf32", "f32", "f64", "i8", "u8"),
                         [](const auto& info) { return info.param; });

TEST(EmulatedAtoms, AreOfTheClassesAbove) {
    const std::vector<std::string> classes = {"f16", "bf16", "tf32", "f32", "f64", "i8", "u8"};
    for (const Atom& atom : atom_table()) {
        if (atom.target != TargetKind::cuda || atom.kind != AtomKind::multiply) continue;
        EXPECT_EQ(std::count(classes.begin(), classes.end(), class_of(atom)), 1) << atom.name;
    }
}

TEST(EmulatedAtoms, OfCopiesAgreeWithEvaluate) {
    const std::pair<const char*, const char*> calls[] = {
        {"ld_st", "__shared__"},   {"cp_async", "copy_async_"},        {"bulk", "bulk_load("},
        {"tma_tile", "tma_load_"}, {"tma_im2col", "tma_load_im2col_"}, {"tma_store", "tma_store_"},
    };
    for (const Atom& atom : atom_table()) {
        if (atom.target != TargetKind::cuda || atom.kind != AtomKind::copy) continue;
        const auto* call =
            std::find_if(std::begin(calls), std::end(calls), [&](const auto& c) { return c.first == atom.name; });
        ASSERT_NE(call, std::end(calls)) << atom.name;
        int found = 0;
        for (const auto* sweep : {&tile_schedules(), &warpgroup_schedules(), &span_schedules()})
            for (const ScheduledText& subject : *sweep) {
                const bool named = subject.schedule.find("atom=" + atom.name) != std::string::npos;
                if (found > 0 || !(named || (atom.name == "bulk" && sweep == &span_schedules()))) continue;
                const Pipeline pipeline = parse_pipeline(subject.text);
                const Schedule schedule = parse_schedule(subject.schedule);
                const std::string text = emitted(pipeline, schedule);
                if (text.find(call->second, text.find("__global__")) == std::string::npos) continue;
                ++found;
                EXPECT_EQ(emulated_differences({{subject.name, pipeline, whole_inputs(pipeline), schedule}}, hopper),
                          std::vector<std::string>());
            }
        EXPECT_EQ(found, 1) << atom.name;
    }
}

}  // namespace
}  // namespace heddle::test

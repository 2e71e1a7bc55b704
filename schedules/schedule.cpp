// schedules/schedule.cpp -- the fluent form of schedules.
#include "schedules/schedule.h"

namespace heddle {
namespace {

Argument word(std::string text, std::string key = "") { return {std::move(key), std::move(text)}; }
Argument integer(std::int64_t value) { return {"", value}; }

Argument list(const std::vector<LoopName>& loops) {
    std::vector<Argument> items;
    for (const LoopName& loop : loops) items.push_back(word(loop.text()));
    return {"", std::move(items)};
}

Argument list(const std::vector<int>& values) {
    std::vector<Argument> items;
    for (const int value : values) items.push_back(integer(value));
    return {"", std::move(items)};
}

}  // namespace

Schedule& Schedule::stage(const AnyTensor& tensor) { return stage(tensor.name()); }

Schedule& Schedule::stage(const std::string& name) {
    current_ = name;
    return *this;
}

Schedule& Schedule::add(std::string name, std::vector<Argument> arguments) {
    directives_.push_back({current_, std::move(name), std::move(arguments)});
    return *this;
}

Schedule& Schedule::split(const LoopName& loop, int factor, const char* tail) {
    std::vector<Argument> arguments = {word(loop.text()), integer(factor)};
    if (std::string_view(tail) != "guard") arguments.push_back(word(tail, "tail"));
    return add("split", std::move(arguments));
}

Schedule& Schedule::fuse(const std::vector<LoopName>& loops, const LoopName& fused) {
    return add("fuse", {list(loops), word(fused.text())});
}

Schedule& Schedule::reorder(const std::vector<LoopName>& loops) {
    std::vector<Argument> arguments;
    for (const LoopName& loop : loops) arguments.push_back(word(loop.text()));
    return add("reorder", std::move(arguments));
}

Schedule& Schedule::tile(const std::vector<LoopName>& loops, const std::vector<int>& factors) {
    return add("tile", {list(loops), list(factors)});
}

Schedule& Schedule::unroll(const LoopName& loop, int factor) {
    std::vector<Argument> arguments = {word(loop.text())};
    if (factor != 0) arguments.push_back(integer(factor));
    return add("unroll", std::move(arguments));
}

Schedule& Schedule::vectorize(const LoopName& loop) { return add("vectorize", {word(loop.text())}); }
Schedule& Schedule::parallel(const LoopName& loop) { return add("parallel", {word(loop.text())}); }
Schedule& Schedule::partition(const LoopName& loop) { return add("partition", {word(loop.text())}); }
Schedule& Schedule::clip(const LoopName& loop) { return add("clip", {word(loop.text())}); }

Schedule& Schedule::accumulate_in(const char* memory, const LoopName& at) {
    return add("accumulate_in", {word(memory), word(at.text())});
}

Schedule& Schedule::cache_in(const AnyTensor& tensor, const char* memory, const LoopName& at, const char* shape) {
    std::vector<Argument> arguments = {word(tensor.name()), word(memory), word(at.text())};
    if (std::string_view(shape) != "footprint") arguments.push_back(word(shape));
    return add("cache_in", std::move(arguments));
}

Schedule& Schedule::pack(const AnyTensor& tensor, const std::vector<LoopName>& order) {
    return add("pack", {word(tensor.name()), list(order)});
}

Schedule& Schedule::tensorize(const char* atom) { return add("tensorize", {word(atom)}); }

Schedule& Schedule::compute_at(const AnyTensor& consumer, const LoopName& loop) {
    return add("compute_at", {word(consumer.name()), word(loop.text())});
}

Schedule& Schedule::compute_inline() { return add("compute_inline", {}); }
Schedule& Schedule::fuse_epilogue() { return add("fuse_epilogue", {}); }

}  // namespace heddle

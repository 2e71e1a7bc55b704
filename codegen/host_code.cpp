// codegen/host_code.cpp -- compiled host code of a plan: from this process, from the cache on disk, else emitted.
#include "codegen/host_code.h"

#include <cstring>
#include <mutex>
#include <optional>

#include "runtime/kernel_cache.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

std::string key_text(const LoweredPlan& plan, const std::map<const TensorNode*, std::vector<std::int64_t>>& strides,
                     const Target& target) {
    std::string key = host_code_versions() + "\n" + target.text() + "\n";
    for (const std::string& feature : feature_names(target.features)) key += feature + " ";
    for (const PlanStep& step : plan.plan.steps) {
        key += "\n" + print(step.function);
        for (const AnyTensor& parameter : step.function.parameters) {
            key += "\n" + parameter.name();
            if (const auto found = strides.find(parameter.node().get()); found != strides.end())
                for (const std::int64_t stride : found->second) key += " " + std::to_string(stride);
        }
    }
    return key;
}

// The payload of the cache: number of messages, each message (values, length, text), then the object.
void put(std::vector<std::byte>& bytes, const void* data, std::size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), first, first + size);
}
void put_number(std::vector<std::byte>& bytes, std::uint64_t value) { put(bytes, &value, sizeof value); }

std::vector<std::byte> pack(const HostCode& code) {
    std::vector<std::byte> bytes;
    put_number(bytes, code.messages.size());
    for (const CheckMessage& message : code.messages) {
        put_number(bytes, static_cast<std::uint64_t>(message.values));
        put_number(bytes, message.text.size());
        put(bytes, message.text.data(), message.text.size());
    }
    put(bytes, code.object.data(), code.object.size());
    return bytes;
}

// Nothing when the bytes are not what pack() writes.
std::optional<HostCode> unpack(const std::vector<std::byte>& bytes) {
    std::size_t at = 0;
    const auto number = [&](std::uint64_t& value) {
        if (bytes.size() - at < sizeof value) return false;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        at += sizeof value;
        return true;
    };
    HostCode code;
    std::uint64_t count = 0;
    if (!number(count)) return std::nullopt;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t values = 0, length = 0;
        if (!number(values) || !number(length) || bytes.size() - at < length) return std::nullopt;
        code.messages.push_back(
            {std::string(reinterpret_cast<const char*>(bytes.data() + at), length), static_cast<int>(values)});
        at += length;
    }
    code.object.assign(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end());
    if (code.object.empty()) return std::nullopt;
    return code;
}

struct InProcess {
    std::weak_ptr<LoadedCode> code;
    std::vector<CheckMessage> messages;
};
std::mutex loaded_mutex;
std::map<std::string, InProcess>& loaded() {
    static auto* map = new std::map<std::string, InProcess>;
    return *map;
}

}  // namespace

LoadedPlan load_host_code(const LoweredPlan& plan,
                          const std::map<const TensorNode*, std::vector<std::int64_t>>& strides, const Target& target,
                          bool use_cache, CompileReport& report) {
    const std::string key = key_text(plan, strides, target);
    const std::string hash = hash_text(key);
    LoadedPlan result;
    {
        std::lock_guard lock(loaded_mutex);
        if (const auto found = loaded().find(hash); found != loaded().end()) {
            result.code = found->second.code.lock();
            result.messages = found->second.messages;
        }
    }
    if (result.code) {
        report.from_cache = true;
    } else {
        std::optional<HostCode> code;
        if (use_cache)
            if (const auto payload = KernelCache::standard().load(key)) code = unpack(*payload);
        report.from_cache = code.has_value();
        if (!code) {
            code = emit_host(host_inputs(plan, strides), target);
            report.emit = code->emit_seconds;
            report.llvm = code->llvm_seconds;
            if (use_cache) KernelCache::standard().store(key, pack(*code));
        }
        Timer timer;
        result.code = load_object(code->object, hash.substr(0, 8));
        report.load = timer.seconds();
        result.messages = code->messages;
        std::lock_guard lock(loaded_mutex);
        loaded()[hash] = {result.code, result.messages};
    }
    for (const PlanStep& step : plan.plan.steps)
        result.functions.push_back(reinterpret_cast<HostFunction>(result.code->address(step.function.name)));
    return result;
}

}  // namespace heddle

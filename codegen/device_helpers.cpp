// codegen/device_helpers.cpp -- the table of device helpers, and the texts that a set of them needs.
#include "codegen/device_helpers.h"

#include <cctype>
#include <map>

#include "codegen/device_helpers/rows.h"
#include "runtime/error.h"

namespace heddle {
namespace {

// The helpers that a text names.
std::set<std::string> named_in(const std::string& text) {
    std::set<std::string> names;
    const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && in_name(text[end])) ++end;
        if (end > i && find_device_helper(text.substr(i, end - i))) names.insert(text.substr(i, end - i));
        i = end + 1;
    }
    return names;
}

}  // namespace

const std::vector<DeviceHelper>& device_helper_table() {
    static const DeviceHelpers table = [] {
        DeviceHelpers rows;
        add_copies(rows);
        add_barriers(rows);
        add_bulk_copies(rows);
        add_tensor_memory_access(rows);
        add_fragments(rows);
        add_warpgroup_products(rows);
        add_launches(rows);
        add_conversions(rows);
        return rows;
    }();
    return table;
}

const DeviceHelper* find_device_helper(const std::string& name) {
    static const std::map<std::string, const DeviceHelper*> places = [] {
        std::map<std::string, const DeviceHelper*> by_name;
        for (const DeviceHelper& helper : device_helper_table()) by_name[helper.name] = &helper;
        return by_name;
    }();
    const auto found = places.find(name);
    return found == places.end() ? nullptr : found->second;
}

std::string device_helpers(const std::set<std::string>& names) {
    std::set<std::string> used, fresh = names;
    while (!fresh.empty()) {
        std::set<std::string> next;
        for (const std::string& name : fresh) {
            const DeviceHelper* helper = find_device_helper(name);
            if (!helper) throw InternalError("no device helper is called " + name);
            used.insert(name);
            for (const std::string& needed : named_in(helper->text))
                if (!used.count(needed)) next.insert(needed);
        }
        fresh = std::move(next);
    }
    std::string text;
    for (const DeviceHelper& helper : device_helper_table())
        if (used.count(helper.name)) text += helper.text + "\n";
    return text;
}

}  // namespace heddle

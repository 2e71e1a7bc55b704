// schedules/xgboost.cpp -- the functions of XGBoost's C interface that training takes.
#include "schedules/xgboost.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

#include "runtime/error.h"
#include "runtime/shared_library.h"

namespace heddle {
namespace {

using Handle = void*;

/// As xgboost/c_api.h declares them; 0 is success, else last_error says what it was.
struct Library {
    const char* (*last_error)() = nullptr;
    void (*version)(int* major, int* minor, int* patch) = nullptr;
    int (*create_matrix)(const float* data, std::uint64_t rows, std::uint64_t columns, float missing,
                         Handle* matrix) = nullptr;
    int (*free_matrix)(Handle) = nullptr;
    int (*set_floats)(Handle matrix, const char* field, const float* values, std::uint64_t count) = nullptr;
    int (*set_names)(Handle booster, const char* field, const char** names, std::uint64_t count) = nullptr;
    int (*create)(const Handle* matrices, std::uint64_t count, Handle* booster) = nullptr;
    int (*free_booster)(Handle) = nullptr;
    int (*set_parameter)(Handle booster, const char* name, const char* value) = nullptr;
    int (*set_attribute)(Handle booster, const char* name, const char* value) = nullptr;
    int (*update)(Handle booster, int iteration, Handle matrix) = nullptr;
    int (*save)(Handle booster, const char* config, std::uint64_t* bytes, const char** text) = nullptr;
    std::string name;
    std::optional<std::string> problem;
};

Library open_library() {
    Library library;
    static const SharedLibrary opened({"libxgboost.so.0", "libxgboost.so"});
    if (!opened.opened()) {
        library.problem = fmt::format("no XGBoost: {}; the package libxgboost-dev has it", opened.problem());
        return library;
    }
    library.name = opened.name();
    const auto take = [&](auto& function, const char* name) {
        function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(opened.address(name));
        if (function == nullptr && !library.problem)
            library.problem = fmt::format("XGBoost ({}) lacks the function {}", opened.name(), name);
    };
    take(library.last_error, "XGBGetLastError");
    take(library.version, "XGBoostVersion");
    take(library.create_matrix, "XGDMatrixCreateFromMat");
    take(library.free_matrix, "XGDMatrixFree");
    take(library.set_floats, "XGDMatrixSetFloatInfo");
    take(library.set_names, "XGBoosterSetStrFeatureInfo");
    take(library.create, "XGBoosterCreate");
    take(library.free_booster, "XGBoosterFree");
    take(library.set_parameter, "XGBoosterSetParam");
    take(library.set_attribute, "XGBoosterSetAttr");
    take(library.update, "XGBoosterUpdateOneIter");
    take(library.save, "XGBoosterSaveModelToBuffer");
    return library;
}

const Library& library() {
    static const Library opened = open_library();
    return opened;
}

void check(int status, const char* what) {
    if (status != 0) throw UserError(fmt::format("XGBoost: {}: {}", what, library().last_error()));
}

/// A matrix or a booster, freed with it.
class Owned {
public:
    explicit Owned(int (*free)(Handle)) : free_(free) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() {
        if (handle_ != nullptr) free_(handle_);
    }
    Handle* address() { return &handle_; }
    Handle get() const { return handle_; }

private:
    int (*free_)(Handle);
    Handle handle_ = nullptr;
};

}  // namespace

std::optional<std::string> xgboost_problem() { return library().problem; }

std::string xgboost_version() {
    if (library().problem) throw UserError(*library().problem);
    std::array<int, 3> parts{};
    library().version(&parts[0], &parts[1], &parts[2]);
    return fmt::format("{}.{}.{}", parts[0], parts[1], parts[2]);
}

std::string train_trees(const TreeSamples& samples, const TreeOptions& options,
                        const std::vector<std::pair<std::string, std::string>>& attributes) {
    const Library& api = library();
    if (api.problem) throw UserError(*api.problem);
    Owned matrix(api.free_matrix), booster(api.free_booster);
    check(api.create_matrix(samples.rows.data(), samples.values.size(), samples.features.size(),
                            std::numeric_limits<float>::quiet_NaN(), matrix.address()),
          "the samples");
    check(api.set_floats(matrix.get(), "label", samples.values.data(), samples.values.size()), "their values");
    check(api.set_floats(matrix.get(), "weight", samples.weights.data(), samples.weights.size()), "their weights");
    check(api.create(matrix.address(), 1, booster.address()), "a booster");
    std::vector<const char*> names;
    for (const std::string& name : samples.features) names.push_back(name.c_str());
    check(api.set_names(booster.get(), "feature_name", names.data(), names.size()), "names of features");
    // One thread: sums in another order would give other trees.
    const std::vector<std::pair<const char*, std::string>> parameters = {
        {"objective", "reg:squarederror"},
        {"base_score", "0"},
        {"tree_method", "exact"},
        {"nthread", "1"},
        {"seed", "1"},
        {"verbosity", "0"},
        {"max_depth", std::to_string(options.depth)},
        {"eta", fmt::format("{}", options.step)},
        {"min_child_weight", fmt::format("{}", options.least_weight)},
        {"subsample", fmt::format("{}", options.share_of_rows)},
        {"colsample_bytree", fmt::format("{}", options.share_of_features)}};
    for (const auto& [name, value] : parameters) check(api.set_parameter(booster.get(), name, value.c_str()), name);
    for (int i = 0; i < options.trees; ++i) check(api.update(booster.get(), i, matrix.get()), "training");
    for (const auto& [name, value] : attributes)
        check(api.set_attribute(booster.get(), name.c_str(), value.c_str()), name.c_str());
    std::uint64_t bytes = 0;
    const char* text = nullptr;
    check(api.save(booster.get(), R"({"format":"json"})", &bytes, &text), "writing the model");
    return {text, static_cast<std::size_t>(bytes)};
}

}  // namespace heddle

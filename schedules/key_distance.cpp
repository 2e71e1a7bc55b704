// schedules/key_distance.cpp -- canonical texts compared but for their sizes, and the ratios of those.
#include "schedules/key_distance.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <sstream>

#include "dsl/parse.h"

namespace heddle {
namespace {

constexpr double far = std::numeric_limits<double>::infinity();

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// "x: f32[8,64]" or "r < 3": a line whose numbers are sizes, those in the name and type aside.
std::size_t sizes_begin(const std::string& line) {
    std::size_t at = 0;
    while (at < line.size() && is_word(line[at])) ++at;
    if (at == 0) return std::string::npos;
    if (line.compare(at, 2, ": ") == 0) return line.find('[', at);
    return line.compare(at, 3, " < ") == 0 ? at + 3 : std::string::npos;
}

// Sizes become '#'.
std::string skeleton(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line); result += '\n') {
        const std::size_t begin = sizes_begin(line);
        if (begin == std::string::npos) {
            result += line;
            continue;
        }
        result += line.substr(0, begin);
        for (std::size_t i = begin; i < line.size(); ++i) {
            const bool digit = std::isdigit(static_cast<unsigned char>(line[i])) != 0;
            const bool inside = i > begin && is_word(line[i - 1]);
            if (!digit)
                result += line[i];
            else if (!inside)
                result += '#';
            else if (!std::isdigit(static_cast<unsigned char>(line[i - 1])))
                result += line[i];  // of a name: N2
        }
    }
    return result;
}

// Sizes that belong together: those of one definition's variables, or of one tensor.
using Sizes = std::vector<double>;

double size_of(const Extent& extent) { return extent.is_static() ? static_cast<double>(extent.value()) : 1; }

std::vector<Sizes> groups_of(const Pipeline& pipeline) {
    std::vector<Sizes> groups;
    for (const PipelineStage& stage : pipeline.stages) {
        groups.emplace_back();
        for (const DomainVar& v : stage.definition->domain) groups.back().push_back(size_of(v.extent));
    }
    for (const auto* tensors : {&pipeline.inputs, &pipeline.intermediates, &pipeline.outputs})
        for (const AnyTensor& tensor : *tensors) {
            groups.emplace_back();
            for (const Extent& extent : tensor.shape()) groups.back().push_back(size_of(extent));
        }
    return groups;
}

double distance(const Sizes& a, const Sizes& b) {
    if (a.size() != b.size()) return far;
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a[i] > 0 ? a[i] : 0.5, y = b[i] > 0 ? b[i] : 0.5;
        const double ratio = std::log2(x / y);
        sum += ratio * ratio;
    }
    return std::sqrt(sum);
}

}  // namespace

double key_distance(const TuningKey& a, const TuningKey& b) {
    if (a.target != b.target) return far;
    if (a.pipeline == b.pipeline) return 0;
    if (skeleton(a.pipeline) != skeleton(b.pipeline)) return far;
    try {
        const std::vector<Sizes> left = groups_of(parse_pipeline(a.pipeline)),
                                 right = groups_of(parse_pipeline(b.pipeline));
        if (left.size() != right.size()) return far;
        double most = 0;
        for (std::size_t i = 0; i < left.size(); ++i) most = std::max(most, distance(left[i], right[i]));
        return most;
    } catch (const UserError&) {
        return far;  // a text of another version
    }
}

}  // namespace heddle

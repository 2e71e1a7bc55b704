// bench/layer_tables.h -- the tables of bench/layers, which the programs carry with them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heddle::bench {

struct LayerTable {
    std::string name;       ///< of the file: "convolution"
    std::string_view text;  ///< JSON
};

/// One for each file bench/layers/NAME.json, by name.
const std::vector<LayerTable>& layer_tables();

}  // namespace heddle::bench

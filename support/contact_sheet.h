// support/contact_sheet.h -- many small images as one: a grid with a title over each column and a name a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/buffer.h"
#include "support/picture.h"

namespace heddle::support {

/// How numbers become colours: `grey` clips [0, 1]; `signed_heat` takes blue for negative and orange for positive
/// numbers; `heat` runs from black over orange to white. The last two stretch to the largest magnitudes in their
/// column.
enum class Palette : std::uint8_t { grey, signed_heat, heat };

struct SheetColumn {
    std::string title;
    std::vector<Buffer> images;  ///< one a row; 2-D, f32
    Palette palette = Palette::grey;
    std::vector<std::string> captions = {};  ///< one an image, written over its lower edge; none where empty
};

/// Cells of `cell` pixels squared, each image enlarged by whole pixels into its cell.
Picture contact_sheet(const std::vector<SheetColumn>& columns, const std::vector<std::string>& row_names,
                      int cell = 84);

}  // namespace heddle::support

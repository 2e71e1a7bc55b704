// codegen/device_helpers/rows.h -- the groups that make the table of device helpers.
#pragma once

#include <vector>

#include "codegen/device_helpers.h"

namespace heddle {

using DeviceHelpers = std::vector<DeviceHelper>;

void add_copies(DeviceHelpers& table);    ///< cp.async; addresses
void add_barriers(DeviceHelpers& table);  ///< of threads, and mbarriers
void add_bulk_copies(DeviceHelpers& table);
void add_tensor_memory_access(DeviceHelpers& table);  ///< TMA
void add_fragments(DeviceHelpers& table);             ///< ldmatrix, stmatrix, mma.sync
void add_warpgroup_products(DeviceHelpers& table);    ///< wgmma
void add_launches(DeviceHelpers& table);              ///< dependent launches, clusters, shares of registers
void add_conversions(DeviceHelpers& table);

}  // namespace heddle

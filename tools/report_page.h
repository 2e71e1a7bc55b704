// tools/report_page.h -- the page of heddle report: HTML with its style, its program and its data inside.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace heddle::tools {

/// One file that needs no other and no network. `data`: {"title", "database", "made", "roofline": SVG or null, "keys":
/// [{"key", "name", "target", "definition", "trials": [{"seconds", "spread", "status", "reason", "schedule", "time",
/// "versions"}], "best": index or -1, "knobs": [{"knob", "share", "best", "values"}], "code": null or {"language",
/// "note", "nest", "lines"}}]}.
std::string report_page(const nlohmann::json& data);

}  // namespace heddle::tools

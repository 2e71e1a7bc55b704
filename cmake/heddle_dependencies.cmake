# cmake/heddle_dependencies.cmake -- the libraries of the distribution, each under one name
include(heddle_llvm)

# fmt compiles four times faster against its shared library; a static build takes it whole into the objects instead.
find_package(fmt REQUIRED CONFIG)
add_library(heddle_fmt INTERFACE)
add_library(heddle::fmt ALIAS heddle_fmt)
target_link_libraries(heddle_fmt INTERFACE $<IF:$<BOOL:${HEDDLE_STATIC}>,fmt::fmt-header-only,fmt::fmt>)

find_package(SQLite3 REQUIRED)
add_library(heddle_sqlite INTERFACE)
add_library(heddle::sqlite ALIAS heddle_sqlite)
target_link_libraries(heddle_sqlite INTERFACE SQLite::SQLite3)

find_package(CLI11 REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
add_library(heddle_cli INTERFACE)
add_library(heddle::cli ALIAS heddle_cli)
target_link_libraries(heddle_cli INTERFACE CLI11::CLI11 nlohmann_json::nlohmann_json)

find_package(PNG REQUIRED)
add_library(heddle_png INTERFACE)
add_library(heddle::png ALIAS heddle_png)
target_link_libraries(heddle_png INTERFACE PNG::PNG)

# cmake/heddle_dependencies.cmake -- the libraries of the distribution, each under one name
include(heddle_llvm)

# fmt compiles four times faster where its functions are not inline. A static build has them in the library, once, and
# compiles everything else as a shared build does.
find_package(fmt REQUIRED CONFIG)
add_library(heddle_fmt INTERFACE)
add_library(heddle::fmt ALIAS heddle_fmt)
if(HEDDLE_STATIC)
    add_library(heddle_fmt_functions OBJECT cmake/fmt_functions.cpp)
    target_compile_options(heddle_fmt_functions PRIVATE -fkeep-inline-functions)
    target_include_directories(heddle_fmt_functions SYSTEM PRIVATE
        $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
    target_include_directories(heddle_fmt SYSTEM INTERFACE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(heddle_fmt INTERFACE $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
else()
    target_link_libraries(heddle_fmt INTERFACE fmt::fmt)
endif()

find_package(SQLite3 REQUIRED)
add_library(heddle_sqlite INTERFACE)
add_library(heddle::sqlite ALIAS heddle_sqlite)
target_link_libraries(heddle_sqlite INTERFACE SQLite::SQLite3)

find_package(CLI11 REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
add_library(heddle_json INTERFACE)
add_library(heddle::json ALIAS heddle_json)
target_link_libraries(heddle_json INTERFACE nlohmann_json::nlohmann_json)
add_library(heddle_cli INTERFACE)
add_library(heddle::cli ALIAS heddle_cli)
target_link_libraries(heddle_cli INTERFACE CLI11::CLI11 heddle::json)

find_package(PNG REQUIRED)
add_library(heddle_png INTERFACE)
add_library(heddle::png ALIAS heddle_png)
target_link_libraries(heddle_png INTERFACE PNG::PNG)

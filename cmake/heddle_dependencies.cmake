# cmake/heddle_dependencies.cmake -- the libraries of the distribution, each under one name
find_package(LLVM 19.1 REQUIRED CONFIG)
message(STATUS "LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}")
add_library(heddle_llvm INTERFACE)
add_library(heddle::llvm ALIAS heddle_llvm)
target_include_directories(heddle_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(heddle_llvm INTERFACE ${llvm_definitions})
if(HEDDLE_STATIC)
    llvm_map_components_to_libnames(heddle_llvm_libraries core orcjit orcdebugging native passes support target
        analysis irreader bitwriter perfjitevents)
else()
    set(heddle_llvm_libraries LLVM)
endif()
target_link_libraries(heddle_llvm INTERFACE ${heddle_llvm_libraries})

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
add_library(heddle::png ALIAS PNG::PNG)

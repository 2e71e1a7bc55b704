# cmake/heddle_llvm.cmake -- LLVM 19 as heddle::llvm; installed too, for programs that link a static Heddle
# Reads HEDDLE_STATIC: off takes libLLVM-19.so; on takes the archives, and those of the libraries that they need.
if(HEDDLE_STATIC)
    set(CMAKE_FIND_LIBRARY_SUFFIXES .a .so)
endif()
find_package(LLVM 19.1 REQUIRED CONFIG)
message(STATUS "LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}")
add_library(heddle_llvm INTERFACE)
add_library(heddle::llvm ALIAS heddle_llvm)
target_include_directories(heddle_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(heddle_llvm INTERFACE ${llvm_definitions})
if(HEDDLE_STATIC)
    if(NOT TARGET zstd::libzstd_static)
        message(FATAL_ERROR "LLVM's archives need libzstd.a (package libzstd-dev; tools/setup.sh --static installs it)")
    endif()
    if(NOT TARGET zstd::libzstd_shared)  # the name by which LLVM's archives ask for it
        add_library(zstd::libzstd_shared INTERFACE IMPORTED)
        target_link_libraries(zstd::libzstd_shared INTERFACE zstd::libzstd_static)
    endif()
    llvm_map_components_to_libnames(llvm_libraries core orcjit orcdebugging native passes support target analysis
        irreader asmparser linker bitwriter perfjitevents)
    # LLVM names libz3.so, which nothing that we take from it calls.
    target_link_libraries(heddle_llvm INTERFACE -Wl,--as-needed ${llvm_libraries})
else()
    target_link_libraries(heddle_llvm INTERFACE LLVM)
endif()

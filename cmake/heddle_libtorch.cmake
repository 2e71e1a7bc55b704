# cmake/heddle_libtorch.cmake -- libtorch as heddle::libtorch where it is installed: the outside oracle of tests, and a
# peer that benchmarks measure. Its own CMake package asks for a CUDA toolkit, which its CPU half does not need.
find_path(HEDDLE_LIBTORCH_INCLUDE ATen/ATen.h)
find_library(HEDDLE_LIBTORCH_LIBRARY torch_cpu)
find_library(HEDDLE_LIBTORCH_CORE c10)
if(HEDDLE_LIBTORCH_INCLUDE AND HEDDLE_LIBTORCH_LIBRARY AND HEDDLE_LIBTORCH_CORE)
    # The files that meet its headers, which take half a minute to compile each.
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/libtorch_*.cpp)
    add_library(heddle_libtorch STATIC EXCLUDE_FROM_ALL ${sources})
    add_library(heddle::libtorch ALIAS heddle_libtorch)
    target_include_directories(heddle_libtorch SYSTEM PRIVATE ${HEDDLE_LIBTORCH_INCLUDE})
    target_link_libraries(heddle_libtorch PUBLIC heddle PRIVATE heddle::fmt heddle::cli ${HEDDLE_LIBTORCH_LIBRARY}
                          ${HEDDLE_LIBTORCH_CORE})
    target_compile_definitions(heddle_libtorch INTERFACE HEDDLE_HAVE_LIBTORCH=1)
else()
    message(STATUS "libtorch not found: operators are not held against it (tools/setup.sh --test installs it)")
endif()

# cmake/heddle_onednn.cmake -- oneDNN as heddle::onednn where it is installed, as the peer that benchmarks measure
# Its own CMake package asks for an OpenCL development kit, which its CPU half does not need.
find_path(HEDDLE_ONEDNN_INCLUDE oneapi/dnnl/dnnl.hpp)
find_library(HEDDLE_ONEDNN_LIBRARY dnnl)
find_package(OpenMP QUIET COMPONENTS CXX)  # its threads are pinned through the runtime that it uses
if(HEDDLE_ONEDNN_INCLUDE AND HEDDLE_ONEDNN_LIBRARY AND TARGET OpenMP::OpenMP_CXX)
    add_library(heddle_onednn INTERFACE)
    add_library(heddle::onednn ALIAS heddle_onednn)
    target_include_directories(heddle_onednn SYSTEM INTERFACE ${HEDDLE_ONEDNN_INCLUDE})
    target_link_libraries(heddle_onednn INTERFACE ${HEDDLE_ONEDNN_LIBRARY} OpenMP::OpenMP_CXX)
    target_compile_definitions(heddle_onednn INTERFACE HEDDLE_HAVE_ONEDNN=1)
endif()

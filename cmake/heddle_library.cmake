# cmake/heddle_library.cmake -- the library `heddle` made of all folders, and its installation as heddle::heddle
include(CMakePackageConfigHelpers)

get_property(folders GLOBAL PROPERTY HEDDLE_FOLDERS)
get_property(needs GLOBAL PROPERTY HEDDLE_NEEDS)
list(REMOVE_DUPLICATES needs)
list(TRANSFORM folders REPLACE "(.+)" "$<TARGET_OBJECTS:heddle_\\1>" OUTPUT_VARIABLE objects)

if(HEDDLE_STATIC)
    add_library(heddle STATIC ${objects})
else()
    add_library(heddle SHARED ${objects})
    set_target_properties(heddle PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endif()
add_library(heddle::heddle ALIAS heddle)
set_target_properties(heddle PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(heddle PUBLIC cxx_std_20)
target_link_libraries(heddle PRIVATE ${needs})

# Installed headers lie under include/heddle; they include each other as "dsl/expr.h", hence the second path.
target_include_directories(heddle PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/heddle>)

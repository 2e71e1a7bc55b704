# cmake/heddle_library.cmake -- the library `heddle` made of all folders, and its installation as heddle::heddle
include(CMakePackageConfigHelpers)

get_property(folders GLOBAL PROPERTY HEDDLE_FOLDERS)
get_property(needs GLOBAL PROPERTY HEDDLE_NEEDS)
list(REMOVE_DUPLICATES needs)
list(TRANSFORM folders REPLACE "(.+)" "$<TARGET_OBJECTS:heddle_\\1>" OUTPUT_VARIABLE objects)

if(HEDDLE_STATIC)
    add_library(heddle STATIC ${objects} $<TARGET_OBJECTS:heddle_fmt_functions>)
else()
    add_library(heddle SHARED ${objects})
    set_target_properties(heddle PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endif()
add_library(heddle::heddle ALIAS heddle)
set_target_properties(heddle PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(heddle PUBLIC cxx_std_20)
foreach(need ${needs})
    target_link_libraries(heddle PRIVATE $<BUILD_INTERFACE:${need}>)
endforeach()

# Installed headers lie under include/heddle; they include each other as "dsl/expr.h", hence the second path.
target_include_directories(heddle PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/heddle>)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heddle)
install(TARGETS heddle EXPORT heddle
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT heddle NAMESPACE heddle:: FILE heddleTargets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/heddleConfig.cmake.in heddleConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(heddleConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/heddleConfig.cmake ${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake
    DESTINATION ${package_dir})
if(HEDDLE_STATIC)
    install(FILES cmake/heddle_llvm.cmake DESTINATION ${package_dir})
endif()

# The public headers are those that heddle/*.h reach; which ones is found when they are installed.
install(CODE "set(source_dir \"${PROJECT_SOURCE_DIR}\")
set(include_dir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}\")
include(\"${PROJECT_SOURCE_DIR}/cmake/install_headers.cmake\")")

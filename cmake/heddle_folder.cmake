# cmake/heddle_folder.cmake -- the sources of a folder, and the object library made of them

# heddle_sources(<variable> <folder> [OPTIONAL]): all .cpp files of the folder and the folders below it. A folder that
# has none gives one empty source, or, if OPTIONAL, an empty list.
function(heddle_sources variable folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
    if(NOT sources AND NOT "OPTIONAL" IN_LIST ARGN)
        set(sources ${PROJECT_BINARY_DIR}/empty/${folder}.cpp)
        set(text "// empty/${folder}.cpp -- stands in for a folder without sources\n")
        if(folder STREQUAL "tools")
            string(APPEND text "int main() {}\n")
        endif()
        file(CONFIGURE OUTPUT ${sources} CONTENT "${text}" @ONLY)
    endif()
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# heddle_folder(<folder> [AFTER <folder>] [NEEDS <library>...]): the object library heddle_<folder>.
function(heddle_folder folder)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "AFTER" "NEEDS")
    heddle_sources(sources ${folder})
    add_library(heddle_${folder} OBJECT ${sources})
    target_include_directories(heddle_${folder} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
    target_link_libraries(heddle_${folder} PRIVATE heddle_warnings ${arg_NEEDS})
    if(arg_AFTER)
        target_link_libraries(heddle_${folder} PUBLIC heddle_${arg_AFTER})
    endif()
    set_property(GLOBAL APPEND PROPERTY HEDDLE_FOLDERS ${folder})
    set_property(GLOBAL APPEND PROPERTY HEDDLE_NEEDS ${arg_NEEDS})
endfunction()

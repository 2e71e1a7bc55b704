# cmake/heddle_layer_tables.cmake -- the tables of bench/layers as C++ text, so that the program needs no file beside it

# heddle_layer_tables(<variable>): the source file that holds them.
function(heddle_layer_tables variable)
    file(GLOB tables CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/layers/*.json)
    set(rows "")
    foreach(table ${tables})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
        get_filename_component(name ${table} NAME_WE)
        file(READ ${table} text)
        string(APPEND rows "        {\"${name}\", R\"json(${text})json\"},\n")
    endforeach()
    set(source ${PROJECT_BINARY_DIR}/bench/layer_tables.cpp)
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"// bench/layer_tables.cpp -- the files of bench/layers, written here when the build is configured.
#include \"bench/layer_tables.h\"

namespace heddle::bench {

const std::vector<LayerTable>& layer_tables() {
    static const std::vector<LayerTable> tables = {
@rows@    };
    return tables;
}

}  // namespace heddle::bench
")
    set(${variable} ${source} PARENT_SCOPE)
endfunction()

# cmake/heddle_checks.cmake -- tests that are scripts

# Tests keep their caches and records inside the build folder, and know nothing that was tuned elsewhere.
set(HEDDLE_TEST_ENVIRONMENT
    "XDG_CACHE_HOME=${PROJECT_BINARY_DIR}/test_home/cache;XDG_DATA_HOME=${PROJECT_BINARY_DIR}/test_home/data;HEDDLE_SHARE=")

# heddle_check(<folder>.<name> COMMAND <program> <argument>... [TIMEOUT <seconds>] [ALONE]): a script as a test, labelled
# by its folder. The script passes with 0, fails with 1, and is skipped with 77, after it said why.
function(heddle_check name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE" "TIMEOUT" "COMMAND")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 600)
    endif()
    string(REGEX REPLACE "[.].*" "" label ${name})
    add_test(NAME ${name} COMMAND bash ${arg_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
        ENVIRONMENT "${HEDDLE_TEST_ENVIRONMENT}" RUN_SERIAL ${arg_ALONE})
endfunction()

# heddle_exists(<variable> <file>): whether the source tree has the file; looked up again at every build.
function(heddle_exists variable file)
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
    if(found)
        set(${variable} TRUE PARENT_SCOPE)
    else()
        set(${variable} FALSE PARENT_SCOPE)
    endif()
endfunction()

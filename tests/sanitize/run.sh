#!/usr/bin/env bash
# tests/sanitize/run.sh -- builds a part of the library and its tests with a sanitizer, and runs them
#
# usage: run.sh SOURCE_ROOT BUILD_DIRECTORY COMPILER address|thread [TARGET [ARGUMENT...]]
# address: AddressSanitizer with the checks of UndefinedBehaviorSanitizer that do not slow the build down.
# Without TARGET: sanitized_tests (of what is drawn from eight seeds, the first two), and for addresses the readers of
# texts and files, a few seconds each. With TARGET any test program, for example
# `run.sh . build g++ thread codegen_tests --gtest_filter='ConcurrentCompile*'`: builds all.
set -euo pipefail
root=$(realpath "$1") build=$(realpath -m "$2")/sanitize-$4 compiler=$3 kind=$4
target=${5:-}
shift $(($# < 5 ? $# : 5))

flags=-O0
case $kind in
    address)
        sanitizers=address,undefined
        flags+=" -fno-sanitize=null,alignment,vptr,object-size,pointer-overflow -fno-sanitize-recover=all"
        ;;
    thread) sanitizers=thread ;;
    *) echo "address or thread, not '$kind'" && exit 1 ;;
esac
export ASAN_OPTIONS=detect_stack_use_after_return=1:allocator_may_return_null=1 TSAN_OPTIONS=halt_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1

mkdir -p "$build"
cmake -S "$root" -B "$build" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=None "-DCMAKE_CXX_FLAGS=$flags" \
    -DHEDDLE_SANITIZE=$sanitizers -DHEDDLE_TESTS=ON -DHEDDLE_EXAMPLES=OFF -DHEDDLE_BENCH=OFF \
    $(command -v ninja >/dev/null && [ ! -e "$build/CMakeCache.txt" ] && echo -G Ninja) >"$build/configure.log"

build_targets() { cmake --build "$build" --parallel "${CTEST_PARALLEL_LEVEL:-2}" --target "$@" >"$build/build.log" ||
    { tail -50 "$build/build.log" && exit 1; }; }

if [ -n "$target" ]; then
    build_targets "$target"
    exec "$build/bin/$target" "$@"
fi
readers=()
[ $kind = thread ] || readers=(definition_text npy database_import kernel_cache)
build_targets sanitized_tests "${readers[@]/#/heddle_read_}"
others=$(printf 'Seeds/*/%d:' {2..7})
"$build/bin/sanitized_tests" --gtest_brief=1 --gtest_filter="-${others%:}"
cd "$build"
for reader in "${readers[@]}"; do
    printf '%s: ' "$reader"
    "$build/bin/heddle_read_$reader" -max_total_time=4 "$root/tests/fuzz/readers/corpus/$reader"
done

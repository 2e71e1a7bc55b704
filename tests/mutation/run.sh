#!/usr/bin/env bash
# tests/mutation/run.sh -- plants one fault after another in a copy of the library's sources; which do the tests notice?
#
#   tests/mutation/run.sh [--check] [NAME...]
#
# Faults are the lines of mutations.txt; with NAMEs only those that begin with one. --check only tries that each changes
# its file. A fault is killed when a test fails that passes without it: first those named beside it, which take seconds,
# then its suite. It survives when all pass, or do not end in ten minutes. The sources are those of the commit that is
# checked out, built once in build/mutation; the tests are those of the build folder, which open the copy's library in
# place of their own. The exit status is 1 where a fault survives.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${HEDDLE_BUILD:-$root/build}
copy=$build/mutation
list=$root/tests/mutation/mutations.txt
jobs=${CTEST_PARALLEL_LEVEL:-$(nproc)}  # compilers at once
only_check=
[ "${1:-}" != --check ] || { only_check=1 && shift; }
names=("$@")

# The tests of a suite, each a program and a filter, as beside a fault.
suite() {
    case $1 in
        dsl) echo 'dsl_tests:* codegen_tests:Boundary*:*/Boundary*:*Fuzzed*' ;;
        gradient)
            echo 'gradient_tests:MatrixTranspose*:*FuzzedGradient*:*GradientHost*:*Finite*:*Sweep* fuzz:gradient'
            ;;
        host) echo 'fuzz:host codegen_tests:-gpu_*:*/gpu_*:*Transcendental*:*CompilesWithoutWarnings*:Export*' ;;
        schedules) echo 'schedules_tests:Layout*:*/Layout*:*Swizzle*:*Golden*:*Proof*' ;;
        cuda) echo 'emulator_tests:* fuzz:cuda' ;;
        *) echo "no suite $1" >&2 && exit 2 ;;
    esac
}

# fails LIBRARY TEST: it fails with the library of that folder, and not for its time.
fails() {
    local status=0 run
    case $2 in
        fuzz:*) run=("$copy/bin/heddle_fuzz" --check "${2#*:}" --seed 1 --cases 400 --jobs 1 --shrink 0) ;;
        *) run=("$copy/bin/${2%%:*}" "--gtest_filter=${2#*:}") ;;
    esac
    rm -rf "$copy/home"  # kernels that are kept there are of another library
    (cd "$copy" && LD_LIBRARY_PATH=$1 XDG_CACHE_HOME=$copy/home XDG_DATA_HOME=$copy/home GTEST_FAIL_FAST=1 \
        timeout 600 "${run[@]}") >"$copy.log" 2>&1 || status=$?
    [ $status -ne 0 ] && [ $status -ne 124 ]
}

# is_noticed SUITE TEST...: one of the tests, or else of the suite, fails; the name of what failed is in `by`.
declare -A passes_without
is_noticed() {
    local test suite_tests tests=("${@:2}")
    read -ra suite_tests <<<"$(suite "$1")"
    for test in "${tests[@]}" "${suite_tests[@]}"; do
        fails "$copy/build/lib" "$test" 2>/dev/null || continue
        by=$(grep -m1 -oE '^\[  FAILED  \] [^ ,]*|from seed [0-9]+, [0-9]+ an hour: [0-9]+ failed' "$copy.log" || echo "$test")
        by=${by#*FAILED  ] } by=${by#*hour: }
        [[ $test != fuzz:* ]] || by="$test, $by"
        if [ -z "${passes_without[$test]:-}" ] && fails "$copy/clean" "$test"; then
            echo "without a fault, too, $test fails: see $copy.log" && exit 2
        fi
        passes_without[$test]=1
        return 0
    done
    return 1
}

make_copy() {
    local programs=(dsl_tests gradient_tests codegen_tests schedules_tests emulator_tests heddle_fuzz)
    mkdir -p "$copy/bin" "$copy/clean"
    git -C "$root" archive HEAD | tar -x -m -C "$copy"
    { cmake --build "$build" --parallel "$jobs" --target "${programs[@]}" &&
        cp "${programs[@]/#/$build/bin/}" "$copy/bin" &&
        cmake -S "$copy" -B "$copy/build" -G Ninja -DHEDDLE_TESTS=OFF -DHEDDLE_EXAMPLES=OFF -DHEDDLE_BENCH=OFF \
            "-DHEDDLE_WERROR=$(sed -n 's/^HEDDLE_WERROR:BOOL=//p' "$build/CMakeCache.txt")" &&
        cmake --build "$copy/build" --parallel "$jobs" --target heddle &&
        cp "$copy"/build/lib/libheddle.so.? "$copy/clean"; } >"$copy.log" 2>&1 ||
        { tail -30 "$copy.log" && exit 2; }
}

wanted() {
    [ ${#names[@]} -eq 0 ] && return
    for name in "${names[@]}"; do [[ $1 != "$name"* ]] || return 0; done
    return 1
}

[ -n "$only_check" ] || make_copy
killed=0 survived=0 spoilt=0
while IFS= read -r row <&3; do
    [[ $row != '#'* ]] || continue
    name=${row%% ; *} row=${row#* ; }
    file=${row%% ; *} row=${row#* ; }
    suite=${row##* ; } row=${row% ; *}
    read -ra tests <<<"${row##* ; }"
    expression=${row% ; *}
    wanted "$name" || continue
    if cmp -s "$root/$file" <(sed -e "$expression" "$root/$file"); then
        echo "$name: does not change $file any more"
        spoilt=$((spoilt + 1))
        continue
    fi
    [ -z "$only_check" ] || continue
    cp "$copy/$file" "$copy.kept"
    sed -i -e "$expression" "$copy/$file"
    for unused in variable but-set-variable parameter function; do
        sed -i "1i #pragma GCC diagnostic ignored \"-Wunused-$unused\"" "$copy/$file"
    done
    result=survived by=
    if ! cmake --build "$copy/build" --parallel "$jobs" --target heddle >"$copy.log" 2>&1; then
        result='does not build' spoilt=$((spoilt + 1))
    elif is_noticed "$suite" "${tests[@]}"; then
        result=killed killed=$((killed + 1))
    else
        survived=$((survived + 1))
    fi
    mv "$copy.kept" "$copy/$file"
    touch "$copy/$file"
    printf '%-40s %-34s %-9s %s\n' "$name" "$file" "$result" "$by"
done 3<"$list"
[ -z "$only_check" ] || { echo "$spoilt of $(grep -vc '^#' "$list") do not apply" && exit $((spoilt > 0)); }
echo "$killed killed, $survived survived, $spoilt spoilt"
[ $survived -eq 0 ] && [ $spoilt -eq 0 ]

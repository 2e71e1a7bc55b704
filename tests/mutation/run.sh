#!/usr/bin/env bash
# tests/mutation/run.sh -- plants one fault after another in a copy of the sources and tells which the tests notice
#
#   tests/mutation/run.sh [--check] [NAME...]
#
# Faults are the lines of mutations.txt; with NAMEs only those that begin with one. --check only tries that each changes
# its file. A fault is killed when a test of its suite fails; it survives when all pass, or do not end in ten minutes.
# The copy is of the commit that is checked out, lies in build/mutation and stays; a fault takes a minute or two. The
# exit status is 1 where one survives.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
copy=${HEDDLE_BUILD:-$root/build}/mutation
list=$root/tests/mutation/mutations.txt
jobs=${CTEST_PARALLEL_LEVEL:-$(nproc)}  # compilers at once
only_check=
[ "${1:-}" != --check ] || { only_check=1 && shift; }

# run_suite NAME: the tests that should notice.
run_suite() {
    local bin=$copy/build/bin
    case $1 in
        dsl) "$bin/dsl_tests" && "$bin/codegen_tests" --gtest_filter='Boundary*:*/Boundary*:*Fuzzed*' ;;
        gradient) "$bin/gradient_tests" --gtest_filter='MatrixTranspose*:*FuzzedGradient*:*GradientHost*:*Finite*:*Sweep*' ;;
        host)
            "$bin/codegen_tests" --gtest_filter='-gpu_*:*/gpu_*:*Transcendental*:*CompilesWithoutWarnings*:Export*' &&
                "$bin/heddle_fuzz" --check host --seed 1 --cases 400 --jobs 1 --shrink 0
            ;;
        schedules) "$bin/schedules_tests" --gtest_filter='Layout*:*/Layout*:Swizzle*:*Golden*:*Proof*' ;;
        cuda) "$bin/emulator_tests" && "$bin/heddle_fuzz" --check cuda --seed 1 --cases 200 --jobs 1 --shrink 0 ;;
        *) echo "no suite $1" && exit 2 ;;
    esac
}
export -f run_suite
export GTEST_FAIL_FAST=1  # one is enough
export copy

# suite_passes NAME: no test of it fails; one that is ended for its time does not count as failed.
suite_passes() {
    local status=0
    (cd "$copy/build" && timeout 600 bash -c "run_suite $1") >"$copy.log" 2>&1 || status=$?
    [ $status -eq 0 ] || [ $status -eq 124 ]
}

make_copy() {
    mkdir -p "$copy"
    git -C "$root" archive HEAD | tar -x -m -C "$copy"
    (cd "$copy" && cmake -S . -B build -G Ninja -DHEDDLE_TESTS=ON -DHEDDLE_EXAMPLES=OFF -DHEDDLE_BENCH=OFF \
        -DCMAKE_LINK_DEPENDS_NO_SHARED=ON && cmake --build build --parallel "$jobs" --target heddle dsl_tests \
        gradient_tests codegen_tests schedules_tests emulator_tests heddle_fuzz) >"$copy.log" 2>&1 ||
        { tail -30 "$copy.log" && exit 2; }
}

wanted() {
    [ ${#names[@]} -eq 0 ] && return
    for name in "${names[@]}"; do [[ $1 != "$name"* ]] || return 0; done
    return 1
}

names=("$@")
if [ -z "$only_check" ]; then
    make_copy
    for suite in dsl gradient host schedules cuda; do
        suite_passes $suite || { echo "without a fault the suite $suite fails: see $copy.log" && exit 2; }
    done
fi
killed=0 survived=0 spoilt=0
while IFS= read -r row; do
    [[ $row != '#'* ]] || continue
    name=${row%% ; *} row=${row#* ; }
    file=${row%% ; *} row=${row#* ; }
    expression=${row% ; *} suite=${row##* ; }
    wanted "$name" || continue
    if cmp -s "$root/$file" <(sed -e "$expression" "$root/$file"); then
        echo "$name: does not change $file any more"
        spoilt=$((spoilt + 1))
        continue
    fi
    [ -z "$only_check" ] || continue
    cp "$copy/$file" "$copy.kept"
    sed -i -e "$expression" "$copy/$file"
    result=survived by=$suite
    if ! cmake --build "$copy/build" --parallel "$jobs" --target heddle >"$copy.log" 2>&1; then
        result='does not build' spoilt=$((spoilt + 1))
    elif ! suite_passes $suite; then
        result=killed killed=$((killed + 1))
        by=$(grep -m1 -oE '^\[  FAILED  \] [^ ,]*|^[0-9]+ cases.*failed' "$copy.log" | sed 's/.*FAILED  . //' || true)
    else
        survived=$((survived + 1))
    fi
    mv "$copy.kept" "$copy/$file"
    touch "$copy/$file"
    printf '%-42s %-30s %-14s %s\n' "$name" "$file" "$result" "$by"
done <"$list"
[ -z "$only_check" ] || { echo "$spoilt of $(grep -vc '^#' "$list") do not apply" && exit $((spoilt > 0)); }
echo "$killed killed, $survived survived, $spoilt spoilt"
[ $survived -eq 0 ] && [ $spoilt -eq 0 ]

#!/usr/bin/env bash
# tests/fuzz/planted_fault.sh -- heddle_fuzz notices a compiler that is wrong, makes the case small, prints it as a test
#
# usage: planted_fault.sh HEDDLE_FUZZ
# HEDDLE_PLANTED_FAULT spoils one element of what programs with its value in their text compute.
set -euo pipefail
fuzz=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# run STATUS CHECK PATTERN: the status and a line of the output are as they should be.
run() {
    local status=0
    "$fuzz" --check "$2" --seed 1 --cases 12 --jobs 1 --shrink 1 >"$scratch/out" 2>&1 || status=$?
    [ $status -eq "$1" ] && grep -qE -- "$3" "$scratch/out" && return
    echo "$2: status $status, expected $1 and '$3' in" && cat "$scratch/out" && exit 1
}

for check in host cuda gradient; do
    fault='max='
    [ $check != gradient ] || fault='+='
    run 0 $check ': 0 failed'
    HEDDLE_PLANTED_FAULT=$fault run 1 $check 'from seed 1, [0-9]+ an hour: [1-9][0-9]* failed'

    # The first of the tests that it prints is small: one definition over one point.
    sed -n '/^TEST(Fuzzed, /,/^}/p; /^}/q' "$scratch/out" >"$scratch/test"
    definition=$(grep -E '^[a-z][0-9]+\[' "$scratch/test" || true)
    if [ "$(wc -l <<<"$definition")" -ne 1 ] || grep -qE '<([2-9]|1[0-9])' <<<"$definition" ||
        ! grep -qE '^    EXPECT_EQ\(.*, ""\);$' "$scratch/test"; then
        echo "$check: not as small as it gets, or no test:" && cat "$scratch/test" && exit 1
    fi
    echo "$check: $(grep -oE '[0-9]+ failed, ' "$scratch/out")the first as: $definition"
done

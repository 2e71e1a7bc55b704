#!/usr/bin/env bash
# tools/test.sh -- sets up, builds and runs every test and check; the last line says `N passed, M failed`
#
#   tools/test.sh                  all of it
#   tools/test.sh -L dsl           arguments go to ctest: here the tests of one folder
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

figures=$build/test_results.xml

# figure NAME: one of the numbers at the head of ctest's report.
figure() { grep -m1 -oE "[[:space:]]$1=\"[0-9]+\"" "$figures" | grep -oE '[0-9]+'; }

finish() {
    step_table
    if [ -s "$figures" ]; then
        local total failed skipped
        total=$(figure tests) failed=$(figure failures) skipped=$(($(figure skipped) + $(figure disabled)))
        [ "$skipped" -eq 0 ] || say "$skipped skipped: see above what they lacked"
        say "$((total - failed - skipped)) passed, $failed failed"
    else
        say "0 passed, 1 failed"  # the step that stopped the run
    fi
}
trap finish EXIT

mkdir -p "$build"
rm -f "$figures"
step "set up" "$root/tools/setup.sh" --test
step "configure" configure -DHEDDLE_WERROR=ON -DHEDDLE_TESTS=ON -DHEDDLE_EXAMPLES=ON -DHEDDLE_BENCH=ON
step "build, $jobs jobs" cmake --build "$build" --parallel "$jobs"
step "test, $jobs jobs" ctest --test-dir "$build" --parallel "$jobs" --output-on-failure --no-tests=error \
    --output-junit "$figures" "$@"

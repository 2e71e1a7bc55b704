#!/usr/bin/env bash
# tools/run_gpu.sh -- runs what tools/pack_gpu.sh packed, on the GPU machine, where it is called run.sh
#
#   run.sh                        the tests that need a CUDA device, of every program
#   run.sh tests [FILTER]         those that match a filter of GoogleTest: 'gpu_launch.*'
#   run.sh sanitize TOOL [FILTER] the same under compute-sanitizer (memcheck, racecheck, initcheck, synccheck)
#   run.sh bench ARGUMENT...      heddle_bench
#   run.sh pytorch ARGUMENT...    PyTorch's times of the same layers, for heddle_bench gpu --peers-json
#   run.sh heddle ARGUMENT...     the command
#
# The last line of the tests says `N passed, M failed, K skipped`; the exit status is 0 when none failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$here/bin
if compgen -G "$bin/*.xz" >/dev/null; then
    bin=${TMPDIR:-/tmp}/heddle-gpu-$(id -u)
    mkdir -p "$bin"
    for packed in "$here"/bin/*.xz; do
        program=$bin/$(basename "$packed" .xz)
        [ "$program" -nt "$packed" ] || { xz -dc "$packed" >"$program.part" && chmod +x "$program.part" &&
            mv "$program.part" "$program"; }
    done
fi
chmod +x "$bin"/* 2>/dev/null || true
# name_library VARIABLE NAME: sets the variable to a library that neither the loader nor the toolkit's folder has, as when
# it came with a Python package.
name_library() {
    local found
    [ -z "${!1:-}" ] || return 0
    ! { ldconfig -p 2>/dev/null || true; } | grep -F "$2" >/dev/null || return 0
    ! compgen -G "/usr/local/cuda/lib64/$2*" >/dev/null || return 0
    found=$({ find / -xdev -name "$2*" 2>/dev/null || true; } | sort | sed -n 1p)
    [ -z "$found" ] || export "$1=$found"
}
name_library HEDDLE_NVRTC libnvrtc.so

# run_tests FILTER COMMAND...: every test program, through the command (none: directly).
run_tests() {
    local filter=$1 passed=0 failed=0 skipped=0 program log
    shift
    log=$(mktemp)
    for program in "$bin"/*_tests; do
        [ -x "$program" ] || continue
        echo "==> $(basename "$program")"
        (cd "$here" && "$@" "$program" --gtest_filter="$filter" --gtest_brief=0) 2>&1 | tee "$log" |
            grep -vE '^\[ +(RUN|OK) |^\[-+\]|^$' || true
        # A program that ends early has not said "tests ran".
        grep -qE '^\[=+\] [0-9]+ tests? from .* ran' "$log" || { echo "ended early" && failed=$((failed + 1)); }
        if grep -qE '^=+ [A-Z]+ SUMMARY: [1-9]' "$log"; then failed=$((failed + 1)); fi
        passed=$((passed + $(grep -cE '^\[ +OK ' "$log" || true)))
        failed=$((failed + $(grep -cE '^\[ +FAILED +\] [^ ]+ \(' "$log" || true)))
        skipped=$((skipped + $(grep -cE '^\[ +SKIPPED +\] [^ ]+ \(' "$log" || true)))
    done
    rm -f "$log"
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
}

case ${1:-tests} in
    tests) run_tests "${2:-gpu_*:*/gpu_*}" ;;
    sanitize)
        # Faults on purpose are no findings, and neither are calls that the driver refuses on purpose.
        tool=${2:?memcheck, racecheck, initcheck or synccheck}
        quiet=()
        [ "$tool" != memcheck ] || quiet=(--report-api-errors no)
        # cuBLAS reads, and does not use, what lies in the gaps between rows: nobody wrote it.
        others=gpu_fault*:gpu_memory*
        [ "$tool" != initcheck ] || others+=:gpu_cublas*:*/gpu_cublas*
        run_tests "${3:-gpu_*:*/gpu_*:-$others}" compute-sanitizer --tool "$tool" "${quiet[@]}"
        ;;
    bench)
        name_library HEDDLE_CUBLAS libcublas.so.
        name_library HEDDLE_CUDNN libcudnn.so.9
        shift && exec "$bin/heddle_bench" "$@"
        ;;
    pytorch) shift && exec python3 "$here/bench/pytorch_peers.py" "$@" ;;
    heddle) shift && exec "$bin/heddle" "$@" ;;
    *) sed -n '4,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
esac

#!/usr/bin/env bash
# tests/bench/refusals.sh -- what heddle_bench says of wrong uses, and that a short run writes its results
#
# usage: refusals.sh HEDDLE_BENCH
set -euo pipefail
bench=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HEDDLE_DB=$scratch/tuning.db

refused() {  # refused STATUS PART_OF_THE_MESSAGE ARGUMENT...
    local status=0
    "$bench" "${@:3}" >"$scratch/out" 2>&1 || status=$?
    [ $status = "$1" ] && grep -qF -- "$2" "$scratch/out" && return
    echo "heddle_bench ${*:3}: status $status, expected $1 and \"$2\" in"
    cat "$scratch/out"
    exit 1
}

layer='{"name": "small", "N": 1, "C": 8, "H": 9, "W": 9, "K": 16, "R": 3, "S": 3, "stride": 1, "padding": 1, "dilation": 1, "groups": 1}'
echo "[$layer]" >"$scratch/layers.json"
echo "[${layer/\"K\": 16/\"K\": 0}]" >"$scratch/zero.json"
echo 'layers' >"$scratch/text.json"
small=(--file "$scratch/layers.json")

refused 2 "there is no layer 'smal'; did you mean 'small'?" convolution "${small[@]}" --layers smal
refused 2 '"K" should be a whole number of 1 or more' convolution --file "$scratch/zero.json"
refused 2 "target 'vax': unknown" latency --target vax
refused 2 "target 'vax': unknown" model --target vax
refused 2 'there is no layer of these names' model --layers nothing
refused 2 'is not JSON' model --replay "$scratch/text.json"
refused 2 'is not JSON' latency --file "$scratch/text.json"
refused 2 'cannot be read' latency --file "$scratch/nowhere.json"
refused 2 'cannot be written' convolution "${small[@]}" --json "$scratch/nowhere/results.json"
refused 2 '--layout' convolution "${small[@]}" --layout chwn

refused 2 "there is no layer or table 'poolin'; did you mean 'pooling'?" gpu --layers poolin
refused 2 "'f8' is no type" gpu --type f8
refused 2 'no layer has any of the directions and types' gpu --layers pooling --direction dw
refused 2 'cannot be read' gpu --peers-json "$scratch/nowhere.json"
refused 2 'should be what heddle_bench gpu --json writes' roofline "$scratch/layers.json"
refused 2 'is not JSON' roofline "$scratch/text.json"
# Hides the devices there are; without a driver it is that which is missing.
export CUDA_VISIBLE_DEVICES=
refused 2 'CUDA d' gpu --layers max.55
[ "$(wc -l <"$scratch/out")" = 1 ] || { echo "more than one line:" && cat "$scratch/out" && exit 1; }
"$bench" gpu --list --layers pooling,rows >"$scratch/out"
grep -q '^max.112 .*P 56 Q 56$' "$scratch/out"

short=(--rounds 2 --turn 1ms)
for layout in nhwc nchw; do
    "$bench" convolution "${small[@]}" "${short[@]}" --layout $layout --json "$scratch/results.json" \
        --schedule 'y.0: parallel(n)' --schedule 'y.0: parallel(z)' >"$scratch/out"
    grep -q 'schedule 2 is left out: .*z' "$scratch/out" || { echo "no word on schedule 2:" && cat "$scratch/out" && exit 1; }
    grep -q '"layer":"small".*"default schedule".*"schedule 1".*"plain loops"' "$scratch/results.json"
done
"$bench" latency "${small[@]}" --repeats 1 --json "$scratch/results.json" >"$scratch/out"
grep -q '"cold".*"warm".*"by position"' "$scratch/results.json"
echo "all as expected"

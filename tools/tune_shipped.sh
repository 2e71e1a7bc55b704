#!/usr/bin/env bash
# tools/tune_shipped.sh -- tunes the layers whose schedules come with Heddle, on the machine that they are for
#
#   tools/tune_shipped.sh host|cuda [TIME [FOLDER]]
#
# TIME in all (10m), shared by the layers of tools/shipped/KIND.json. Writes to FOLDER (share/heddle)
#   KIND.tuning.jsonl     the fastest schedule of each layer: what comes with Heddle
# and, to a FOLDER that was named, KIND.trials.jsonl.xz: all trials, from which a cost model can learn:
#   xz -dc cuda.trials.jsonl.xz | heddle db import - --db trials.db
#   heddle db train --db trials.db --target cuda -o share/heddle/cuda.model.json
# HEDDLE names the command (build/bin/heddle).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=${1:-} time=${2:-10m}
heddle=${HEDDLE:-$root/build/bin/heddle}
case $kind in
    host | cuda) ;;
    *) sed -n '4,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 2 ;;
esac
mkdir -p "${3:-$root/share/heddle}"
folder=$(cd "${3:-$root/share/heddle}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HEDDLE_DB=$scratch/tuning.db HEDDLE_CACHE=

# What is there already is a start; it is measured again with the rest.
"$heddle" tune --suite "$root/tools/shipped/$kind.json" --target "$kind" --total "$time" >"$scratch/log" 2>&1 || true
grep -E '^heddle: |^  [0-9]+ failed' "$scratch/log" | sort | uniq -c || true
[ -z "${3:-}" ] || "$heddle" db export | xz -9c >"$folder/$kind.trials.jsonl.xz"
"$heddle" db prune --keep 1 --failures
"$heddle" db export -o "$folder/$kind.tuning.jsonl"

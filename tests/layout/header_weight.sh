#!/usr/bin/env bash
# tests/layout/header_weight.sh -- heddle/heddle.h reaches no heavy header, and compiles at -O0 within its time
#
# usage: header_weight.sh SOURCE_ROOT COMPILER
set -euo pipefail
root=$1 compiler=$2
limit_seconds=${HEDDLE_HEADER_SECONDS:-1.2}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#include <heddle/heddle.h>\nint main() {}\n' >"$scratch/user.cpp"
command=("$compiler" -std=c++20 -O0 "-I$root" "$scratch/user.cpp")

heavy=$("${command[@]}" -M | tr -s ' \\' '\n' | grep -E '/(llvm|llvm-c|clang|fmt|nlohmann|CLI|gtest)/|cuda|nvrtc|sqlite3[.]h' || true)
if [ -n "$heavy" ]; then
    printf 'heddle/heddle.h includes headers that its users should not need:\n%s\n' "$heavy"
    exit 1
fi

best=1000
for attempt in 1 2 3; do
    begin=$EPOCHREALTIME
    "${command[@]}" -fsyntax-only
    seconds=$(awk -v a="${begin/,/.}" -v b="${EPOCHREALTIME/,/.}" 'BEGIN { printf "%.2f", b - a }')
    best=$(awk -v a="$best" -v b="$seconds" 'BEGIN { print a < b ? a : b }')
    printf 'attempt %d: %s s (at most %s s)\n' "$attempt" "$seconds" "$limit_seconds"
    awk -v a="$best" -v b="$limit_seconds" 'BEGIN { exit !(a <= b) }' && exit 0
done
printf 'heddle/heddle.h takes %s s to compile, more than %s s\n' "$best" "$limit_seconds"
exit 1

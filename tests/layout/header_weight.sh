#!/usr/bin/env bash
# tests/layout/header_weight.sh -- heddle/heddle.h reaches no heavy header, and costs little beside the standard library's
#
# usage: header_weight.sh SOURCE_ROOT COMPILER
# A time in seconds says more of the machine than of the header, so the measure is a ratio: the processor's time to read
# heddle/heddle.h over that to read the standard headers that it may include, both at -O0, in turn, the best of each. On
# the machine where the yardstick takes 0.66 s, the limit allows 1.0 s.
set -euo pipefail
root=$1 compiler=$2
limit=${HEDDLE_HEADER_LIMIT:-1.5}
standard_headers=(array concepts cstddef cstdint initializer_list limits map memory optional source_location span
    stdexcept string string_view utility variant vector version)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf '#include <heddle/heddle.h>\nint main() {}\n' >"$scratch/user.cpp"
{ printf '#include <%s>\n' "${standard_headers[@]}" && printf 'int main() {}\n'; } >"$scratch/yardstick.cpp"
command=("$compiler" -std=c++20 -O0 "-I$root")

reached=$("${command[@]}" "$scratch/user.cpp" -M | tr -s ' \\' '\n')
heavy=$(grep -E '/(llvm|llvm-c|clang|fmt|nlohmann|CLI|gtest)/|cuda[^/]*[.]h|nvrtc|sqlite3[.]h' <<<"$reached" | grep -v "^$root/" || true)
if [ -n "$heavy" ]; then
    printf 'heddle/heddle.h includes headers that its users should not need:\n%s\n' "$heavy"
    exit 1
fi

# The processor's time to check one file, in seconds.
TIMEFORMAT='%U %S'
seconds() {
    { time "${command[@]}" -fsyntax-only "$1" 2>"$scratch/messages"; } 2>"$scratch/time" || { cat "$scratch/messages" >&2; exit 1; }
    awk '{ print $1 + $2 }' "$scratch/time"
}
smaller() { awk -v a="$1" -v b="$2" 'BEGIN { print a < b ? a : b }'; }

header=1000 yardstick=1000
for attempt in 1 2 3 4 5 6 7 8; do
    yardstick=$(smaller "$yardstick" "$(seconds "$scratch/yardstick.cpp")")
    header=$(smaller "$header" "$(seconds "$scratch/user.cpp")")
    [ "$attempt" -ge 3 ] || continue
    awk -v h="$header" -v y="$yardstick" -v limit="$limit" -v attempt="$attempt" 'BEGIN {
        printf "attempt %d: %.2f s, the standard headers alone %.2f s: %.2f times (at most %s)\n", attempt, h, y, h / y, limit
        exit !(h <= limit * y) }' && exit 0
done

printf 'too slow. The largest headers it reaches, in bytes:\n'
grep '[.]h$\|/c++/' <<<"$reached" | sort -u | xargs stat -L -c '%s %n' | sort -rn | head -12
exit 1

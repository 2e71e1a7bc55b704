#!/usr/bin/env bash
# tests/compile_fail/check.sh -- a source that must be refused, with one short error, and its accepted twin
#
# usage: check.sh SOURCE_ROOT COMPILER FILE
# FILE says `// EXPECT: <extended regular expression>` for the error's text and ends the refused line with `// HERE`.
# Compiled as it stands it must give exactly one `error:`, which matches, and a message that names the refused line.
# Compiled with -DACCEPTED it must pass.
set -euo pipefail
root=$1 compiler=$2 file=$3
command=("$compiler" -std=c++20 -fsyntax-only -fno-diagnostics-color "-I$root" "$file")

expected=$(sed -n 's|^// EXPECT: ||p' "$file")
here=$(grep -n '// HERE$' "$file" | cut -d: -f1 || true)
[ -n "$expected" ] || { echo "$file has no line // EXPECT: <regex>" && exit 1; }
[ -n "$here" ] || { echo "$file has no line that ends in // HERE" && exit 1; }

if ! "${command[@]}" -DACCEPTED; then
    echo "the accepted twin of $file does not compile"
    exit 1
fi
if output=$("${command[@]}" 2>&1); then
    echo "$file compiles, and should not"
    exit 1
fi
printf '%s\n' "$output"
errors=$(grep -c 'error: ' <<<"$output" || true)
[ "$errors" -eq 1 ] || { echo "expected one error, found $errors" && exit 1; }
grep 'error: ' <<<"$output" | grep -E -- "$expected" >/dev/null || { echo "the error does not match: $expected" && exit 1; }
grep -q "$(basename "$file"):$here:" <<<"$output" || { echo "no message names line $here, the refused one" && exit 1; }

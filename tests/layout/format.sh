#!/usr/bin/env bash
# tests/layout/format.sh -- every .h and .cpp file is as clang-format writes it; 77 (skipped) where there is none
#
# usage: format.sh SOURCE_ROOT
set -euo pipefail
cd "$1"
for tool in clang-format-14 clang-format clang-format-18 clang-format-19; do
    command -v $tool >/dev/null && break
    tool=
done
[ -n "$tool" ] || { echo "no clang-format here: tools/setup.sh --test installs it" && exit 77; }
$tool --version

mapfile -t files < <(git ls-files '*.h' '*.cpp' 2>/dev/null | while read -r f; do [ ! -f "$f" ] || echo "$f"; done)
[ ${#files[@]} -gt 0 ] || { echo "git lists no files: nothing to check" && exit 77; }
echo "${#files[@]} files"
$tool --dry-run --Werror "${files[@]}" || { echo "$tool -i <files> puts it right" && exit 1; }

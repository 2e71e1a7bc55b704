#!/usr/bin/env bash
# tests/layout/environment.sh -- docs/environment.md names the environment variables that the code reads, and no others
#
# usage: environment.sh SOURCE_ROOT
# A variable of the code is one of our names (or NO_COLOR, HOME, XDG_*) as a string of its own in a .cpp file; of the
# scripts, one with a value where it is not set.
set -euo pipefail
cd "$1"

read_by_code() {
    find runtime dsl schedules codegen ops support tools bench tests -name '*.cpp' -exec \
        grep -ohE '"(HEDDLE_[A-Z_]+|XDG_[A-Z_]+|HOME|NO_COLOR)"' {} + | tr -d '"'
    find tools tests .ci -type f ! -name '*.cpp' ! -name '*.h' -exec grep -ohE '[$][{]HEDDLE_[A-Z_]+:-' {} + | tr -d '${:-'
}
named_by_page() { grep -E '^\| `' docs/environment.md | cut -d'|' -f2 | grep -oE '[A-Z][A-Z_]+'; }

faults=$({ diff <(read_by_code | sort -u) <(named_by_page | sort -u) || true; } | sed -n \
    -e 's/^< \(.*\)/\1 is read, and docs\/environment.md does not name it/p' \
    -e 's/^> \(.*\)/\1 is named by docs\/environment.md, and nothing reads it/p')
[ -z "$faults" ] || { echo "$faults" && exit 1; }
echo "$(named_by_page | wc -l) variables"

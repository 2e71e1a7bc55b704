#!/usr/bin/env bash
# tests/layout/tidy.sh -- clang-tidy on the .cpp files that changed; 77 (skipped) where there is no clang-tidy
#
# usage: tidy.sh SOURCE_ROOT BUILD_DIRECTORY
# Changed means: differs from the commit HEDDLE_TIDY_BASE (HEAD~ unless set), not committed yet, or has a header of its
# own name that is.
set -euo pipefail
cd "$1"
build=$2
for tool in clang-tidy clang-tidy-14 clang-tidy-18 clang-tidy-19; do
    command -v $tool >/dev/null && break
    tool=
done
[ -n "$tool" ] || { echo "no clang-tidy here: tools/setup.sh --test installs it" && exit 77; }

base=${HEDDLE_TIDY_BASE:-HEAD~}
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout: what changed is unknown" && exit 77; }
if ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
    echo "no commit $base: only files that are not committed count as changed"
    base=HEAD
fi

checked=()
while read -r file; do
    case $file in
        *.h) file=${file%.h}.cpp ;;
        *.cpp) ;;
        *) continue ;;
    esac
    [ -f "$file" ] || continue
    if grep -qF "\"file\": \"$PWD/$file\"" "$build/compile_commands.json"; then
        checked+=("$file")
    else
        echo "not checked, since this build does not compile it: $file"
    fi
done < <({ git diff --name-only "$base" -- && git ls-files --others --exclude-standard; } | sort -u)
mapfile -t checked < <(printf '%s\n' "${checked[@]}" | sort -u | grep . || true)

echo "$tool, against $(git rev-parse --short "$base"): ${#checked[@]} files"
[ ${#checked[@]} -gt 0 ] || exit 0
printf '  %s\n' "${checked[@]}"
printf '%s\0' "${checked[@]}" | xargs -0 -n 1 -P "${CTEST_PARALLEL_LEVEL:-$(nproc)}" $tool --quiet -p "$build" \
    2> >(grep -v 'warnings generated\|Suppressed\|Use -header-filter' >&2)

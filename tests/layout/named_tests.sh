#!/usr/bin/env bash
# tests/layout/named_tests.sh -- the tests that docs/trust.md names are there
#
# usage: named_tests.sh SOURCE_ROOT
set -euo pipefail
cd "$1"
defined=$(grep -rhoE '^TEST(_P|_F)?\([A-Za-z_]+, [A-Za-z0-9_]+\)' tests --include='*_test.cpp' |
    sed -E 's/^TEST(_P|_F)?\((.*), (.*)\)/\2.\3/' | sort -u)
named=$(grep -oE '`[A-Za-z_]+\.[A-Za-z0-9_]{8,}`' docs/trust.md | tr -d '`' | grep -vE '^(fuzz|layout|sanitize)\.' | sort -u)
missing=$(comm -23 <(echo "$named") <(echo "$defined"))
[ -z "$missing" ] || { printf 'docs/trust.md names tests that are not there:\n%s\n' "$missing" && exit 1; }
# Cases of a parametrised test, which are written as "name" in its table.
cases=$(grep -oE '`[A-Za-z_]+\.[A-Za-z0-9_]+/[a-z0-9_]+`' docs/trust.md | tr -d '`' | sed 's|.*/||' | sort -u)
for name in $cases; do
    grep -rqF "\"$name\"" tests --include='*_test.cpp' && continue
    echo "docs/trust.md names a case that is not there: $name" && exit 1
done
echo "$(wc -l <<<"$named") tests are named"

#!/usr/bin/env bash
# tests/snippets/run.sh -- compiles and runs the code blocks of a Markdown page, and compares the output it promises
#
# usage: run.sh SOURCE_ROOT BUILD_DIRECTORY COMPILER PAGE
# What is run:
#   ```cpp  with an `int main`                                as it stands
#   ```cpp  after a line <!-- snippet: NAME -->               as the body of main, with heddle.h included; blocks of one
#                                                             name are one program
#   ```sh   after a line <!-- snippet: NAME -->               by bash, in an empty folder, with heddle on the PATH
# What is compared: a block after <!-- output: NAME --> is what NAME prints. In it a line `...` stands for any lines.
# With HEDDLE_UPDATE_GOLDENS=1 a block without such a line that differs is written anew.
set -euo pipefail
root=$1 build=$2 compiler=$3 page=$(realpath "$4")

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PATH=$build/bin:$PATH

awk -v out="$scratch" -v page="$(basename "$page")" '
function directive(kind,   text) {
    text = $0
    sub("^<!-- " kind ": *", "", text)
    sub(/ *-->.*$/, "", text)
    return text
}
!inside && /^<!-- snippet: / { name = directive("snippet"); next }
!inside && /^<!-- output: / { promised = directive("output"); next }
!inside && /^```/ {
    inside = 1
    language = substr($0, 4)
    text = ""
    start = NR
    next
}
inside && /^```/ {
    inside = 0
    complete = language == "cpp" && text ~ /(^|\n)int main\(/
    if (promised != "") file = promised ".expected"
    else if (complete) file = (name != "" ? name : "line_" start) ".cpp"
    else if (name != "" && (language == "cpp" || language == "sh")) file = name (language == "cpp" ? ".body" : ".sh")
    else if (name != "") { printf "%s:%d: a %s block cannot be a snippet\n", page, start, language; failed = 1; file = "" }
    else file = ""
    if (file != "") printf "%s", text >> (out "/" file)
    name = promised = ""
    next
}
inside { text = text $0 "\n"; next }
/[^ \t]/ && (name != "" || promised != "") {
    printf "%s:%d: a snippet or output line stands directly before its block\n", page, NR
    exit 1
}
END { exit failed }' "$page"

cd "$scratch"
shopt -s nullglob
for body in *.body; do  # includes first, the rest inside main
    {
        printf '#include <heddle/heddle.h>\n'
        grep -E '^(#include|using namespace std)' "$body" || true
        printf 'using namespace heddle;\nint main() {\n'
        grep -vE '^(#include|using namespace)' "$body" || true
        printf '}\n'
    } >"${body%.body}.cpp"
done

count=0
failures=0
wrong() {
    printf '%s: snippet %s %s\n' "$(basename "$page")" "$1" "$2"
    failures=$((failures + 1))
}

# write_output NAME: the page's block after <!-- output: NAME --> becomes what was printed.
write_output() {
    awk -v name="$1" -v actual="$1.actual" '
    !inside && index($0, "<!-- output: " name " -->") == 1 { found = 1 }
    inside && /^```/ { inside = 0 }
    !inside { print }
    found && /^```/ {
        found = 0
        inside = 1
        while ((getline line < actual) > 0) print line
    }' "$page" >page.new
    cat page.new >"$page"
    echo "$(basename "$page"): wrote what $1 prints"
}

for snippet in *.cpp *.sh; do
    name=${snippet%.*}
    count=$((count + 1))
    mkdir -p "run/$name"
    if [ "$snippet" = "$name.cpp" ]; then
        if ! "$compiler" -std=c++20 "-I$root" "$snippet" -o "$name.bin" "-L$build/lib" -lheddle "-Wl,-rpath,$build/lib"; then
            wrong "$name" "does not compile"
            continue
        fi
        command=("../../$name.bin")
    else
        command=(bash -euo pipefail "../../$snippet")
    fi
    if ! (cd "run/$name" && "${command[@]}") >"$name.actual"; then
        cat "$name.actual"
        wrong "$name" "fails"
        continue
    fi
    if [ -f "$name.expected" ]; then
        pattern=$(sed -e 's/[[:space:]]*$//' -e '/^[.][.][.]$/!s/[][*?\\()|+@!]/\\&/g' -e 's/^[.][.][.]$/*/' "$name.expected")
        actual=$(sed -e 's/[[:space:]]*$//' "$name.actual")
        # shellcheck disable=SC2053  # the right side is a pattern
        if [[ $actual != $pattern && ${HEDDLE_UPDATE_GOLDENS:-} == 1 ]] && ! grep -q '^[.][.][.]$' "$name.expected"; then
            printf '%s\n' "$actual" >"$name.actual"
            write_output "$name"
        elif [[ $actual != $pattern ]]; then
            diff "$name.expected" "$name.actual" || true
            wrong "$name" "prints something else than the page promises (<: the page)"
        fi
    fi
done
for expected in *.expected; do
    [ -f "${expected%.expected}.cpp" ] || [ -f "${expected%.expected}.sh" ] ||
        wrong "${expected%.expected}" "is promised an output, but is not a snippet of this page"
done

printf '%s: %d snippets, %d faults\n' "$(basename "$page")" "$count" "$failures"
[ $failures -eq 0 ]

#!/usr/bin/env bash
# tests/layout/layering.sh -- who may include whom, which outside library is met where, and how a file begins
#
# usage: layering.sh SOURCE_ROOT
set -euo pipefail
cd "$1"

for folder in runtime dsl schedules codegen ops heddle support tools examples tests bench; do
    [ ! -d "$folder" ] || find "$folder" -name "*.h" -o -name "*.cpp"
done | sort | awk '
BEGIN {
    # A folder includes itself and the folders of a lower rank. Those of one rank may not include each other.
    folders = split("runtime dsl schedules codegen ops heddle support", name, " ")
    for (i = 1; i <= folders; ++i) rank[name[i]] = i
    rank["tools"] = rank["examples"] = folders + 1
    rank["bench"] = folders + 2  # shares what tools has
    rank["tests"] = folders + 3  # test all of it

    # Outside libraries: the files that may include them.
    allowed["llvm/"] = allowed["llvm-c/"] = "^(codegen/|(runtime|tests/[a-z_]+)/(llvm_|emit_llvm))"
    allowed["nlohmann/"] = "^(tools|tests|bench|schedules/.*[.]cpp)"
    allowed["CLI/"] = "^(tools|examples|tests|bench)/"
    allowed["png.h"] = "^(support|tests)/"
    allowed["sqlite3.h"] = "^(schedules/.*[.]cpp|tests/)"
    allowed["fmt/"] = "^(support/|tools/|tests/|bench/|.*[.]cpp|(runtime|dsl|schedules|codegen|ops)/)"
    allowed["ATen/"] = allowed["c10/"] = allowed["torch/"] = "^(tools|bench)/libtorch_"
    allowed["gtest/"] = allowed["gmock/"] = "^tests/"
    allowed["benchmark/"] = allowed["oneapi/"] = allowed["dnnl"] = "^bench/"
    allowed["cuda"] = allowed["nvrtc"] = allowed["cublas"] = "^$"  # opened at run time, declared by ourselves
}
function wrong(what) { printf "%s:%d: %s\n", file, line, what; ++faults }
function exists(path,   text, status) {
    status = (getline text < path)
    close(path)
    return status >= 0
}
{
    file = $0
    split(file, part, "/")
    own = rank[part[1]]
    header = file
    sub(/[.]cpp$/, ".h", header)
    owed = header != file && file !~ /^(tests|examples|bench)/ && exists(header)
    line = 0
    while ((getline text < file) > 0) {
        ++line
        if (line == 1 && (index(text, "// " file " -- ") != 1 || length(text) < length(file) + 10))
            wrong("the first line should read `// " file " -- <purpose>`")
        if (text !~ /^[ \t]*#[ \t]*include[ \t]*[<"]/) continue
        quoted = text ~ /^[^<"]*"/
        target = text
        sub(/^[^<"]*[<"]/, "", target)
        sub(/[>"].*/, "", target)
        if (owed && target != header) wrong("the first include should be its own header, \"" header "\"")
        owed = 0
        split(target, piece, "/")
        if (quoted || piece[1] == "heddle") {
            if (!(piece[1] in rank)) wrong("includes are written from the root of the repository, not \"" target "\"")
            else if (!exists(target)) wrong("there is no file " target)
            else if (rank[piece[1]] > own || (rank[piece[1]] == own && piece[1] != part[1]))
                wrong(part[1] "/ may not include " piece[1] "/: runtime <- dsl <- schedules <- codegen <- ops <- the rest")
            continue
        }
        for (library in allowed)
            if (index(target, library) == 1 && file !~ allowed[library])
                wrong("<" target "> has no place in this file")
    }
    close(file)
    ++files
}
END {
    printf "%d files, %d faults\n", files, faults
    exit faults > 0
}'

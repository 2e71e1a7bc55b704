#!/usr/bin/env bash
# tools/pack_gpu.sh -- builds static, stripped programs and packs them into gpu/, for a GPU machine without the build's
# dependencies; there gpu/run.sh runs the tests that need a CUDA device, the benchmarks and the command
#
#   tools/pack_gpu.sh                        every test program that has tests of the device, the benchmarks, the command
#   tools/pack_gpu.sh runtime_tests heddle   these alone
#   tools/pack_gpu.sh --dry-run [NAME...]    says what it would build and pack
#
# gpu/ holds up to 56 MiB. Programs that pass it together are compressed, and run.sh unpacks them. The build is in
# build-static/ (HEDDLE_GPU_BUILD), the package in gpu/ (HEDDLE_GPU_PACKAGE).
set -euo pipefail
# shellcheck source=tools/steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
build=${HEDDLE_GPU_BUILD:-$root/build-static}
package=${HEDDLE_GPU_PACKAGE:-$root/gpu}
limit_bytes=$((56 << 20))

dry=
names=()
for argument; do
    case $argument in
        --dry-run) dry=yes ;;
        -h | --help)
            sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit
            ;;
        -*) fail "tools/pack_gpu.sh: unknown option $argument (known: --dry-run)" ;;
        *) names+=("$argument") ;;
    esac
done
if [ ${#names[@]} -eq 0 ]; then
    # Programs with tests of the device: those whose folder has a *_gpu_test.cpp.
    mapfile -t names < <(cd "$root/tests" && find . -name '*_gpu_test.cpp' | cut -d/ -f2 | sort -u | sed 's/$/_tests/')
    names+=(heddle_bench heddle)
fi

# target NAME: the build's target for a program.
target() { if [ "$1" = heddle ]; then echo heddle_command; else echo "$1"; fi; }
targets=()
for name in "${names[@]}"; do targets+=("$(target "$name")"); done

configure_static() {
    configure -DHEDDLE_STATIC=ON -DHEDDLE_TESTS=ON -DHEDDLE_BENCH=ON -DHEDDLE_EXAMPLES=OFF "$@"
}

# pack: strips the programs into the package, with the files that tests and benchmarks read.
pack() {
    rm -rf "$package"
    mkdir -p "$package/bin" "$package/tests" "$package/bench"
    local name
    for name in "${names[@]}"; do
        strip -o "$package/bin/$name" "$build/bin/$name"
    done
    [ ! -d "$root/tests/golden" ] || cp -r "$root/tests/golden" "$package/tests/"
    cp -r "$root/bench/layers" "$root/bench/pytorch_peers.py" "$package/bench/"
    cp "$root/tools/run_gpu.sh" "$package/run.sh"
    if [ "$(du -sb "$package" | cut -f1)" -gt $limit_bytes ]; then
        xz -T0 -3 "$package"/bin/*
    fi
    local bytes
    bytes=$(du -sb "$package" | cut -f1)
    du -sh "$package"/bin/* "$package"
    [ "$bytes" -le $limit_bytes ] || fail "$package has $bytes bytes, and may have $limit_bytes: name fewer programs"
}

# leans: what the programs need of the machine they run on; only the C library's parts are allowed.
leans() {
    local name other=0
    for name in "${names[@]}"; do
        readelf -d "$build/bin/$name" | awk -v name="$name" '
            /NEEDED/ && !/\[(libc|libm|libdl|libpthread|librt|libresolv|ld-linux[^]]*)\.so/ {
                print "    " name " needs " $NF
                ++bad
            }
            END { exit bad > 0 }' || other=1
    done
    [ $other -eq 0 ] || say "    those libraries must be on the GPU machine too"
}

if [ -n "$dry" ]; then
    say "configure $build with HEDDLE_STATIC=ON, build ${targets[*]}"
    say "pack into $package: ${names[*]/#/bin/} run.sh tests/golden bench/layers bench/pytorch_peers.py"
    exit
fi
step "configure" configure_static
step "build, ${jobs:?} jobs" cmake --build "$build" --parallel "${jobs:?}" --target "${targets[@]}"
step "libraries" leans
step "pack" pack
step_table

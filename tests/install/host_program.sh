#!/usr/bin/env bash
# tests/install/host_program.sh -- an installed Heddle builds and runs examples/host_program without the source tree
#
# usage: host_program.sh SOURCE_ROOT BUILD_DIRECTORY
# Where the kernel allows it, the source and build folders are covered by empty mounts meanwhile; always, no file that
# the program was compiled from may lie in them.
set -euo pipefail

main() {
    local root=$1 build=$2 private hidden
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log" || { cat "$scratch/install.log"; exit 1; }
    cp -r "$root/examples/host_program" "$scratch/program"

    if grep -rl --include='*.cmake' -e "$root" "$scratch/prefix"; then
        echo "the installed CMake files above name the source tree"
        exit 1
    fi

    cat >"$scratch/build_and_run.sh" <<'END'
set -euo pipefail
cd "$(dirname "$0")"
for hidden; do mount -t tmpfs none "$hidden"; done
cmake -G Ninja -S program -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$PWD/prefix" >configure.log 2>&1 ||
    { cat configure.log; exit 1; }
cmake --build build >build.log 2>&1 || { cat build.log; exit 1; }
XDG_CACHE_HOME=$PWD/cache ./build/host_program
END
    private=(unshare --mount)
    [ "$(id -u)" -eq 0 ] || private+=(--map-root-user)
    if "${private[@]}" mount -t tmpfs none "$root" 2>/dev/null; then
        echo "the source tree is hidden"
        hidden=("$root")
        case $build/ in "$root"/*) ;; *) hidden+=("$build") ;; esac
        "${private[@]}" bash "$scratch/build_and_run.sh" "${hidden[@]}"
    else
        echo "no private mounts here: the source tree is visible, only what was read is checked"
        bash "$scratch/build_and_run.sh"
    fi

    ninja -C "$scratch/build" -t deps >"$scratch/build/deps.txt"
    [ "$(grep -c heddle "$scratch/build/deps.txt")" -gt 1 ] || { echo "ninja knows no headers of host_program" && exit 1; }
    if grep -nF -e "$root/" "$scratch/build/deps.txt" "$scratch/build/build.ninja"; then
        echo "host_program was compiled from files of the source tree"
        exit 1
    fi
}

main "$@"

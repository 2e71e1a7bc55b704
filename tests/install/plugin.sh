#!/usr/bin/env bash
# tests/install/plugin.sh -- examples/plugin, built with an installed Heddle, adds its operators to the installed command
#
# usage: plugin.sh SOURCE_ROOT BUILD_DIRECTORY
set -euo pipefail
root=$1 build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cp -r "$root/examples/plugin" "$scratch/plugin"
cmake -G Ninja -S "$scratch/plugin" -B "$scratch/build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
cmake --build "$scratch/build" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
if grep -nF -e "$root/" "$scratch/build/build.ninja"; then
    echo "the plugin was compiled with files of the source tree"
    exit 1
fi

export HEDDLE_DB=$scratch/tuning.db HEDDLE_CACHE= LD_LIBRARY_PATH=$scratch/prefix/lib
heddle=$scratch/prefix/bin/heddle plugin=$scratch/build/libmyops.so
"$heddle" list operators --load "$plugin" | grep -q "strength of the edges"
"$heddle" check sobel image=f32:40x60 --load "$plugin"
"$heddle" check decay x=f32:1000 rate=0.9 --load "$plugin"
"$heddle" tune decay x=f32:1000 --trials 2 --load "$plugin" >/dev/null

# What docs/plugins.md shows.
mkdir "$scratch/page"
blocks() { awk -v language="$1" '/^```/ { inside = $0 == "```" language; next } inside' "$root/docs/plugins.md"; }
blocks cpp >"$scratch/page/myops.cpp"
{ printf 'cmake_minimum_required(VERSION 3.20)\nproject(page CXX)\n'; blocks cmake; } >"$scratch/page/CMakeLists.txt"
{ cmake -G Ninja -S "$scratch/page" -B "$scratch/page/build" -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$scratch/prefix" && cmake --build "$scratch/page/build"; } >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
"$heddle" check twice x=f32:1000 --load "$scratch/page/build/libmyops.so"

# The same plugin beside another version of Heddle, and one that its loader does not find.
status=0
"$heddle" check sobel image=f32:40x60 --load "$scratch/build/nowhere.so" 2>"$scratch/errors" || status=$?
[ $status = 2 ] && grep -q "cannot be found" "$scratch/errors"

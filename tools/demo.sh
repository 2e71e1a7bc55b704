#!/usr/bin/env bash
# tools/demo.sh -- sets up, builds what the demo needs, and shows Heddle at work on real images
#
#   tools/demo.sh            all of it, with 20 s of tuning
#   tools/demo.sh --quick    without tuning
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

mkdir -p "$build"
step "set up" "$root/tools/setup.sh"
[ -f "$build/build.ninja" ] || step "configure" configure
step "build, $jobs jobs" cmake --build "$build" --parallel "$jobs" --target heddle_command
exec "$build/bin/heddle" demo "$@"

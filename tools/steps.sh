# tools/steps.sh -- sourced by the scripts beside it: named steps with their times, in colour on a terminal
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${HEDDLE_BUILD:-$root/build}  # where the scripts configure and build
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

if [ -t 1 ]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' grey=$'\e[90m' plain=$'\e[0m'
else
    bold='' green='' red='' grey='' plain=''
fi

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s%s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

step_names=() step_seconds=() step_results=()

# step NAME COMMAND...: runs the command under its name, notes its seconds, and returns its status.
step() {
    local name=$1 status=0 begin=$EPOCHREALTIME seconds
    shift
    printf '%s==> %s%s\n' "$bold" "$name" "$plain"
    "$@" || status=$?
    seconds=$(awk -v a="${begin/,/.}" -v b="${EPOCHREALTIME/,/.}" 'BEGIN { printf "%.1f", b - a }')
    step_names+=("$name") step_seconds+=("$seconds")
    if [ $status -eq 0 ]; then
        step_results+=(done)
        printf '%s    %s: %s s%s\n' "$green" "$name" "$seconds" "$plain"
    else
        step_results+=(FAILED)
        printf '%s    %s failed after %s s%s\n' "$red" "$name" "$seconds" "$plain"
    fi
    return $status
}

# step_table: the minutes of every step so far.
step_table() {
    local i
    printf '\n%s%-32s %9s  %s%s\n' "$bold" step minutes result "$plain"
    for i in "${!step_names[@]}"; do
        printf '%-32s %9.2f  %s\n' "${step_names[i]}" \
            "$(awk -v s="${step_seconds[i]}" 'BEGIN { print s / 60 }')" "${step_results[i]}"
    done
    printf '%-32s %9.2f\n' total "$(printf '%s\n' "${step_seconds[@]}" | awk '{ s += $1 } END { print s / 60 }')"
}

# quietly LOG COMMAND...: keeps the command's output in LOG, and shows its end if the command fails.
quietly() {
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || tail -n 30 "$log" >&2
    return $status
}

# configure OPTIONS...: runs CMake for the build folder.
configure() { quietly "$build/configure.log" cmake -S "$root" -B "$build" -G Ninja "$@"; }

#!/usr/bin/env bash
# tools/setup.sh -- installs what Heddle needs from the distribution (Debian 12, Ubuntu 24.04); only what is missing
#
#   tools/setup.sh             to build the library and the command, and to run the demo
#   tools/setup.sh --test      also what the tests, checks and benchmarks need
#   tools/setup.sh --static    also what a build with -DHEDDLE_STATIC=ON needs
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

needed=(g++ cmake ninja-build ccache mold llvm-19-dev zlib1g-dev libfmt-dev libsqlite3-dev libcli11-dev
    nlohmann-json3-dev libpng-dev dataset-fashion-mnist)
wished=()  # left out, with a word, where the distribution lacks them
for option; do
    case $option in
        --test)
            needed+=(libgtest-dev)
            wished+=(libxgboost-dev libdnnl-dev libhalide14-0-dev libtorch-dev libdlpack-dev libopenblas0-pthread chromium
                clang-format-14 clang-tidy clang-19 libclang-rt-19-dev)
            ;;
        --static) needed+=(libzstd-dev) ;;
        -h | --help)
            sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit
            ;;
        *) fail "tools/setup.sh: unknown option $option (known: --test, --static)" ;;
    esac
done

# missing PACKAGE...: those of them that are not installed.
missing() {
    dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        awk -v wanted="$*" '
            $2 == "installed" { sub(/:.*/, "", $1); there[$1] = 1 }
            END {
                count = split(wanted, name, " ")
                for (i = 1; i <= count; ++i) if (!(name[i] in there)) print name[i]
            }' || true
}

# available PACKAGE: whether apt knows a version of it.
available() { apt-cache policy "$1" 2>/dev/null | grep "Candidate: [^(]" >/dev/null; }

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "tools/setup.sh knows Debian and Ubuntu only. Install by hand: ${needed[*]}"

mapfile -t absent < <(missing "${needed[@]}" "${wished[@]}")
mapfile -t absent_needed < <(missing "${needed[@]}")
stamp=$build/setup.wished  # names of wished packages that apt did not have, so that it is not asked again
if [ ${#absent_needed[@]} -eq 0 ] && { [ ${#absent[@]} -eq 0 ] || [ "$(cat "$stamp" 2>/dev/null)" = "${absent[*]}" ]; }
then
    say "All $((${#needed[@]} + ${#wished[@]} - ${#absent[@]})) packages are installed."
    exit
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "To install ${absent[*]}, run tools/setup.sh as root or install sudo."
    as_root=(sudo)
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }

step "read the package lists" quietly "$build/apt-update.log" apt update ||
    say "    some lists could not be read; going on with those that are there"

install=()
left_out=()
for package in "${absent[@]}"; do
    if available "$package"; then
        install+=("$package")
    elif printf '%s\n' "${needed[@]}" | grep -qx -- "$package"; then
        fail "This distribution has no package $package. Heddle is built on Debian 12 and Ubuntu 24.04 (with universe)."
    else
        left_out+=("$package")
        say "    this distribution has no $package: what uses it is skipped"
    fi
done
if [ ${#install[@]} -gt 0 ]; then
    say "    ${grey}${install[*]}${plain}"
    step "install ${#install[@]} packages" quietly "$build/apt-install.log" \
        apt install -y --no-install-recommends "${install[@]}"
fi
printf '%s' "${left_out[*]-}" >"$stamp"

#!/usr/bin/env bash
# Installs what Gnomon needs beside a Swift toolchain, on Debian and Ubuntu; elsewhere it says what to
# install. Does nothing, and needs no network, when all is there.
#
#   scripts/install.sh           install what is missing
#   scripts/install.sh --check   only report; status 1 when something needed is missing
set -euo pipefail

check_only=no
case "${1:-}" in
  '') ;;
  --check) check_only=yes ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac

say() { printf '%s\n' "$*" >&2; }

has_header() {  # has_header zlib.h: whether a C compiler, or the usual folders, know the header
  local folder
  for folder in /usr/include "/usr/include/$(uname -m)-linux-gnu" /usr/local/include \
    /opt/homebrew/opt/zlib/include; do
    [ -e "$folder/$1" ] && return 0
  done
  # macOS keeps its headers in the SDK.
  [ "$(uname -s)" = Darwin ] && [ -e "$(xcrun --show-sdk-path 2>/dev/null)/usr/include/$1" ]
}

# ldconfig lives in sbin, which is not on every user's PATH.
has_library() {
  { ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true; } | grep -q "$1" && return 0
  [ "$(uname -s)" = Darwin ]  # Accelerate serves there
}

# The toolchain's own clang serves, which lies beside `swift`.
has_clang() {
  command -v clang >/dev/null 2>&1 && return 0
  local swift
  swift=$(command -v swift 2>/dev/null) && [ -x "$(dirname "$(readlink -f "$swift")")/clang" ]
}

needed=()
wanted=()
has_header zlib.h || needed+=(zlib1g-dev)
has_clang || needed+=(clang)
# Only loaded, and only if it is there: the library without its headers would do.
has_library libopenblas.so || wanted+=(libopenblas-dev)

if ! command -v swift >/dev/null 2>&1; then
  say "There is no swift on PATH. Gnomon needs Swift 6.2 or later: https://www.swift.org/install"
  exit 1
fi
if [ ${#needed[@]} -eq 0 ] && [ ${#wanted[@]} -eq 0 ]; then exit 0; fi

if [ "$check_only" = yes ]; then
  [ ${#wanted[@]} -eq 0 ] || say "Not there, but useful: ${wanted[*]}"
  [ ${#needed[@]} -eq 0 ] && exit 0
  say "Missing: ${needed[*]}"
  exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
  say "This script installs by apt-get, which is not here. Please install by your own means:"
  say "  zlib with its headers     (Fedora: zlib-devel, Arch: zlib, Homebrew: zlib)"
  say "  clang                     (a Swift toolchain brings one)"
  say "  OpenBLAS, if you like     (Fedora: openblas, Arch: openblas, Homebrew: openblas)"
  [ ${#needed[@]} -eq 0 ] && exit 0
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    say "Neither root nor sudo; please have this run: apt-get install ${needed[*]-} ${wanted[*]-}"
    [ ${#needed[@]} -eq 0 ] && exit 0
    exit 1
  fi
  as_root=(sudo)
fi

apt() {
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get -y -qq --no-install-recommends "$@" >&2 </dev/null
}
install() { apt install "$@" || { apt update && apt install "$@"; }; }

if [ ${#needed[@]} -gt 0 ]; then
  say "Installing ${needed[*]}"
  install "${needed[@]}"
fi
if [ ${#wanted[@]} -gt 0 ]; then
  say "Installing ${wanted[*]}"
  install "${wanted[@]}" || say "Without ${wanted[*]}: Gnomon's own kernels serve."
fi

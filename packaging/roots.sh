# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
# Minimal Debian roots to build and test in.  Sourced by .ci/run, build-deb and test-deb; needs root or sudo.

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

try_three_times() {
  local i
  for i in 1 2 3; do "$@" && return 0; sleep 5; done
  return 1
}

# The mirror that this machine uses, when its sources name one in the usual way.
mirror() { sed -n 's/^URIs: \(.*\/debian\)$/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1; }

install_debootstrap() {
  command -v debootstrap >/dev/null || try_three_times as_root apt-get -q install -y --no-install-recommends debootstrap ||
    { echo "debootstrap cannot be installed"; return 1; }
}

# The index of testing says how long it is good for, and a mirror may be behind.  Its signature still has to be right.
forgive_an_old_index() { echo 'Acquire::Check-Valid-Until "false";' | as_root tee "$1/etc/apt/apt.conf.d/90old-mirror" >/dev/null; }

# bootstrap SUITE DIR: an empty minimal root; what DIR held before is gone.
bootstrap() {
  as_root rm -rf --one-file-system "$2"
  # shellcheck disable=SC2046
  as_root debootstrap --variant=minbase --include=ca-certificates,git "$1" "$2" $(mirror) || return 1
  [ "$1" != testing ] || forgive_an_old_index "$2"
}

make_root() { install_debootstrap && try_three_times bootstrap "$1" "$2"; }

# no_daemons DIR: packages start none in there.
no_daemons() {
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$1/usr/sbin/policy-rc.d" >/dev/null
  as_root chmod 755 "$1/usr/sbin/policy-rc.d"
}

# in_root DIR COMMAND: by a shell inside, with /proc, and without daemons that packages would start.
in_root() {
  local dir=$1 status=0
  shift
  no_daemons "$dir"
  as_root mount -t proc proc "$dir/proc" || return 1
  as_root chroot "$dir" env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -ec "$*" || status=$?
  as_root umount "$dir/proc"
  return $status
}

drop_root() { as_root rm -rf --one-file-system "$1"; }

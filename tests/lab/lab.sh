# What the recorders share: sourced by record-auth, record-web and record-dns, which set $family.
# It makes a folder of its own ($lab), starts servers there, ends them with the script, and keeps what they logged,
# rewritten, under tests/data/$family.  KEEP=FOLDER keeps the folder with configurations and raw lines.
set -u
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../data/$family
lab=$(mktemp -d "/tmp/record-$family.XXXXXX")
chmod 755 "$lab"
started=()
export PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$data"

finish() {
  [ -n "${KEEP:-}" ] && cp -r "$lab" "$KEEP"
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
  sleep 0.5
  for pid in "${started[@]}"; do kill -9 "$pid" 2>/dev/null; done
  [ -e "$lab/own-log" ] && rm -f /dev/log
  rm -rf "$lab"
}
trap finish EXIT INT TERM

has() { command -v "$1" >/dev/null 2>&1 || { echo "skipped: no $1" >&2; return 1; }; }

# start NAME COMMAND…: in the background, its output in $lab/NAME.out, ended with the script
start() {
  local name=$1; shift
  timeout "${LAB_TIME:-400}" "$@" >"$lab/$name.out" 2>&1 &
  started+=($!)
}

wait_port() { # PORT [ADDRESS]
  for _ in $(seq 100); do (exec 3<>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null && return 0; sleep 0.1; done
  echo "nothing listens on port $1" >&2; return 1
}

# What servers send to syslog, with the header that a syslog daemon writes.
collect_syslog() {
  [ -e /dev/log ] && { echo "/dev/log is taken: syslog lines are not recorded" >&2; return; }
  touch "$lab/own-log"
  start syslog python3 "$here/clients.py" syslog 0 "$lab/syslog"
  for _ in $(seq 30); do [ -S /dev/log ] && return; sleep 0.1; done
}

# keep NAME FILE…: rewrites and keeps; a line that differs only in numbers is kept twice at most
keep() {
  local name=$1; shift
  sleep 1
  cat "$@" 2>/dev/null | python3 "$here/rewrite" "$lab" >"$data/$name.log"
  printf '%-12s %d lines\n' "$name" "$(wc -l <"$data/$name.log")"
}

# The lines of one program in the collected syslog.
of_program() { grep -E "^.{16}www ($1)(\[|:|\()" "$lab/syslog" 2>/dev/null; }

client() { timeout 20 python3 "$here/clients.py" "$@" 2>/dev/null; }

# Runs record_NAME for each server named, or for those in the second argument.
record() { # "SERVER…" DEFAULTS
  local server
  for server in ${1:-$2}; do "record_$server"; done
}

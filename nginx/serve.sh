#!/bin/sh
# What nginx's container runs: nginx, with the file that was rendered into the volume beside this script. When that
# file is another one, nginx takes it over without losing a request: `nginx -s reload`, from inside the container.
set -eu
conf=$(dirname "$0")/nginx.conf
taken=/tmp/taken

watch() {
  while sleep 1; do
    [ "$conf" -nt "$taken" ] || continue
    : >"$taken"
    # A file that nginx refuses is told in the log, and the one before it stays in force.
    nginx -c "$conf" -t -q && nginx -c "$conf" -s reload && echo "nginx: took over a new $conf" >&2
  done
}

: >"$taken"
watch &
exec nginx -c "$conf"

#!/bin/sh
# What nginx's container runs: nginx, with the file that was rendered into the volume beside this script. When that
# file is another one, nginx takes it over without losing a request: `nginx -s reload`, from inside the container.
set -eu
conf=$(dirname "$0")/nginx.conf
seen=/tmp/seen.conf

watch() {
  while sleep 1; do
    cmp -s "$conf" "$seen" && continue
    cp "$conf" "$seen"
    # A file that nginx refuses is told in the log, and the one before it stays in force.
    nginx -c "$seen" -t -q && nginx -c "$conf" -s reload && echo "nginx takes over a new $conf" >&2
  done
}

cp "$conf" "$seen"
watch &
exec nginx -c "$conf"

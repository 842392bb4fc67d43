#!/bin/bash
# A container's health check: succeeds when every process of the topology says on its control port that it is ready. A
# hidden one has no control ports: then each worker's port has to take a connection, which it does once a worker can
# answer. Where workers share a port, the first of them answers for all.
# Written for bash, which the image has, since to start Node would cost ten times as much.
[ ! -e /tmp/healthy ] || sleep 30
rm -f /tmp/healthy

# The values of a variable in PM2's list, for each process.
values() { sed -n "s/.*\"LOADLINE_$1\": \"\([0-9 ]*\)\".*/\1/p" /tmp/ecosystem.json; }

controls=$(values CONTROL_PORT)
workers=
if [ -z "$controls" ]; then
  threads=$(values THREADS | head -n 1)
  for first in $(values WORKER_PORT); do workers="$workers $(seq "$first" $((first + threads - 1)))"; done
fi
[ -n "$controls$workers" ] || exit 1
for port in $workers; do
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  exec 3>&-
done
for port in $controls; do
  exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
  printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
  read -r -t 2 status <&3
  exec 3>&-
  [[ $status == *' 200 '* ]] || { echo "control port $port: ${status:-no answer}"; exit 1; }
done
touch /tmp/healthy

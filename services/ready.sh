#!/bin/bash
# A container's health check: succeeds when every process of the topology says on its control port that it is ready. A
# hidden one has no control ports: then each endpoint has to take a connection, which it does once it can answer; where
# workers share one, the first of them answers for all.
# Written for bash, which the image has, since to start Node would cost ten times as much.
[ ! -e /tmp/healthy ] || sleep 30
rm -f /tmp/healthy

# http://hybrid:10001 is a control port, hybrid:20001 an endpoint; services/ecosystem.ts has written them.
mapfile -t addresses </tmp/addresses
[ "${#addresses[@]}" -gt 0 ] || exit 1
for address in "${addresses[@]}"; do
  exec 3<>"/dev/tcp/127.0.0.1/${address##*:}" || exit 1
  if [[ $address == http:* ]]; then
    printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
    read -r -t 2 status <&3
    [[ $status == *' 200 '* ]] || { echo "$address: ${status:-no answer}"; exit 1; }
  fi
  exec 3>&-
done
touch /tmp/healthy

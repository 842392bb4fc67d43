#!/bin/bash
# The dashboard's health check: succeeds when it answers. As cheap and as rare as the topologies' (services/ready.sh).
[ ! -e /tmp/healthy ] || sleep 30
rm -f /tmp/healthy
exec 3<>/dev/tcp/127.0.0.1/3000 || exit 1
printf 'GET /livez HTTP/1.0\r\nHost: localhost:3000\r\n\r\n' >&3
read -r -t 2 status <&3
[[ $status == *' 200 '* ]] || { echo "the dashboard: ${status:-no answer}"; exit 1; }
touch /tmp/healthy

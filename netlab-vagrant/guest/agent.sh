#!/usr/bin/env bash
# Runs scripts that the lab leaves in the shared folder, one after the other, and tells their end: a number in, the same
# number out, over a channel of the machine.
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LAB_INIT=$1
channel=/dev/virtio-ports/lab
[ -e "$channel" ] || for port in /sys/class/virtio-ports/*; do
    [ "$(cat "$port/name")" != lab ] || channel=/dev/${port##*/}
done
exec 3<>"$channel" || exit 1
stty -F "$channel" raw -echo 2>/dev/null || true
ip link set lo up
sysctl -qw kernel.panic=-1 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 || true
if [ "$LAB_INIT" = plain ]; then
    . /lab/guest/lib.sh
    service_boot || true # what it said is in the log of the service
fi
echo "ready" >&3
while read -r number <&3; do
    code=0
    bash "/lab/$number.sh" >"/lab/$number.out" 2>&1 </dev/null 3>&- || code=$?
    echo "$code" >"/lab/$number.code"
    echo "done $number" >&3
done

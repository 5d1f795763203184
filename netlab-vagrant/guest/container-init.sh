#!/usr/bin/env bash
# Process 1 of a host that is a set of namespaces: a tree of its own over the machine's, which it cannot change.
set -euo pipefail
name=$1 place=$2 share=$3
mount --make-rprivate /
mkdir -p "$place"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
cd "$place/root"
mkdir -p proc sys dev run tmp lab .below
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
mount --bind "$share" lab
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . .below
umount -l /.below
rmdir /.below 2>/dev/null || true
cd /
hostname "$name"
printf '%s\n' "$name" >/etc/hostname
printf '127.0.0.1 localhost %s\n' "$name" >/etc/hosts
printf 'nameserver 192.0.2.53\n' >/etc/resolv.conf
rm -rf /usr/share/dotnet /usr/lib/dotnet /etc/dotnet
rm -f /usr/sbin/policy-rc.d # on a machine of its own a package may start what it brings
rm -f /var/lib/man-db/auto-update # no index of manuals is made anew for each package
ip link set lo up
sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.default.accept_dad=0
: >/lab/ready
# A shell takes in every process that loses its parent; the loop is all it has to do.
trap 'exit 0' TERM
while true; do
    sleep 1000 &
    wait $! || true
done

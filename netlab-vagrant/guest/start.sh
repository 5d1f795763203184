#!/usr/bin/env bash
# Process 1 of a virtual machine of the lab, in its own tree: prepares what is there in any machine, and goes on as systemd,
# or as a plain loop where there is none.
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
. /run/lab/environment
printf '%s\n' "$LAB_NAME" >/etc/hostname
printf '127.0.0.1 localhost %s\n' "$LAB_NAME" >/etc/hosts
printf 'nameserver 192.0.2.53\n' >/etc/resolv.conf
# The builder's own runtime is out of sight: netd must need none.
rm -rf /usr/share/dotnet /usr/lib/dotnet /etc/dotnet
rm -f /usr/sbin/policy-rc.d # on a machine of its own a package may start what it brings
rm -f /var/lib/man-db/auto-update # no index of manuals is made anew for each package
if [ "${1:-plain}" = systemd ]; then
    # Only what this machine is for: the lab's target, and what packages enable there.
    if [ ! -e /etc/systemd/system/lab.target ]; then
        rm -rf /etc/systemd/system/*.target.wants /etc/systemd/system/*.target.requires
    fi
    cp /lab/guest/lab.target /lab/guest/lab-agent.service /etc/systemd/system/
    ln -sfn /etc/systemd/system/lab.target /etc/systemd/system/default.target
    for unit in getty@.service console-getty.service serial-getty@.service systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer \
        systemd-hwdb-update.service systemd-update-utmp.service systemd-binfmt.service systemd-networkd-wait-online.service; do
        ln -sfn /dev/null "/etc/systemd/system/$unit"
    done
    : >/etc/fstab
    # Nothing that they could find out is wanted here, and they are all asked at each boot and each reload: half of its time.
    mkdir -p /etc/systemd/system-generators
    for generator in /lib/systemd/system-generators/*; do
        ln -sfn /dev/null "/etc/systemd/system-generators/${generator##*/}"
    done
    # Emulated on a busy machine, a minute is not long: who answers late is not dead.
    mkdir -p /etc/systemd/system/netd.service.d
    printf '[Service]\nWatchdogSec=10min\n' >/etc/systemd/system/netd.service.d/lab.conf
    [ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
    exec /lib/systemd/systemd
fi
mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec bash /lab/guest/agent.sh plain

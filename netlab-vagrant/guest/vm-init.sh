#!/bin/sh
# First program of a virtual machine: the host's tree from below, read-only, and a disk of its own over it; then the
# machine's own init. Only what the disk holds outlives a reboot.
set -eu
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module" 2>/dev/null || true; done </modules.order
for word in $(cat /proc/cmdline); do
    case $word in lab.*=*) name=${word#lab.}; eval "LAB_${name%%=*}='${name#*=}'" ;; esac
done
hostname "$LAB_name"
give_up() { echo "lab: $*"; poweroff -f; }
SHARED=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "$SHARED,ro,cache=loose" tree /lower || give_up "no tree"
for _ in 1 2 3 4 5 6 7 8 9 10; do if [ -b /dev/vda ]; then break; fi; sleep 0.2; done
mount -t ext4 /dev/vda /disk || give_up "no disk"
mkdir -p /disk/upper /disk/work
mount -t overlay -o lowerdir=/lower,upperdir=/disk/upper,workdir=/disk/work overlay /merged || give_up "no overlay"
N=/merged
mkdir -p $N/proc $N/sys $N/dev $N/run $N/tmp $N/lab $N/usr/lib/modules
mount -t 9p -o "$SHARED,cache=none" share $N/lab || give_up "no share"
mount --bind "/lower$LAB_modules" $N/usr/lib/modules
# What is below the mounts of the builder's machine is not this machine's.
mount -t tmpfs -o mode=755 tmpfs $N/run
mount -t tmpfs -o mode=1777 tmpfs $N/tmp
mkdir -p $N/run/lab
echo "LAB_NAME=$LAB_name" >$N/run/lab/environment
umount /proc /sys
mount --move /dev $N/dev
exec switch_root $N /bin/bash /lab/guest/start.sh "$LAB_init"

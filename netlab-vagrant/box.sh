#!/usr/bin/env bash
# A Debian box for Vagrant's libvirt provider, built here from Debian's packages: for machines without a network, and
# without hardware support (the kernel is given from outside, netlab-vagrant/kernel.sh). In artifacts/netlab/vagrant, box
# local/netlab. Needs the network once; afterwards nothing.
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../scripts/lib.sh"

PLACE=$ARTIFACTS/netlab/vagrant
KERNEL=$ARTIFACTS/netlab/kernel
BOX=local/netlab
SIZE_GB=3 # sparse
# What any box of Vagrant has, and what scenarios use on a host.
PACKAGES=(systemd systemd-sysv dbus udev kmod ifupdown isc-dhcp-client openssh-server sudo ca-certificates adduser
    iproute2 nftables iptables iputils-ping curl jq tcpdump busybox procps less libsqlite3-0)
# The rest of the kernel's modules are for hardware that no machine has here.
MODULES=(arch crypto drivers/block drivers/char drivers/net/*.ko drivers/net/{bonding,ipvlan,macvlan.ko,vxlan,wireguard} drivers/virtio fs/ext4 fs/jbd2
    fs/overlayfs fs/fuse fs/autofs lib net)

# What says that the box is made of these things.
ingredients() {
    cat "$KERNEL/version" "$ROOT/netlab-vagrant/box.sh" | sha256sum
}

# The tree of a fresh Debian, with the user that Vagrant logs in as.
tree() {
    local root=$1 version from
    from=$(mirror)
    : "${from:=http://deb.debian.org/debian}"
    version=$(cat "$KERNEL/version")
    debootstrap --variant=minbase --include="$(IFS=,; printf '%s' "${PACKAGES[*]}")" bookworm "$root" "$from"
    mkdir -p "$root/lib/modules/$version/kernel"
    (
        shopt -s nullglob
        cd "$KERNEL/tree/lib/modules/$version/kernel"
        # shellcheck disable=SC2086 # names of modules, with patterns among them
        for name in ${MODULES[*]}; do
            [ ! -e "$name" ] || cp -a --parents "$name" "$root/lib/modules/$version/kernel/"
        done
    )
    cp "$KERNEL/tree/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$version/"
    depmod -b "$root" "$version"
    printf '/dev/vda / ext4 defaults 0 1\n' >"$root/etc/fstab"
    printf 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\nallow-hotplug eth0\niface eth0 inet dhcp\n' >"$root/etc/network/interfaces"
    rm -f "$root/etc/machine-id" "$root"/etc/ssh/ssh_host_*
    : >"$root/etc/machine-id"
    chroot "$root" useradd -m -s /bin/bash vagrant
    printf 'vagrant ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/vagrant"
    printf 'UseDNS no\n' >"$root/etc/ssh/sshd_config.d/vagrant.conf"
    # The keys of its server are made when a machine starts for the first time, so that no two have the same.
    mkdir -p "$root/etc/systemd/system/ssh.service.d"
    printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
        >"$root/etc/systemd/system/ssh.service.d/keys.conf"
    chroot "$root" su vagrant -c 'umask 077; mkdir ~/.ssh; cat >~/.ssh/authorized_keys' <"$PLACE/key.pub"
    for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer getty@.service \
        systemd-timesyncd.service; do
        ln -sfn /dev/null "$root/etc/systemd/system/$unit"
    done
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
}

# Where this machine gets its packages: only that is known to answer.
mirror() {
    sed -n 's/^URIs: *\(http[^ ]*\/debian\)\/*$/\1/p; s/^deb [^h]*\(http[^ ]*\/debian\)\/* .*/\1/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1
}

build() {
    local place=$PLACE/building
    rm -rf "$place"
    mkdir -p "$place"
    [ -e "$PLACE/key" ] || ssh-keygen -q -t ed25519 -N '' -C vagrant -f "$PLACE/key"
    tree "$place/tree"
    truncate -s "${SIZE_GB}G" "$place/disk"
    mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -O ^metadata_csum -d "$place/tree" "$place/disk"
    qemu-img convert -O qcow2 "$place/disk" "$place/box.img"
    printf '{ "provider": "libvirt", "format": "qcow2", "virtual_size": %s }\n' "$SIZE_GB" >"$place/metadata.json"
    tar -C "$place" -cf "$PLACE/netlab.box" box.img metadata.json
    rm -rf "$place"
}

mkdir -p "$PLACE"
bash "$ROOT/netlab-vagrant/kernel.sh"
if [ "$(cat "$PLACE/.ingredients" 2>/dev/null)" != "$(ingredients)" ]; then
    say "building a Debian box for Vagrant (2 minutes, once)"
    build >"$PLACE/box.log" 2>&1 || { tail -n 5 "$PLACE/box.log" >&2; die "the box was not built; artifacts/netlab/vagrant/box.log"; }
    VAGRANT_HOME=$PLACE/home VAGRANT_CHECKPOINT_DISABLE=1 vagrant box add --force --no-tty --name "$BOX" "$PLACE/netlab.box" >>"$PLACE/box.log" 2>&1 \
        || { tail -n 5 "$PLACE/box.log" >&2; die "Vagrant did not take the box; artifacts/netlab/vagrant/box.log"; }
    rm -f "$PLACE/netlab.box"
    ingredients >"$PLACE/.ingredients"
fi

#!/usr/bin/env bash
# Debian's own kernel for the virtual machines, unpacked and never installed, and the first program they start: in
# artifacts/netlab/kernel. Needs the network once; afterwards nothing. Machines by Vagrant, which have a whole Debian on
# their disk, start by another first program (initrd-disk).
set -euo pipefail
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../scripts/lib.sh"

PLACE=$ARTIFACTS/netlab/kernel
# What is needed to see the disk, the host's tree and the channel; the rest is loaded by the kernel's own asking.
MODULES=(virtio_pci virtio_net virtio_console virtio_blk virtio_rng 9p 9pnet_virtio overlay ext4)

get() { # PACKAGE: downloads it as any user may, without installing
    (cd "$PLACE/packages" && apt-get -q -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root download "$1") >>"$PLACE/log" 2>&1
}

# The kernel as an ELF file: a machine without hardware support would spend seconds on unpacking it at each start.
extract() { # VMLINUZ OUTPUT
    local at
    while IFS=: read -r at _; do
        tail -c "+$((at + 1))" "$1" | xz -dc 2>/dev/null >"$2" || true # what follows the compressed part is no concern
        [ "$(head -c 4 "$2" | tail -c 3)" != ELF ] || return 0
    done < <(LC_ALL=C grep -obUaP '\xFD7zXZ\x00' "$1")
    die "$1 holds no kernel packed by xz"
}

initramfs() { # FIRST-PROGRAM OUTPUT
    local root=$PLACE/initramfs module file
    rm -rf "$root"
    mkdir -p "$root"/{bin,proc,sys,dev,lower,disk,share,merged,modules}
    cp "$PLACE/tree/bin/busybox" "$root/bin/busybox"
    for file in sh mount umount insmod mkdir cat echo switch_root sleep ip hostname poweroff ln rm touch ls grep; do
        ln -s busybox "$root/bin/$file"
    done
    for module in "${MODULES[@]}"; do
        modprobe -d "$PLACE/tree" -S "$version" --show-depends "$module" | awk '/^insmod/ { print $2 }'
    done | awk '!seen[$0]++' >"$PLACE/modules"
    while read -r file; do
        cp "$file" "$root/modules/"
        basename "$file"
    done <"$PLACE/modules" >"$root/modules.order"
    cp "$ROOT/netlab-vagrant/guest/$1" "$root/init"
    chmod +x "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$PLACE/$2.new"
    mv "$PLACE/$2.new" "$PLACE/$2"
    rm -rf "$root"
}

mkdir -p "$PLACE/packages"
if [ ! -e "$PLACE/version" ]; then
    say "fetching Debian's kernel for the lab (70 MB, once)"
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9.]*-[0-9]*-amd64\)$/\1/p' | head -n 1)
    [ -n "$package" ] || die "apt knows no kernel: apt-get update (linux-image-amd64)"
    { get "$package" && get busybox-static; } || { tail -n 5 "$PLACE/log" >&2; die "cannot download $package"; }
    rm -rf "$PLACE/tree"
    for deb in "$PLACE"/packages/*.deb; do dpkg-deb -x "$deb" "$PLACE/tree"; done
    version=${package#linux-image-}
    depmod -b "$PLACE/tree" "$version"
    extract "$PLACE/tree/boot/vmlinuz-$version" "$PLACE/vmlinux"
    rm -rf "$PLACE/packages"
    printf '%s\n' "$version" >"$PLACE/version"
fi
version=$(cat "$PLACE/version")
for pair in vm-init.sh:initrd disk-init.sh:initrd-disk; do
    first=${pair%:*} output=$PLACE/${pair#*:}
    if [ ! "$output" -nt "$ROOT/netlab-vagrant/guest/$first" ] || [ ! "$output" -nt "$ROOT/netlab-vagrant/kernel.sh" ]; then
        initramfs "$first" "$(basename "$output")"
    fi
done

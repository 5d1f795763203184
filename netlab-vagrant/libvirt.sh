# shellcheck shell=bash
# A libvirtd of the lab's own, in the place that the lab stands in: its machines, networks and files go with it. Sourced by
# netlab, never started. A user's own libvirtd is used where it answers; then netlab stands outside, and `netlab down` and
# the end of a run destroy the machines.

# True if this machine has a libvirtd that answers.
libvirt_answers() { has virsh && timeout 10 virsh -q -c qemu:///system version >/dev/null 2>&1; }

# own_libvirt FOLDER: starts it. Needs mounts and a network of its own.
own_libvirt() {
    local place=$1 folder deadline=$((SECONDS + 60))
    mkdir -p "$place"/{etc,lib,cache,log,cgroup}
    # What it finds below is the machine's: interfaces of the network outside, settings of another libvirtd.
    mount -n --rbind /sys/fs/cgroup "$place/cgroup"
    mount -n -t sysfs sysfs /sys
    mount -n --rbind "$place/cgroup" /sys/fs/cgroup
    for folder in etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt; do
        mkdir -p "${folder#*:}"
        mount -n --bind "$place/${folder%%:*}" "${folder#*:}"
    done
    mkdir -p /run/lock /run/libvirt /var/lib/libvirt/{images,dnsmasq,qemu}
    printf '%s\n' 'auth_unix_rw = "none"' 'auth_unix_ro = "none"' >/etc/libvirt/libvirtd.conf
    # It wants to know this user even where it runs nothing as such.
    for folder in passwd group; do
        cp "/etc/$folder" "$place/$folder"
        grep -q '^libvirt-qemu:' "$place/$folder" || case $folder in
            passwd) printf 'libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin\n' >>"$place/passwd" ;;
            group) printf 'libvirt-qemu:x:64055:\n' >>"$place/group" ;;
        esac
        mount -n --bind "$place/$folder" "/etc/$folder"
    done
    # Everything is root's: what a machine may do is walled by the place.
    printf '%s\n' 'user = "root"' 'group = "root"' 'security_driver = "none"' 'cgroup_controllers = []' 'namespaces = []' \
        'dynamic_ownership = 0' >/etc/libvirt/qemu.conf
    virtlogd -d -p /run/virtlogd.pid
    libvirtd -d -p /run/libvirtd.pid
    until libvirt_answers; do
        [ "$SECONDS" -lt "$deadline" ] || die "the lab's libvirtd does not answer: $(tail -n 5 "$place"/log/* 2>/dev/null)"
        sleep 0.2
    done
}

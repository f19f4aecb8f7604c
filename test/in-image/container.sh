#!/bin/sh
# What a container runtime does with the image, as far as processes can tell: namespaces of its own for mounts and processes,
# a read-only root, user 101, no new privileges, one capability. Run under `unshare --mount --pid --fork`.
# usage: container.sh ROOT MANIFESTS "WRITABLE FOLDERS" COMMAND...
set -eu
root=$1 manifests=$2 writable=$3
shift 3
mount --rbind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom; do
	: >"$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
for folder in $writable; do mount -t tmpfs -o mode=1777 tmpfs "$root$folder"; done
mount --bind "$manifests" "$root/mnt"
mount -o remount,ro,bind "$root"
exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	setpriv --reuid=101 --regid=101 --clear-groups --no-new-privs --bounding-set=-all,+net_bind_service "$@"

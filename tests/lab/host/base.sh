# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# The base: the part of dom0's initramfs that stays the same from run to run,
# that is Xen's tools, busybox, kernel modules and guests. Sets $base.
# It is not compressed: unpacking costs more, in emulation, than reading.

xen_dir=usr/lib/xen-4.17
base_tools=(xl xenstored xenconsoled xenconsole xen-init-dom0 libxl-save-helper
            xenpm xen-hptool xen-cpuid xen-diag xentop xenperf lsevtchn
            xenlockprof)

base_inputs() {
    echo "${tree##*/}"
    cat "$lab"/dom0/* "$lab"/guest/* "$lab/host/base.sh" \
        "$lab/host/elf.sh"
}

base_folders() {
    local root=$1 name
    mkdir -p "$root"/{dev,proc,sys,run,tmp,out,guest,root/lab} \
        "$root"/etc/{lab,xen} "$root"/usr/{bin,sbin,lib,lib64,libexec} \
        "$root"/usr/share/lab "$root"/var/{log/xen,lib/xen,lib/xenstored} \
        "$root/$xen_dir/bin"
    for name in bin sbin lib lib64; do
        ln -s "usr/$name" "$root/$name"
    done
    ln -s /run "$root/var/run"
    ln -s /run/lock "$root/var/lock"
}

base_busybox() {
    local root=$1 name
    cp "$tree/bin/busybox" "$root/usr/bin/"
    for name in $("$tree/bin/busybox" --list); do
        [ "$name" = busybox ] || ln -s busybox "$root/usr/bin/$name"
    done
    printf 'root:x:0:0:root:/root:/bin/sh\n' > "$root/etc/passwd"
    printf 'root:x:0:\n' > "$root/etc/group"
    printf 'lab\n' > "$root/etc/hostname"
}

base_xen() {
    local root=$1 tool
    for tool in "${base_tools[@]}"; do
        cp "$tree/$xen_dir/bin/$tool" "$root/$xen_dir/bin/"
        ln -s "/$xen_dir/bin/$tool" "$root/usr/sbin/$tool"
    done
    cp -a "$tree"/usr/bin/xenstore* "$root/usr/bin/"
    cp "$tree/etc/xen/xl.conf" "$root/etc/xen/"
    cp -r "$tree/$xen_dir/boot" "$root/$xen_dir/"
    rm -f "$root/$xen_dir/boot/xen-shim"
    # The device model of HVM guests and the firmware it gives them.
    cp "$tree/usr/libexec/xen-qemu-system-i386" "$root/usr/libexec/"
    mkdir -p "$root/usr/share/seabios"
    cp "$tree/usr/share/seabios/bios-256k.bin" "$root/usr/share/seabios/"
    mkdir -p "$root/usr/share/qemu/keymaps"
    cp "$tree"/usr/share/qemu/linuxboot.bin "$root/usr/share/qemu/"
    cp "$tree/usr/share/qemu/keymaps/en-us" "$root/usr/share/qemu/keymaps/"
}

# A device model hears from it, by libusb, of USB devices that come. It is
# without rules but ours.
base_udev() {
    local root=$1
    mkdir -p "$root/usr/lib/udev/rules.d"
    cp -L "$tree/bin/udevadm" "$root/usr/sbin/systemd-udevd"
    ln -s systemd-udevd "$root/usr/sbin/udevadm"
}

base_libraries() {
    local root=$1 multiarch=lib/x86_64-linux-gnu
    cp -L "$tree/lib64/ld-linux-x86-64.so.2" "$root/usr/lib64/"
    # xl create cancels threads, for which libc opens this one by name.
    mkdir -p "$root/usr/$multiarch"
    cp -L "$tree/$multiarch/libgcc_s.so.1" "$root/usr/$multiarch/"
    elf_close "$root" /dev/null "$tree/$multiarch" "$tree/usr/$multiarch" \
        "$tree/$xen_dir/$multiarch"
}

# base_module_files guest|dom0: the files of the modules that it shall have,
# each once and after those that it needs.
base_module_files() {
    local version name
    version=$(ls "$tree/lib/modules")
    awk -v who="$1" '!/^#/ && ($1 == "guest") == (who == "guest") {
        print $2 }' "$lab/dom0/modules" | while read -r name; do
        /sbin/modprobe -d "$tree" -S "$version" --show-depends "$name" ||
            fail 69 "the kernel has no module $name"
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

base_modules() {
    local root=$1 version file
    version=$(ls "$tree/lib/modules")
    mkdir -p "$root/usr/lib/modules/$version"
    base_module_files dom0 | while read -r file; do
        cp "$file" "$root/usr/lib/modules/$version/"
    done
    /sbin/depmod -b "$root/usr" "$version" 2>&1 |
        grep -v 'could not open.*modules.\(order\|builtin\)' >&2 || true
    grep -v '^#' "$lab/dom0/modules" > "$root/etc/lab/modules"
}

# Named as init.c looks for them: 0, 1, 2 and so on.
base_guest_modules() {
    local fs=$1 file i=0
    mkdir -p "$fs/modules"
    while read -r file; do
        cp "$file" "$fs/modules/$i"
        i=$((i + 1))
    done < <(base_module_files guest)
}

base_guests() {
    local root=$1 fs=$1.guest
    gcc -c "$lab/guest/blocker.S" -o "$root.o"
    ld -T "$lab/guest/blocker.ld" --no-warn-rwx-segments \
        -o "$root/guest/blocker" "$root.o"
    mkdir -p "$fs/sbin" "$fs/sys"
    base_guest_modules "$fs"
    gcc -std=gnu11 -Wall -Wextra -Os -ffreestanding -fno-stack-protector \
        -fno-pie -static -no-pie -nostdlib -s -o "$fs/init" "$lab/guest/init.c"
    ln "$fs/init" "$fs/sbin/poweroff"
    ln "$fs/init" "$fs/sbin/reboot"
    initramfs "$fs" > "$root/guest/initrd"
    cp "$tree/vmlinux" "$root/guest/"
    cp "$tree"/boot/vmlinuz-* "$root/guest/vmlinuz"
    cp "$lab"/guest/*.cfg "$root/guest/"
}

# A kernel unpacks several archives, one after the other: base, then overlay.
initramfs() {
    (cd "$1" && find . -print0 | LC_ALL=C sort -z |
        cpio -0 -o -H newc -R +0:+0 --quiet)
}

base_dom0() {
    local root=$1
    cp "$lab/dom0/init" "$root/init"
    chmod 755 "$root/init"
    cp "$lab/dom0/lib.sh" "$root/usr/share/lab/"
    gcc -std=gnu11 -O2 -Wall -Wextra -s -o "$root/usr/sbin/port" \
        "$lab/dom0/port.c"
}

base_build() {
    local new=$base.new
    note "building the lab's dom0 (once)"
    rm -rf "$cache"/base-*.new
    mkdir -p "$new/root"
    base_folders "$new/root"
    base_busybox "$new/root"
    base_xen "$new/root"
    base_udev "$new/root"
    base_modules "$new/root"
    base_dom0 "$new/root"
    base_libraries "$new/root"
    base_guests "$new/root"
    initramfs "$new/root" > "$new/initramfs"
    (cd "$new/root" && find . \( -name '*.so' -o -name '*.so.*' \) -printf '%f\n') > "$new/libraries"
    rm -rf "$new/root" "$new/root.guest" "$new/root.o"
    mv "$new" "$base"
}

base_ensure() {
    base=$cache/base-$(base_inputs | sha256sum | cut -c1-12)
    [ -d "$base" ] || base_build
    touch "$base"
    cache_prune base "$base"
}

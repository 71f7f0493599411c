# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The overlay: what differs from run to run. xltune as it is installed, the
# script, its files and the libraries of those.

# Runs of the same tree at the same time must not both build it.
overlay_install() {
    local root=$1
    if ! make -C "$top" -n install > /dev/null 2>&1; then
        note "no \"make install\" here: running without xltune"
        return
    fi
    flock "$top/Makefile" make -s -C "$top" install \
        "DESTDIR=$root" PREFIX=/usr > "$run/make.log" 2>&1 || {
        cat "$run/make.log" >&2
        fail 69 "make install failed"
    }
}

overlay_build() {
    local root=$run/overlay file
    mkdir -p "$root"/{root/lab,etc/lab}
    [ "$install" = no ] || overlay_install "$root"
    topo_facts > "$root/etc/lab/topology"
    cp -L "$script" "$root/etc/lab/script"
    chmod 755 "$root/etc/lab/script"
    for file in "${files[@]}"; do
        cp -rL "$file" "$root/root/lab/"
    done
    elf_close "$root" "$base/libraries" "$tree/lib/x86_64-linux-gnu" \
        "$tree/usr/lib/x86_64-linux-gnu" host
    { cat "$base/initramfs"; initramfs "$root"; } > "$run/initramfs"
    rm -rf "$root"
}

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# The overlay: what differs from run to run. xltune as it is installed, the
# script, its files and the libraries of those.

# What a make that started us has set is not for this one. Runs of the same
# tree at the same time must not both build it.
overlay_make() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL flock "$top/Makefile" \
        make -s -C "$top" "$@" > "$run/make.log" 2>&1
}

overlay_install() {
    if [ ! -e "$top/Makefile" ] || { ! overlay_make -n install &&
        grep -q "No rule to make target 'install'" "$run/make.log"; }; then
        note "no \"make install\" here yet: xltune is not installed in dom0"
        return
    fi
    overlay_make install "DESTDIR=$1" PREFIX=/usr || {
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

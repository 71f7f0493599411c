# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
#
# The tree: Debian's Xen, its tools and a kernel, downloaded once and unpacked
# in the cache folder. Sets $tree. Nothing of the machine's own Xen is used.

# Names in the list of packages, by their first word.
tree_listed() {
    awk -v kind="$1" '$1 == kind { print $2 }' "$lab/packages"
}

# A dependency closure holds far more than we need (python, perl, udev):
# the tools are run without their scripts, so libraries are enough.
tree_libraries() {
    apt-cache depends --recurse --no-recommends --no-suggests \
        --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
        grep -E '^(lib|zlib1g)[a-z0-9.+-]*$' |
        grep -vE '^lib(perl|python|db5|pam|semanage|gdbm|debian)' | sort -u
}

tree_kernel() {
    apt-cache depends "$(tree_listed kernel)" |
        awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2 }'
}

tree_packages() {
    local roots
    mapfile -t roots < <(tree_listed root)
    printf '%s\n' "${roots[@]}"
    tree_kernel
    tree_listed alone
    tree_libraries "${roots[@]}"
}

tree_known() {
    local package
    command -v apt-get > /dev/null ||
        fail 69 "no apt-get to download Xen with: the lab needs Debian 12"
    for package in $(tree_listed root) $(tree_listed kernel); do
        [ -n "$(apt-cache show "$package" 2> /dev/null)" ] ||
            fail 69 "apt knows no $package: run \"scripts/bootstrap lab\"," \
                "on Debian 12"
    done
}

tree_download() {
    local packages apt=(-qq -o Acquire::Retries=3)
    tree_known
    tree_packages > "$1.list"
    mapfile -t packages < "$1.list"
    # Without this apt complains that its own user cannot write here.
    [ "$(id -u)" != 0 ] || apt+=(-o APT::Sandbox::User=root)
    note "downloading ${#packages[@]} packages (once)"
    (cd "$1" && apt-get "${apt[@]}" download "${packages[@]}" >&2) ||
        fail 69 "cannot download packages: run scripts/bootstrap lab," \
            "or apt-get update"
}

# number FILE OFFSET BYTES: a little-endian number in a file.
tree_number() {
    od -An -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The kernel out of its bzImage: unpacking it in emulation would cost three
# seconds a boot, and again for each Linux guest. Offsets: Linux'
# Documentation/x86/boot.rst. The payload ends with four bytes of its size.
tree_vmlinux() {
    local image=$1 to=$2 header length
    header=$(((1 + $(tree_number "$image" $((0x1f1)) 1)) * 512))
    header=$((header + $(tree_number "$image" $((0x248)) 4)))
    length=$(($(tree_number "$image" $((0x24c)) 4) - 4))
    dd "if=$image" bs=64K iflag=skip_bytes,count_bytes "skip=$header" \
        "count=$length" status=none | xz -dc > "$to"
    # Beyond the kernel's end, of use with encrypted memory only: without it
    # the file need not spell out .bss, and is 24 MB smaller.
    objcopy -R .init.scratch "$to"
}

# Makes the tree beside its final name, so that what is there is complete.
tree_build() {
    local new=$tree.new.$$ deb
    rm -rf "$tree".new.*
    mkdir -p "$new/debs" "$new/root"
    tree_download "$new/debs"
    note "unpacking them in $tree"
    for deb in "$new"/debs/*.deb; do
        dpkg -x "$deb" "$new/root" || fail 69 "cannot unpack $deb"
    done
    (cd "$new/debs" && printf '%s\n' *.deb) > "$new/root/PACKAGES"
    zcat "$new"/root/boot/xen-*-amd64.gz > "$new/root/xen"
    tree_vmlinux "$new"/root/boot/vmlinuz-* "$new/root/vmlinux"
    # Most of the tree, and of no use to any host that QEMU makes.
    rm -rf "$new"/root/lib/modules/*/kernel/{sound,drivers/{gpu,media}} \
        "$new"/root/usr/share/{doc,man,locale}
    /sbin/depmod -b "$new/root" "$(ls "$new/root/lib/modules")"
    mv "$new/root" "$tree"
    rm -rf "$new"
}

tree_ensure() {
    tree=$cache/tree-$(cat "$lab/packages" "$lab/host/tree.sh" |
        sha256sum | cut -c1-12)
    [ -d "$tree" ] || tree_build
    touch "$tree"
    cache_prune tree "$tree"
}

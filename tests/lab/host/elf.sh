# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The shared libraries that programs in an initramfs need.

elf_is() {
    [ -f "$1" ] && [ "$(head -c 4 "$1" | tr -d '\0')" = $'\177ELF' ]
}

elf_needed() {
    readelf -d "$1" 2> /dev/null |
        sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p'
    # What it loads later stands in a note, as JSON.
    readelf -p .note.dlopen "$1" 2> /dev/null |
        sed -n 's/.*"soname":\["\([^"]*\)"\].*/\1/p'
}

# Where a library is: in one of the folders given, or, where the first word is
# "host", wherever this machine's loader finds it.
elf_find() {
    local name=$1 dir
    shift
    for dir in "$@"; do
        if [ "$dir" = host ]; then
            # To the end: awk that left early would break the pipe.
            /sbin/ldconfig -p |
                awk -v name="$name" '
                    $1 == name && /x86-64/ && !found++ { print $NF }'
            return
        fi
        [ ! -e "$dir/$name" ] || { printf '%s\n' "$dir/$name"; return; }
    done
}

# elf_close ROOT LIST FOLDER...: copies into ROOT what the programs in it need
# and neither ROOT nor LIST (file names, one a line) has, from the FOLDERs.
elf_close() {
    local root=$1 list=$2 file name found queue=()
    local -A seen=()
    shift 2
    while read -r name; do seen[$name]=1; done < "$list"
    while IFS= read -r -d '' file; do
        seen[${file##*/}]=1
        ! elf_is "$file" || queue+=("$file")
    done < <(find "$root" \( -type f -o -type l \) \( -perm /111 -o -name '*.so*' \) -print0)
    while [ ${#queue[@]} -gt 0 ]; do
        file=${queue[-1]}
        unset 'queue[-1]'
        for name in $(elf_needed "$file"); do
            [ -z "${seen[$name]:-}" ] || continue
            seen[$name]=1
            found=$(elf_find "$name" "$@")
            [ -n "$found" ] ||
                fail 69 "$name, which ${file##*/} needs, is nowhere"
            mkdir -p "$root/usr/lib/x86_64-linux-gnu"
            cp -L "$found" "$root/usr/lib/x86_64-linux-gnu/$name"
            queue+=("$root/usr/lib/x86_64-linux-gnu/$name")
        done
    done
}

# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# What make install puts where, and that others can build on it.
. ./lib.sh

code=0 ran="make install"
case $BUILD in
*-san | *-clang) exit 0 ;; # its flags would make it build again
esac
: >"$tmp/out"
root=$tmp/root
# As it was made, so that little is made again.
werror=0
grep -q -e ' -Werror ' "$BUILD/flags" && werror=1
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$top" BUILD="$BUILD" \
    CC="$(cut -d ' ' -f 1 "$BUILD/flags")" WERROR="$werror" \
    DESTDIR="$root" PREFIX=/opt/x install >"$tmp/out" 2>"$tmp/err"
code=$?
ok "make install" code_is 0

for file in sbin/xltune lib/libxtune.so.0 lib/libxtune.so lib/libxtune.a \
    lib/pkgconfig/xtune.pc include/xtune/host.h share/man/man8/xltune.8 \
    share/man/man5/xltune-policy.5 share/xltune/policy.rng \
    share/xltune/usb-policy.conf \
    sbin/xltune-host-setup share/xltune/examples/host.conf.debian \
    share/xltune/balanced.xml lib/systemd/system/xltune-watch.service \
    lib/systemd/system/xltune-apply.service \
    lib/systemd/system/xltune-usb.service \
    lib/systemd/system/xltune-usb.path \
    lib/udev/rules.d/60-xltune-usb.rules \
    libexec/xltune/xltune-move libexec/xltune/xltune-device \
    share/bash-completion/completions/xltune; do
    ok "$file is installed" [ -e "$root/opt/x/$file" ]
done

ok "the services know where it is" [ "$(grep -l '/opt/x/sbin/xltune' \
    "$root"/opt/x/lib/systemd/system/*.service | wc -l)" -eq 3 ]
ran="xltune-host-setup"
printf '[dom0]\nmemroy = 4G\n' >"$tmp/host.conf"
XLTUNE=true sh "$root/opt/x/sbin/xltune-host-setup" "$tmp/host.conf" \
    >"$tmp/out" 2>"$tmp/err"
code=$?
ok "xltune-host-setup reads its file" grep -q 'host.conf:2: ' "$tmp/err"
ok "it knows where things are" grep -q "^bindir='/opt/x/sbin'\$" \
    "$root/opt/x/sbin/xltune-host-setup"
ok "only xtune_ is exported" [ -z "$(nm -D --defined-only \
    "$root/opt/x/lib/libxtune.so" | awk '$2 != "A" { print $3 }' |
    grep -v '^xtune_')" ]
ok "every function of the headers is exported" [ -z "$(
    grep -ho 'xtune_[a-z0-9_]*(' "$root"/opt/x/include/xtune/*.h | tr -d '(' |
        sort -u | while read -r name; do
        # Macros begin with the same words.
        grep -q "#define $name(" "$root"/opt/x/include/xtune/*.h ||
            nm -D --defined-only "$root/opt/x/lib/libxtune.so" |
            grep -q " $name@" || echo "$name"
    done)" ]

for header in "$root"/opt/x/include/xtune/*.h; do
    ran="the compiler"
    printf '#include <xtune/%s>\n' "${header##*/}" |
        ${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -I"$root/opt/x/include" \
            -fsyntax-only -x c - >"$tmp/out" 2>"$tmp/err"
    code=$?
    ok "${header##*/} compiles alone" code_is 0
done

cat >"$tmp/use.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <xtune/host.h>

int main(void)
{
    xtune_host *host = xtune_host_new();
    char *text = xtune_host_to_json(host);

    fputs(text, stdout);
    free(text);
    xtune_host_free(host);
    return 0;
}
END
export PKG_CONFIG_PATH="$root/opt/x/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
ran="a program of one's own"
# shellcheck disable=SC2046 # words
${CC:-cc} -o "$tmp/use" "$tmp/use.c" $(pkg-config --cflags --libs xtune) \
    >"$tmp/out" 2>"$tmp/err" &&
    LD_LIBRARY_PATH="$root/opt/x/lib" "$tmp/use" >"$tmp/out"
code=$?
ok "a program builds against libxtune.so" code_is 0
ok "and runs" grep -q 'xtune/host/1' "$tmp/out"

#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Output, exit code, files and /out; selftest compares.
# shellcheck source=tests/lab/dom0/lib.sh
. /usr/share/lab/lib.sh

echo early
sleep 3
cat bytes
[ -x tool.sh ] || die "tool.sh is not executable"
[ ! -x bytes ] || die "bytes is executable"
./tool.sh
./xmllint --version 2>&1 | head -n 1 | cut -d: -f2 | cut -c1-14
mkdir -p /out/folder
cp bytes /out/folder/bytes
cp tool.sh /out/.hidden
# Holds our output open for longer than the lab shall wait.
sleep 1000 &
echo "an error" >&2
exit 7

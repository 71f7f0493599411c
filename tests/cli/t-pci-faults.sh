# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh source=tests/cli/lib.sh
# A fault at every step of what takes a PCI device from dom0 and gives it to a
# domain: afterwards the host is as it was, byte by byte.
. ./lib.sh

while read -r words; do
    for kind in fail half; do
        # shellcheck disable=SC2086
        faults "$kind" pci $words
    done
    # shellcheck disable=SC2086
    lies pci $words
done <<X
pci-assignable-add 04:00.0
pci-assignable-add -n card 04:00.0
pci-assignable-add 01:00.0 01:00.1
pci-assignable-add 84:00.0
pci-assignable-remove 83:00.0
pci-assignable-remove -r nic
pci-assignable-remove -r 85:00.0
pci-attach hvm2 83:00.0
pci-attach hvm2 83:00.0@5,permissive=1
pci-attach hvm2 04:00.0,seize=1
pci-attach hvm2 01:00.*@4,seize=1
pci-detach hvm1 82:02.0
pci-detach -f hvm1 82:02.0
X

while read -r words; do
    # shellcheck disable=SC2086
    kills pci $words
done <<X
pci-assignable-add -n card 04:00.0
pci-assignable-remove -r nic
pci-attach hvm2 04:00.0,seize=1
pci-detach hvm1 82:02.0
X

# Without an IOMMU it does not even leave its driver.
use_host pci
sed -i 's/"hvm_directio","pv_directio",//' "$host"
run pci-assignable-add 81:00.0 --host "$host"
ok "no IOMMU" one_error "0000:81:00.0: .*Xen has no IOMMU"

# Virtual functions go all together: those of pciback are dom0's before, and
# what dom0 does with one counts.
use_host pci
run pci-detach hvm1 82:02.0 --host "$host"
run sriov-set 82:00.0 0 -N --host "$host"
ok "they leave pciback" grep -q '0000:82:02.1 .*pciback' "$tmp/out"
cp "$host" "$tmp/before"
for n in 1 3 4; do
    fault "fail:$n" sriov-set 82:00.0 0 --host "$host"
    ok "sriov-set 0 with fail:$n fails" code_is 1
    ok "sriov-set 0 with fail:$n: the same host" same_host
done
run pci-assignable-remove -r 82:02.1 --host "$host"
sed -i '/"address": "0000:82:02.1"/,/"uses"/s/"uses": \[\]/"uses": [ { "kind": "route", "what": "eth9" } ]/' \
    "$host"
run sriov-set 82:00.0 0 --host "$host"
ok "one with the route" one_error '0000:82:02.1: the default route.*"eth9"'
run sriov-set 82:00.0 4 --host "$host"
ok "with another number as well" one_error '0000:82:02.1: the default route'
run sriov-set 82:00.0 0 --force=network --host "$host"
ok "forced" code_is 0

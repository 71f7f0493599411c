#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x4-cores: cores that are scheduled as one come and go as one.
. /usr/share/lab/lib.sh

cpus_of() {
    xl cpupool-list -c "$1" | awk 'NR > 1 { print $2 }'
}

xl info xen_commandline | grep -q sched-gran=core || die "no sched-gran"
xltune snapshot > /tmp/host.json || die "no snapshot"
expect_eq "granularity" core \
    "$(sed -n 's/.*"granularity": "\(.*\)".*/\1/p' /tmp/host.json)"

xltune cpupool-cpu-remove Pool-0 7 2> /tmp/err || die "no cpu-remove"
say "# $(cat /tmp/err)"
grep -q 6 /tmp/err || die "it does not say that 6 went along"
expect_eq "CPUs" 0,1,2,3,4,5 "$(cpus_of Pool-0)"
xltune cpupool-create name=p cpus=6 > /tmp/out 2> /tmp/err ||
    die "no create: $(cat /tmp/err)"
expect_eq "CPUs of p" 6,7 "$(cpus_of p)"
xltune cpupool-join || die "no join"
expect_eq "CPUs" 0,1,2,3,4,5,6,7 "$(cpus_of Pool-0)"

mkguest blocker a
xl vcpu-pin a all 6 6 || die "a cannot be pinned"
xltune cpupool-numa-split || die "no split"
expect_eq "CPUs of node 0" 0,1,2,3 "$(cpus_of Pool-node0)"
expect_eq "CPUs of node 1" 4,5,6,7 "$(cpus_of Pool-node1)"
say "# a: $(masks_of a)"
xltune rollback --yes || die "no rollback"
expect_eq "CPUs" 0,1,2,3,4,5,6,7 "$(cpus_of Pool-0)"

# vCPUs that share a core share their masks.
mkguest blocker b vcpus=2
xl vcpu-pin b 0 0 all && xl vcpu-pin b 1 6 all
say "# xl: b has $(xl vcpu-list b | awk 'NR > 1 { print $(NF - 2) }' |
    tr '\n' ' ')"
xltune vcpu-pin b 1 5 2> /tmp/err || die "no vcpu-pin: $(cat /tmp/err)"
expect_eq "it says so, and no more" 1 "$(wc -l < /tmp/err)"
expect_eq "masks of b" "4-5 / all" "$(masks_of b)"
cat > /tmp/pin.xml << 'P'
<policy name="pairs">
  <domains match="name:b"><numa placement="auto" mode="hard"/>
    <vcpus pin="one-to-one"/></domains>
</policy>
P
xltune apply --yes --policy /tmp/pin.xml || die "no apply"
say "# b: $(masks_of b)"
expect_exit 0 xltune plan --policy /tmp/pin.xml

cat > /tmp/policy.xml << 'P'
<policy name="torn">
  <host><cpupool name="p" cpus="5-6"/></host>
</policy>
P
xltune plan --policy /tmp/policy.xml
xltune plan --json --policy /tmp/policy.xml | grep -q '"cpupool"' ||
    die "half cores are not said to be in the way"
expect_eq "CPUs" 0,1,2,3,4,5,6,7 "$(cpus_of Pool-0)"
sed -i 's/5-6/4-7/' /tmp/policy.xml
xltune apply --yes --policy /tmp/policy.xml || die "no apply"
expect_eq "CPUs of p" 4,5,6,7 "$(cpus_of p)"
expect_exit 0 xltune plan --policy /tmp/policy.xml

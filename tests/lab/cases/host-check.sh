#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 4x4: a host on which many things are wrong, each put there by
# hand. host-check finds each and no other, --fix mends what is safe, and
# rollback gives every byte back.
. /usr/share/lab/lib.sh
scheduler=/sys/block/nvme0n1/queue/scheduler

# found [FILE]: "RULE OBJECT" a line, of what does not pass.
found() {
    xltune host-check --json > /tmp/found.json
    [ $? != 1 ] || die "host-check: $(cat /tmp/found.json)"
    awk -F '"' '$2 == "name" { rule = $4; object = "" }
        $2 == "object" { object = $4 }
        $2 == "status" && object != "" && ($4 == "warn" || $4 == "fail") {
            print rule, object }' /tmp/found.json | sort
}

# Those of the first list that are not in the second one.
without() {
    grep -vxF -f "$2" "$1"
}

# Every file that may be written, and every value, as it is now.
state() {
    for f in /etc/default/grub* /etc/xen/xl.conf /etc/sysctl.d/* \
        /etc/tmpfiles.d/* /etc/modprobe.d/* /etc/xltune/*; do
        case $f in *.xltune-old) continue ;; esac # the text before a change
        [ ! -f "$f" ] || echo "$f $(stat -c '%a %u %g' "$f") $(md5sum < "$f")"
    done
    for f in /proc/sys/vm/swappiness /proc/sys/fs/aio-max-nr "$scheduler"; do
        echo "$f $(cat "$f")"
    done
}

same() { # WHAT WANTED-FILE GOT-FILE
    diff "$2" "$3" > /tmp/diff || die "$1: $(cat /tmp/diff)"
    say "ok: $1"
}

# A host as it should be, but for what a lab cannot give: that stays all along.
mkdir -p /etc/default /etc/sysctl.d /etc/modprobe.d /etc/tmpfiles.d \
    /etc/xltune /vm
cat > /etc/default/grub << X
GRUB_CMDLINE_LINUX="$(cat /proc/cmdline)"
GRUB_CMDLINE_XEN="$(xl info xen_commandline)"
X
printf '#!/bin/sh\n' > /usr/sbin/update-grub
chmod +x /usr/sbin/update-grub
modprobe -a sd_mod kyber-iosched
wait_for 20 test -e /dev/sda || die "no stick"
if ! mkswap /dev/sda > /dev/null || ! swapon /dev/sda; then
    die "no swap"
fi
echo 35 > /proc/sys/vm/swappiness
printf '# mine\nvm.swappiness = 35\n' > /etc/sysctl.d/10-mine.conf
printf '# mine\nautoballoon="off"\n' > /etc/xen/xl.conf
found > /tmp/before
say "# before:"
sed 's/^/#   /' /tmp/before

# The faults: of domains,
mkqcow2 /vm/big 64
mkqcow2 /vm/0 4
for i in 1 2 3 4; do
    mkqcow2 /vm/$i 4 $((i - 1))
done
mkguest blocker disk \
    'disk=["format=raw,access=rw,backendtype=qdisk,vdev=xvda,target=/dev/nvme0n1"]'
mkguest hvm nested nestedhvm=1 \
    'disk=["format=qcow2,vdev=hda,access=rw,target=/vm/big","format=qcow2,vdev=hdb,access=rw,target=/vm/4"]'
xl pause nested
xl cpupool-cpu-remove Pool-0 15
xl cpupool-create name='"small"' cpus='["15"]' > /dev/null || die "no pool"
mkguest linux-pv wide vcpus=3 'pool="small"'
three_up() {
    guest_log wide | grep -q "GUEST UP cpus=3"
}
wait_for 60 three_up || die "wide does not boot: $(guest_log wide | tail -n 3)"

# of files, of values, and of the next boot.
echo 60 > /proc/sys/vm/swappiness
printf '# mine\nvm.swappiness = 60\n' > /etc/sysctl.d/10-mine.conf
echo 1024 > /proc/sys/fs/aio-max-nr
echo kyber > "$scheduler"
modprobe kvm || die "no module kvm"
printf '# mine\nautoballoon="on"\nvm.cpumask="0-3"' > /etc/xen/xl.conf
sed -i '/^GRUB_CMDLINE_LINUX/s/"$/ xen-pciback.hide=(0000:41:0)"/' \
    /etc/default/grub
printf 'DENY: vid=17e9\nALOW: vid=1234\nALLOW:\n' > /etc/xltune/usb-policy.conf
cat > /tmp/planted << X
aio-max-nr /proc/sys/fs/aio-max-nr
command-line-values dom0 xen-pciback.hide
disk-scheduler nvme0n1
dom0-autoballoon /etc/xen/xl.conf
dom0-swappiness /proc/sys/vm/swappiness
domain-vcpus wide
hide-list /etc/default/grub
image-format nested/hda
nested-hvm nested
other-hypervisors kvm
overlay-chain nested/hdb
pending-reboot dom0 xen-pciback.hide
qcow2-cache nested/hda
usb-policy /etc/xltune/usb-policy.conf:2:1
vcpu-overcommit small
xl-cpumasks vm.cpumask
X
found > /tmp/after
xltune host-check
without /tmp/after /tmp/before > /tmp/new
same "nothing that was found before is gone" /dev/null \
    "$(without /tmp/before /tmp/after > /tmp/gone; echo /tmp/gone)"
same "each fault is found, and no other" /tmp/planted /tmp/new
expect_exit 2 xltune host-check > /dev/null

# What is safe, and the rest.
state > /tmp/state
expect_exit 2 xltune host-check --fix --dry-run > /tmp/out
state | cmp -s - /tmp/state || die "--dry-run changes something"
expect_exit 2 xltune host-check --fix > /tmp/out
cat /tmp/out
found > /tmp/left
without /tmp/left /tmp/before > /tmp/new
grep -v -e '^aio-max-nr ' -e '^disk-scheduler ' -e '^dom0-autoballoon ' \
    -e '^dom0-swappiness ' /tmp/planted > /tmp/wanted
same "what is safe passes, and the rest is left" /tmp/wanted /tmp/new
expect_eq "kvm is kept out at boot" 1 \
    "$(grep -c '^blacklist kvm$' /etc/modprobe.d/xltune.conf)"
expect_eq "no mask is touched" 1 "$(grep -c '^vm.cpumask="0-3"$' /etc/xen/xl.conf)"
xl list > /dev/null || die "xl does not take its file"
state > /tmp/fixed
xltune host-check --fix > /tmp/out
state | diff - /tmp/fixed || die "--fix again changes something"
say "ok: --fix again changes nothing"

xltune rollback || die "rollback: $?"
state > /tmp/back
same "rollback: every file and value" /tmp/state /tmp/back
found > /tmp/again
same "rollback: all is found again" /tmp/after /tmp/again

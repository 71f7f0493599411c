#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In dom0 of 2x2: what xltune sets lasts through a reboot, save and restore
# and a migration, with nothing running; what xl sets beside it does not.
. /usr/share/lab/lib.sh

has_new_id() {
    [ "$(xl domid "$1")" -gt "$2" ]
}

# Lines that a guest has said: after a restart it counts from 1 again.
lines_of() {
    guest_log "$1" | grep -c '^tick '
}

has_more() {
    [ "$(lines_of "$1")" -gt "$2" ]
}

# Xltune's keep what they have; of xl's it is told what became of it.
check() {
    for name in tuned pinned noted; do
        wait_for 90 has_more "$name" "$(lines_of "$name")" ||
            die "$name does not count after $1"
    done
    expect_eq "masks of tuned after $1" "2-3 / all" "$(masks_of tuned)"
    expect_eq "memory of tuned after $1" 1 "$(node_of tuned)"
    expect_eq "masks of noted after $1" "3 / 2-3" "$(masks_of noted)"
    expect_eq "memory of noted after $1" 1 "$(node_of noted)"
    say "# xl's own after $1: $(masks_of pinned), node $(node_of pinned)"
}

reboot_all() {
    for name in tuned pinned noted; do
        id=$(xl domid "$name")
        xl reboot "$name" || die "$name cannot be asked to reboot"
        wait_for 60 has_new_id "$name" "$id" || die "$name does not restart"
    done
}

save_all() {
    for name in tuned pinned noted; do
        xl save "$name" "/tmp/$name.save" > /tmp/said 2>&1 ||
            die "save: $(cat /tmp/said)"
        xl restore "/tmp/$name.save" > /tmp/said 2>&1 ||
            die "restore: $(cat /tmp/said)"
        rm "/tmp/$name.save"
    done
}

migrate_all() {
    for name in tuned pinned noted; do
        xl migrate -s "" "$name" "xl migrate-receive" > /tmp/said 2>&1 ||
            die "migrate: $(cat /tmp/said)"
    done
}

for name in tuned pinned noted; do
    mkguest linux-pvh "$name" 'cpus_soft="0-1"'
    wait_for 90 _guest_past "$name" 1 || die "$name does not count"
done
cat > /tmp/policy.xml << 'X'
<policy name="lasts">
  <domains match="name:tuned">
    <numa placement="1" mode="hard" memory="follow"/>
  </domains>
</policy>
X
xltune apply --yes --residency=measure --policy /tmp/policy.xml ||
    die "no apply"
# The mode is hard: soft affinity says nothing more.
xltune vcpu-pin tuned all 2-3 all || die "no vcpu-pin"
xltune rehome noted 1 || die "no rehome"
xltune vcpu-pin noted all 3 2-3 --persist || die "no vcpu-pin --persist"
xl vcpu-pin pinned all 2-3 2-3 || die "no xl vcpu-pin"
say "# xl's own before: $(masks_of pinned), node $(node_of pinned)"
check "being tuned"
reboot_all
check "a reboot"
save_all
check "save and restore"
migrate_all
check "a migration"
[ "$(masks_of pinned)" != "2-3 / 2-3" ] ||
    die "xl's own masks lasted as well: is this still worth a test?"
say "ok: xl's own masks are lost"

# A new domain of that name, after the host or its file has forgotten it.
xl destroy noted
xl create /guest/linux-pvh.cfg 'name="noted"' > /dev/null || die "no create"
xltune plan --residency=measure --policy /tmp/policy.xml
expect_eq "the record is wanted of the new one" 2 $?
xltune apply --yes --residency=measure --policy /tmp/policy.xml ||
    die "no apply"
expect_eq "masks of the new one" "3 / 2-3" "$(masks_of noted)"

# The host as it is now, as a policy: nothing is to be done.
xltune capture > /tmp/captured.xml || die "no capture"
xltune plan --residency=measure --policy /tmp/captured.xml ||
    die "the host is not as it was captured"
say "ok: nothing is to be done under what was captured"

# Nobody confirms: it is as before, without anybody's doing.
is_back() {
    [ "$(masks_of tuned)" = "2-3 / all" ]
}
cat > /tmp/policy.xml << 'X'
<policy name="unconfirmed">
  <domains match="name:tuned"><affinity hard="0-2" soft="1"/></domains>
</policy>
X
xltune apply --yes --quiet --confirm-within 4 --policy /tmp/policy.xml ||
    die "no apply"
expect_eq "masks to be confirmed" "0-2 / 1" "$(masks_of tuned)"
wait_for 30 is_back || die "it was not confirmed, and stays"
say "ok: what nobody confirmed is rolled back"
xltune apply --yes --quiet --confirm-within 4 --policy /tmp/policy.xml ||
    die "no apply"
xltune confirm || die "it cannot be confirmed"
sleep 6
expect_eq "masks that were confirmed" "0-2 / 1" "$(masks_of tuned)"

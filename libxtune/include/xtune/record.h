/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records: what verbs were told to keep (vcpu-pin --persist). They are part
 * of what is wanted and beat policies.
 *
 * One file a domain, records/UUID.json in the state directory, schema
 * xtune/record/1:
 *
 *     { "schema": "xtune/record/1", "uuid": "...", "name": "web1",
 *       "affinity": [ { "vcpus": "0-1", "hard": "node:1", "soft": "all" } ],
 *       "scheduling": [ { "vcpus": "all", "weight": 512, "cap": 0 } ],
 *       "cpupool": "rt",
 *       "pci": [ { "address": "0000:04:00.0", "vendor": "8086",
 *                  "device": "100e", "subsystem_vendor": "1af4",
 *                  "subsystem_device": "1100", "path": "pci0000:00/1c.0/00.0",
 *                  "serial": "52:54:00:12:34:56", "slot": 6,
 *                  "permissive": true } ],
 *       "usb": [ { "by": "serial", "vendor": "0951", "product": "1666",
 *                  "serial": "60A44C", "port": "1-2", "description": "...",
 *                  "version": 2, "unplugged": "BOOT-ID/7",
 *                  "other_config": { "key": "value" } } ] }
 *
 * Lists are kept as they were given, "node:" included; devices in the order in
 * which the domain is to have them, with what tells that it is still the same
 * device; options that are false are left out. What pools were given
 * is in pools.json there, schema xtune/pools/1:
 *
 *     { "schema": "xtune/pools/1",
 *       "cpupools": [ { "name": "Pool-0", "ratelimit_us": 500 } ] }
 *
 * What devices are to be after a boot is in devices.json, schema
 * xtune/devices/1, a device as above:
 *
 *     { "schema": "xtune/devices/1",
 *       "pci": [ { "address": "0000:04:00.0", ..., "assignable": true,
 *                  "name": "nic" },
 *                { "address": "0000:05:00.0", ..., "vfs": 4,
 *                  "vfs_assignable": true } ] }
 *
 * What was said of USB devices of the host is in usb.json, schema
 * xtune/usb/1:
 *
 *     { "schema": "xtune/usb/1",
 *       "usb": [ { "by": "serial", "vendor": "0951", "product": "1666",
 *                  "serial": "60A44C", "port": "1-2", "passthrough": true,
 *                  "name": "...", "description": "...",
 *                  "other_config": { "key": "value" } } ] }
 */
#ifndef XTUNE_RECORD_H
#define XTUNE_RECORD_H

#include <xtune/apply.h>
#include <xtune/policy.h>

/*
 * Adds the records of a state directory to a policy: those of domains in the
 * order of their files' names, and those of pools. XTUNE_ERR_INVALID with
 * "file:line" as object for one that is not as it should be; no folder is no
 * error.
 */
int xtune_records_read(const xtune_state *state, xtune_policy *policy,
                       xtune_error **err);

/*
 * Whether xtune_record_affinity() can keep this, before anything is changed.
 * XTUNE_ERR_REFUSED for a domain without a uuid, XTUNE_ERR_INVALID for lists
 * that are none, and for what is kept already as xtune_records_read(). NULL
 * for wanted: whether anything can be kept for the domain.
 */
int xtune_record_check(const xtune_state *state, const xtune_host *host,
                       const xtune_domain *domain,
                       const xtune_wanted_affinity *wanted, xtune_error **err);

/*
 * Keeps masks for a domain of the host: over what its record, as of
 * xtune_policy_record(), says of these vCPUs. A record that is its by name
 * becomes its by uuid. hard and soft as in xtune_wanted_affinity; the lists
 * must have been checked. The state is locked.
 */
int xtune_record_affinity(xtune_state *state, const xtune_host *host,
                          const xtune_domain *domain,
                          const xtune_wanted_affinity *wanted,
                          xtune_error **err);

/* The same for what its scheduler is to give it. Each of wanted is over what
 * was kept of these vCPUs before; weight and cap are of all. XTUNE_ERR_INVALID
 * where a budget and a period that was kept before contradict each other. */
int xtune_record_scheduling(xtune_state *state, const xtune_host *host,
                            const xtune_domain *domain,
                            const xtune_wanted_scheduling *wanted,
                            size_t nr_wanted, xtune_error **err);

/* The same for the pool that it is to be in. XTUNE_ERR_INVALID, about the
 * pool, for one whose name is none (xtune_cpupool_is_name()). */
int xtune_record_cpupool(xtune_state *state, const xtune_host *host,
                         const xtune_domain *domain, const char *pool,
                         xtune_error **err);

/*
 * Keeps what a pool's scheduler is to do, by the pool's name; XTUNE_NONE
 * leaves what is kept, but for what the pool's scheduler does not have, which
 * is forgotten. XTUNE_ERR_INVALID, about the pool, as above, and for a tslice
 * and a ratelimit that contradict each other; for what is kept already as
 * xtune_records_read(). The state is locked.
 */
int xtune_record_pool_scheduling(xtune_state *state, const xtune_cpupool *pool,
                                 const xtune_pool_scheduling *wanted,
                                 xtune_error **err);

/* Whether it can be kept, before anything is changed: errors as above. */
int xtune_record_pool_check(const xtune_state *state,
                            const xtune_cpupool *pool,
                            const xtune_pool_scheduling *wanted,
                            xtune_error **err);

/* Whether no record of the policy but this one (NULL: none at all) has a
 * device: a device is one domain's. XTUNE_ERR_REFUSED naming that. */
int xtune_record_check_pci(const xtune_policy *policy,
                           const xtune_record *record, const char *address,
                           xtune_error **err);

/*
 * Keeps a device for a domain, behind those that it has; one that is kept
 * already takes these options and keeps its place. wanted's identity is that
 * of the device now (xtune_pci_identity_of()). XTUNE_ERR_REFUSED as above,
 * XTUNE_ERR_INVALID where another one is to be in the same slot.
 */
int xtune_record_pci(xtune_state *state, const xtune_host *host,
                     const xtune_domain *domain,
                     const xtune_wanted_pci *wanted, xtune_error **err);

/* Forgets it; *found_r: it was kept. */
int xtune_record_forget_pci(xtune_state *state, const xtune_host *host,
                            const xtune_domain *domain, const char *address,
                            bool *found_r, xtune_error **err);

/* The same for a domain that does not run, by its uuid in small letters; name
 * NULL: as its record has it. */
int xtune_record_pci_of(xtune_state *state, const char *uuid, const char *name,
                        const xtune_wanted_pci *wanted, xtune_error **err);
int xtune_record_forget_pci_of(xtune_state *state, const char *uuid,
                               const char *name, const char *address,
                               bool *found_r, xtune_error **err);

/* Keeps what a device of the host is to be after a boot, in place of what was
 * kept of it; forgets it where wanted wants nothing. XTUNE_ERR_INVALID for
 * what contradicts itself. */
int xtune_record_device(xtune_state *state, const xtune_wanted_pci *wanted,
                        xtune_error **err);

/* Keeps a USB device for a domain, by its uuid in small letters; one of the
 * same identity is replaced. name NULL: as its record has it.
 * XTUNE_ERR_REFUSED where another domain's record has it. */
int xtune_record_usb(xtune_state *state, const char *uuid, const char *name,
                     const xtune_wanted_usb *wanted, xtune_error **err);

/* Forgets it; *found_r: it was kept. */
int xtune_record_forget_usb(xtune_state *state, const char *uuid,
                            const xtune_usb_identity *identity, bool *found_r,
                            xtune_error **err);

/* Keeps what is said of a USB device of the host, in place of what was kept of
 * one of the same identity; forgets it where nothing is said. */
int xtune_record_usb_group(xtune_state *state, const xtune_usb_group *group,
                           xtune_error **err);

/* Keeps where one is now that is known by its serial number, where something
 * is kept of it. */
int xtune_record_usb_group_port(xtune_state *state,
                                const xtune_usb_identity *identity,
                                const char *port, xtune_error **err);

/*
 * Forgets what is kept of a domain's affinity; its record is removed where it
 * says nothing more. *found_r: there was something.
 */
int xtune_record_forget_affinity(xtune_state *state, const xtune_host *host,
                                 const xtune_domain *domain, bool *found_r,
                                 xtune_error **err);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is to be known of USB devices before one is given to a guest: pure
 * functions on the model of a host, and the usb-policy, which says what may be
 * given at all.
 *
 * Sources: usb-policy.conf and usb_scan.py of xen-api.git; libxl_usb.c of
 * xen.git; xl.cfg(5).
 */
#ifndef XTUNE_USB_H
#define XTUNE_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xtune/arena.h>
#include <xtune/error.h>
#include <xtune/finding.h>
#include <xtune/host.h>
#include <xtune/policy.h>

#define XTUNE_USB_CLASS_HUB 9

/*
 * The usb-policy, as XenServer's: a rule a line,
 *
 *     ALLOW: vid=056a pid=0315 class=03   # Wacom
 *     DENY: class=03 subclass=01 prot=01
 *
 * ALLOW or DENY, a colon, then any of class, subclass, prot (two hexadecimal
 * digits each, of an interface) and vid, pid, rel (four, of the device), each
 * at most once; letters in either case. Comments begin with "#". Ours alone:
 * serial= and port=, of the device, as a word or in double quotes.
 *
 * Of each interface the first rule that matches decides; where none does it is
 * denied. A device is allowed where all of its interfaces are; a hub never is,
 * nor is one that is not configured.
 */
typedef struct xtune_usb_rule {
    unsigned int line; /* 1 is the first */
    bool allow;
    /* XTUNE_NONE and NULL: any. */
    uint32_t class_code, subclass, protocol;
    uint32_t vendor, product, release;
    const char *serial, *port;
} xtune_usb_rule;

typedef struct xtune_usb_policy xtune_usb_policy;

/*
 * Takes a policy apart. XTUNE_ERR_INVALID with "OBJECT:LINE:COLUMN" as object
 * for the first line that is wrong: then nothing can be passed through, as
 * upstream has it. 100,000 rules take some tens of milliseconds.
 */
int xtune_usb_policy_parse(const char *text, size_t len, const char *object,
                           xtune_usb_policy **policy_r, xtune_error **err);

/* That of a file. Errors as above, and those of reading it. */
int xtune_usb_policy_read(const char *path, xtune_usb_policy **policy_r,
                          xtune_error **err);

/* The one that counts on a host: its file's; where it knows none, the one that
 * ships. XTUNE_ERR_INVALID as above; XTUNE_ERR_IO where it could not be read.
 */
int xtune_usb_policy_of(const xtune_host *host, xtune_usb_policy **policy_r,
                        xtune_error **err);

/* Its text, where it could be read. In the arena, or the host's. */
const char *xtune_usb_policy_text(xtune_arena *arena, const xtune_host *host);

/* The one that counts below a root, NULL for this machine's: also where there
 * is no host to be looked at. Errors as above. */
int xtune_usb_policy_below(const char *root, xtune_usb_policy **policy_r,
                           xtune_error **err);

void xtune_usb_policy_free(xtune_usb_policy *policy);

/* "usb-policy.conf", as it was given. */
const char *xtune_usb_policy_object(const xtune_usb_policy *policy);

/* In the order of their lines; they belong to the policy. */
const xtune_usb_rule *xtune_usb_policy_rules(const xtune_usb_policy *policy,
                                             size_t *nr_r);

/* "DENY: class=03 subclass=01 prot=01", in the arena. */
const char *xtune_usb_rule_text(xtune_arena *arena,
                                const xtune_usb_rule *rule);

/* The policy that ships, policies/usb-policy.conf. */
extern const char xt_usb_policy_conf[];
extern const size_t xt_usb_policy_conf_len;

enum xtune_usb_reason {
    XTUNE_USB_BY_RULES,       /* see decisions */
    XTUNE_USB_IS_HUB,         /* it, or an interface of it */
    XTUNE_USB_NOT_CONFIGURED, /* or it has no interface */
};

typedef struct xtune_usb_verdict {
    bool allow;
    enum xtune_usb_reason reason;
    /* By interface, the rule that decided; NULL: none matches it. */
    const xtune_usb_rule **decisions;
    size_t nr_decisions;
} xtune_usb_verdict;

/* What the policy says of a device; decisions are in the arena. The cost does
 * not depend on the number of rules. */
xtune_usb_verdict xtune_usb_policy_judge(const xtune_usb_policy *policy,
                                         const xtune_usb *usb,
                                         xtune_arena *arena);

/* A device in words, for a policy to be tried: "0951:1666:0110,
 * if=08/06/50,if=03/01/01,serial=...,port=1-2", the release and all behind it
 * but one if= may be left out. In the arena. XTUNE_ERR_INVALID. */
int xtune_usb_device_parse(xtune_arena *arena, const char *text,
                           xtune_usb *usb_r, xtune_error **err);

/* Adds what is wrong with a policy that can be read: "shadowed" for a rule
 * that can never match because an earlier one takes all, "hub" for one that
 * is about hubs, "extension" for what XAPI cannot read in its own file, and,
 * with devices, "unused" for one that decides about none of them. The object
 * is "OBJECT:LINE". */
void xtune_usb_policy_add_lint(xtune_findings *findings,
                               const xtune_usb_policy *policy,
                               const xtune_usb *devices, size_t nr_devices);

/* The policy's text with the smallest change that makes it say this of a
 * device: one rule of its ids, and of its serial number or port where of says
 * so (NULL: of its ids alone), in front of the first that decides otherwise;
 * or one of just this device, which is there already, changed. Everything else
 * stays, to the byte. In the arena; equal to text where it says so already.
 * XTUNE_ERR_REFUSED for what no rule can do (a hub). */
int xtune_usb_policy_edit(xtune_arena *arena, const xtune_usb_policy *policy,
                          const char *text, size_t len, const xtune_usb *usb,
                          bool allow, const xtune_usb_identity *of,
                          const char **text_r, xtune_error **err);

/* Devices. */

bool xtune_usb_is_hub(const xtune_usb *usb);

/* By its path; NULL. */
const xtune_usb *xtune_host_usb(const xtune_host *host, const char *path);

/*
 * The device of some words with commas between them, all of which must fit:
 * "1-2.1" or port=1-2.1, "0951:1666", serial=S, uuid=U (of the PUSB, or its
 * group), hostbus=1, hostaddr=4 (decimal). XTUNE_ERR_NOT_FOUND where none
 * fits; XTUNE_ERR_INVALID where several do, naming them, and for words that
 * are none.
 */
int xtune_usb_find(const xtune_host *host, const char *words,
                   const xtune_usb **usb_r, xtune_error **err);

/* "Kingston DataTraveler", from the database or from itself; "0951:1666". */
const char *xtune_usb_name(xtune_arena *arena, const xtune_usb *usb);

/* XAPI's: the database's names and the serial number, with "_" between. */
const char *xtune_usb_description(xtune_arena *arena, const xtune_usb *usb);

/* Identity. */

/* By its serial number; by its port where it has none, and by both where
 * another device of the host has the same ids and number. */
xtune_usb_identity xtune_usb_identity_of(const xtune_host *host,
                                         const xtune_usb *usb);

/* By what is asked for. XTUNE_ERR_INVALID for the serial number of a device
 * that has none. */
int xtune_usb_identity_by(const xtune_usb *usb, enum xtune_usb_by by,
                          xtune_usb_identity *identity_r, xtune_error **err);

bool xtune_usb_same_identity(const xtune_usb_identity *a,
                             const xtune_usb_identity *b);

/* The device that it means; of several that may be it the one in its port.
 * XTUNE_ERR_NOT_FOUND where it is not plugged in; XTUNE_ERR_INVALID where
 * several may be it, and none is there. */
int xtune_usb_resolve(const xtune_host *host,
                      const xtune_usb_identity *identity,
                      const xtune_usb **usb_r, xtune_error **err);

/* "serial", "port", "both"; false for another word. */
const char *xtune_usb_by_name(enum xtune_usb_by by);
bool xtune_usb_by_read(const char *text, enum xtune_usb_by *by_r);

/* Uuids, derived from what they are of (RFC 4122, version 5): the same on each
 * boot, and of each host. vm is a domain's uuid, in either case. */
void xtune_usb_uuid(const xtune_usb_identity *identity, char uuid_r[37]);
void xtune_usb_group_uuid(const xtune_usb_identity *identity, char uuid_r[37]);
void xtune_usb_vusb_uuid(const xtune_usb_identity *identity, const char *vm,
                         char uuid_r[37]);

/* In guests. */

/* The domain that has a device, by its path, as the toolstack says; NULL.
 * controller_r and port_r (1 is the first) may be NULL. */
const xtune_domain *xtune_usb_owner(const xtune_host *host, const char *path,
                                    const xtune_usb_controller **controller_r,
                                    uint32_t *port_r);

/* Whether the device in a domain's port is not there, or is dom0's: it was
 * plugged in again, and the domain has it no longer. */
bool xtune_usb_is_stale(const xtune_host *host,
                        const xtune_usb_controller *controller, uint32_t port);

/* Adds a warning "stale" for each such port: of one domain and one path; NULL:
 * of all. The object is the path. */
void xtune_usb_add_stale(xtune_findings *findings, const xtune_host *host,
                         const xtune_domain *domain, const char *path);

/* The version of the controller that the speed of a device needs: 1 to 3. */
uint32_t xtune_usb_version_of(const xtune_usb *usb);

/* Guards: "policy" (the usb-policy denies it), "disk", "network", "keyboard"
 * and "pointer" (the last one of the console), "console", "unknown" where it
 * is not known what dom0 does with it. policy NULL: that cannot be read, which
 * denies all. */
void xtune_usb_add_guards(xtune_findings *findings, const xtune_host *host,
                          const xtune_usb_policy *policy,
                          const xtune_usb *usb);

/* The names of guards, NULL at the end. */
extern const char *const xtune_usb_guards[];

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of NFS, where disks of domains are. */
#include <string.h>

#include "base/util.h"
#include "check/text.h"
#include "host/dom0_mounts.h"
#include "host/findings.h"

#define MOUNTINFO "/proc/self/mountinfo"
#define COUNTERS "/proc/net/rpc/nfs"

/* Bytes: SUSE's. */
#define MIN_TRANSFER 16384

/* One request in so many may have to be sent again. */
#define FEW 1000

static bool is_below(const char *path, const char *folder)
{
    const size_t len = strlen(folder);

    return path && !strncmp(path, folder, len) && path[len] == '/';
}

/* The uuid of the SR that XAPI's storage manager has mounted there; NULL: it
 * is no mount of its. */
static const char *sr_of(const char *at)
{
    const char *behind = strncmp(at, "/var/run/", 9) ? at : at + 4;
    static const char mounts[] = "/run/sr-mount/";

    if (strncmp(behind, mounts, sizeof(mounts) - 1) != 0) return NULL;
    return behind + sizeof(mounts) - 1;
}

/* The storage manager names disks by their SR, wherever that is. */
static bool is_disk_at(xtune_arena *arena, const xtune_disk *disk,
                       const char *at)
{
    const char *sr = sr_of(at);

    return is_below(disk->target, at) ||
           (sr &&
            is_below(disk->target,
                     xtune_arena_printf(arena, "/dev/sm/backend/%s", sr)));
}

/* The names of domains that have disks there. */
static const char **domains_at(xt_check *check, const char *at, size_t *nr_r)
{
    const xtune_host *host = check->host;
    const char **names = NULL;
    size_t i, k, nr = 0;

    for (i = 0; i < host->nr_domains; i++) {
        const xtune_domain *domain = &host->domains[i];

        for (k = 0; k < domain->nr_disks; k++)
            if (!domain->disks[k].server &&
                is_disk_at(check->arena, &domain->disks[k], at))
                break;
        if (k == domain->nr_disks) continue;
        names = xtune_arena_grow(check->arena, names, nr, sizeof(*names));
        names[nr++] = domain->name;
    }
    *nr_r = nr;
    return names;
}

static bool is_small(const char *value)
{
    uint64_t bytes;

    return value && (!xt_parse_u64(value, 10, UINT32_MAX, &bytes) ||
                     bytes < MIN_TRANSFER);
}

/* What of its options is wrong, "soft, rsize=8192"; NULL: nothing. */
static const char *wrong_options(xtune_arena *arena,
                                 const xt_dom0_mount *mounted)
{
    static const char *const sizes[] = { "rsize", "wsize" };
    const char *soft = NULL, *wrong = NULL, *value;
    size_t i;

    if (xt_dom0_mount_option(arena, mounted->options, "soft")) soft = "soft";
    if (xt_dom0_mount_option(arena, mounted->options, "softerr"))
        soft = "softerr";
    wrong = soft;
    for (i = 0; i < XT_ARRAY_SIZE(sizes); i++) {
        value = xt_dom0_mount_option(arena, mounted->options, sizes[i]);
        if (is_small(value))
            wrong = xtune_arena_printf(arena, "%s%s%s=%s", wrong ? wrong : "",
                                       wrong ? ", " : "", sizes[i], value);
    }
    return wrong;
}

/* Whether it is known of each domain what its disks are. */
static bool knows_disks(const xtune_host *host)
{
    size_t i;

    for (i = 0; i < host->nr_domains; i++)
        if (host->domains[i].id && !host->domains[i].disks) return false;
    return xt_check_is_running(host);
}

static bool is_soft(const char *wrong)
{
    return !strncmp(wrong, "soft", 4);
}

/* The storage manager mounts softly, and by itself. */
static void soften(xt_fault *fault)
{
    fault->status = XTUNE_CHECK_WARN;
    fault->how = is_soft(fault->actual)
                     ? "XAPI's storage manager mounts it so by itself: guests "
                       "see errors of their disks when the server is away for "
                       "longer than timeo and retrans of the mount say, which "
                       "guests and server have to be set up for"
                     : "the storage manager asks for what the server offers: "
                       "allow larger transfers there, then unplug the SR's "
                       "PBD and plug it in again";
}

/* What nobody's disk is on may be as it likes: images of CDs, copies. */
static void check_mount(xt_check *check, const xt_dom0_mount *mounted)
{
    static const char expected[] = "hard, rsize and wsize of 16384 or more";
    xtune_arena *arena = check->arena;
    const char *wrong = wrong_options(arena, mounted);
    const char **names;
    xt_fault fault;
    size_t nr;

    if (!wrong) {
        xt_pass(check, mounted->where, expected, mounted->options);
        return;
    }
    names = domains_at(check, mounted->where, &nr);
    if (!nr && knows_disks(check->host)) {
        xt_skip(check, mounted->where,
                xtune_arena_printf(arena, "%s, but no domain's disk is on it",
                                   wrong));
        return;
    }
    fault = (xt_fault){
        .status = nr && is_soft(wrong) ? XTUNE_CHECK_FAIL : XTUNE_CHECK_WARN,
        .object = mounted->where,
        .expected = expected,
        .actual = wrong,
        .text = nr ? xtune_arena_printf(arena, "disks of %s are on it",
                                        xt_findings_words(arena, names, nr))
                   : NULL,
        .fix = XTUNE_FIX_PERSON,
        .how = "mount it with hard,rsize=1048576,wsize=1048576 (/etc/fstab), "
               "when nothing on it is in use",
    };
    if (sr_of(mounted->where)) soften(&fault);
    xt_fault_add(check, &fault);
}

/* nfs-answers */

static void silent_fault(xt_check *check, const char *at)
{
    const char **names;
    size_t nr;

    names = domains_at(check, at, &nr);
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_FAIL,
            .object = at,
            .expected = "an answer within 2 seconds",
            .actual = "none",
            .text = nr ? xtune_arena_printf(
                             check->arena, "disks of %s are on it",
                             xt_findings_words(check->arena, names, nr))
                       : "what looks at it waits",
            .fix = XTUNE_FIX_PERSON,
            .how =
                "look whether its server is there and the way to it is; all "
                "goes on when it answers again, \"umount -f -l\" ends what "
                "waits with an error",
        });
}

void xt_check_nfs_answers(xt_check *check)
{
    const xtune_dom0 *dom0 = &check->host->dom0;
    size_t i;

    if (!xt_check_has_dom0(check)) return;
    if (!dom0->silent_mounts) {
        xt_skip(check, NULL, "no live host was asked");
        return;
    }
    for (i = 0; i < dom0->nr_silent_mounts; i++)
        silent_fault(check, dom0->silent_mounts[i]);
    if (!dom0->nr_silent_mounts)
        xt_pass(check, NULL, "an answer within 2 seconds", "all answer");
}

/* nfs-options */

static bool is_nfs(const xt_dom0_mount *mounted)
{
    return mounted->options &&
           (!strcmp(mounted->type, "nfs") || !strcmp(mounted->type, "nfs4"));
}

void xt_check_nfs_options(xt_check *check)
{
    const xt_dom0_mount *mounts;
    const char *text;
    bool any = false;
    size_t nr, i;

    if (!xt_check_reads(check, MOUNTINFO, &text)) return;
    if (!text) {
        xt_skip(check, NULL, "what is mounted is not known");
        return;
    }
    mounts = xt_dom0_parse_mountinfo(
        check->arena, xtune_arena_strdup(check->arena, text), &nr);
    for (i = 0; i < nr; i++) {
        if (!is_nfs(&mounts[i])) continue;
        any = true;
        check_mount(check, &mounts[i]);
    }
    if (!any) xt_skip(check, NULL, "nothing is mounted over NFS");
}

/* nfs-retransmissions */

/* "rpc 1200000 3 1200000": calls, and those that were sent again. */
static bool read_counters(xtune_arena *arena, const char *text,
                          uint64_t *calls_r, uint64_t *again_r)
{
    const char *line, *word, *calls, *again;

    while ((line = xt_check_line(arena, &text))) {
        word = xt_check_word(arena, &line);
        if (!word || strcmp(word, "rpc") != 0) continue;
        calls = xt_check_word(arena, &line);
        again = xt_check_word(arena, &line);
        return calls && again &&
               xt_parse_u64(calls, 10, UINT64_MAX, calls_r) &&
               xt_parse_u64(again, 10, UINT64_MAX, again_r);
    }
    return false;
}

static void retransmissions_fault(xt_check *check, const char *actual)
{
    xt_fault_add(check,
                 &(xt_fault){
                     .status = XTUNE_CHECK_WARN,
                     .expected = "none, or one call in 1000 at most",
                     .actual = actual,
                     .text = "the network loses packets, or the server does "
                             "not keep up",
                     .fix = XTUNE_FIX_PERSON,
                     .how = "\"nfsstat -rc\" counts on; look at the network "
                            "(\"ip -s link\") and at the server's load",
                 });
}

void xt_check_nfs_retransmissions(xt_check *check)
{
    const xtune_host *earlier = check->request->earlier;
    uint64_t calls, again, calls_before = 0, again_before = 0;
    const char *text, *actual;

    if (!xt_check_reads(check, COUNTERS, &text)) return;
    if (!text || !read_counters(check->arena, text, &calls, &again)) {
        xt_skip(check, NULL, "dom0 is no client of NFS");
        return;
    }
    text = earlier ? xtune_host_file(earlier, COUNTERS) : NULL;
    /* The counters wrap, or begin again. */
    if (text &&
        (!read_counters(check->arena, text, &calls_before, &again_before) ||
         calls_before > calls || again_before > again))
        calls_before = again_before = 0;
    calls -= calls_before;
    again -= again_before;
    actual = xtune_arena_printf(check->arena, "%llu of %llu calls",
                                (unsigned long long)again,
                                (unsigned long long)calls);
    if (again > calls / FEW)
        retransmissions_fault(check, actual);
    else
        xt_pass(check, NULL, "none, or one call in 1000 at most", actual);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices of running domains. A program of its own does it (device/), which
 * outlives this process when that is killed, and then holds its lock until it
 * has ended; libxl is in that program alone.
 */
#include "backend/xen.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "backend/program.h"
#include "base/json.h"
#include "base/util.h"

#define PROGRAM "xltune-device"
#define MAX_WORDS 16
#define BACKENDS "/local/domain/0/backend/pci"

/* libxl waits 60 seconds for a stub domain, 10 for a device model or a guest;
 * twice, where it takes back what it could not bring to its end. */
#define ANSWER_MS 120000

#define FRONTEND_MS 20000 /* a guest that boots needs some of it */
#define LOOK_MS 100

static int still_at_work(const xt_program *p, const char *list,
                         xtune_error **err)
{
    XT_CLEANUP_FREE char *hint = xt_xprintf(
        "wait until it has ended, then see with \"xltune %s\" what came of it",
        list);

    return xtune_error_set(err, XTUNE_ERR_BUSY, ETIMEDOUT, p->object, hint,
                           "libxl is still at work on it after %d seconds, in "
                           "process %d",
                           ANSWER_MS / 1000, (int)p->pid);
}

/* The one line that it says, in the arena; NULL where it has ended without, or
 * does not come to an end, which is then told. */
static const char *hear(xt_program *p, xtune_arena *arena, bool *late_r)
{
    struct pollfd fd = { .fd = p->from, .events = POLLIN };
    const uint64_t until = xt_now_ms() + ANSWER_MS;
    const char *line = NULL;
    uint64_t now;

    *late_r = false;
    while (!line) {
        now = xt_now_ms();
        *late_r = now >= until;
        if (*late_r) return NULL;
        if (poll(&fd, 1, (int)(until - now)) <= 0) continue;
        if (!xt_program_read(p)) return NULL;
        line = xt_program_take_line(p, arena);
    }
    return line;
}

int xt_xen_run_device(const char *const *words, const char *object,
                      const char *list, int lock_fd, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *argv[MAX_WORDS + 2] = { xt_program_path(arena, PROGRAM) };
    const char *line;
    xt_program p;
    size_t nr;
    bool late;
    int rc;

    for (nr = 0; nr < MAX_WORDS && words[nr]; nr++)
        argv[nr + 1] = words[nr];
    rc = xt_program_start(&p, object, argv, lock_fd, err);
    if (rc) return rc;
    line = hear(&p, arena, &late);
    if (late) {
        rc = still_at_work(&p, list, err);
        xt_program_leave(&p);
        return rc;
    }
    xt_program_finish(&p);
    if (line) return xt_program_answer(object, line, err);
    return xtune_error_set(err, XTUNE_ERR_IO, 0, object,
                           "see what the system's log says of xltune-device",
                           "the program that does it has ended without an "
                           "answer");
}

int xt_xen_attach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                      const xt_pci_attachment *attachment, int lock_fd,
                      xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const struct {
        bool is_on;
        const char *word;
    } options[] = {
        { attachment->msitranslate, "msitranslate" },
        { attachment->power_mgmt, "power_mgmt" },
        { attachment->permissive, "permissive" },
        { attachment->relaxed, "relaxed" },
    };
    const char *argv[7 + XT_ARRAY_SIZE(options)] = { "pci-attach" };
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    size_t nr = 1, i;
    int rc;

    rc = xt_xen_check_root(xen, attachment->address, err);
    if (!rc) rc = xt_xen_find_domain(xen, domain, &info, err);
    if (!rc) rc = xt_xen_pci_check_unlisted(xen, &attachment->address, 1, err);
    if (rc) return rc;
    argv[nr++] = xtune_arena_printf(arena, "%u", (unsigned int)info.domain);
    argv[nr++] = domain->uuid;
    argv[nr++] = attachment->address;
    argv[nr++] = attachment->slot == XTUNE_NONE
                     ? "any"
                     : xtune_arena_printf(arena, "%u", attachment->slot);
    argv[nr++] = xtune_arena_printf(arena, "%u", attachment->function);
    for (i = 0; i < XT_ARRAY_SIZE(options); i++)
        if (options[i].is_on) argv[nr++] = options[i].word;
    rc =
        xt_xen_run_device(argv, attachment->address, "pci-list", lock_fd, err);
    /* The guest has something of it still: nobody else is to have it. */
    if (rc == XTUNE_ERR_BUSY)
        (void)xt_xen_pci_claim(
            xen, attachment->address,
            xtune_arena_printf(arena, "%u", (unsigned int)info.domain), NULL);
    return rc;
}

static int read_state(xt_xen *xen, xtune_arena *arena, const char *path,
                      bool *is_there_r, bool *is_connected_r,
                      xtune_error **err)
{
    char *state;
    int rc;

    rc = xt_xen_store_read(xen, arena, path, &state, err);
    if (rc) return rc;
    *is_there_r = state;
    *is_connected_r = state && !strcmp(state, "4"); /* XenbusStateConnected */
    return 0;
}

/*
 * libxl takes the device from a PV guest before it sees whether the guest
 * listens at all; where it does not, as while its driver comes up, the entry
 * in xenstore stays, and so does pciback's idea of who has the device.
 */
static int wait_for_frontend(xt_xen *xen, const xc_domaininfo_t *info,
                             const char *address, xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const uint64_t until = xt_now_ms() + FRONTEND_MS;
    const unsigned int domid = info->domain;
    const char *back =
        xtune_arena_printf(arena, BACKENDS "/%u/0/state", domid);
    const char *front = xtune_arena_printf(
        arena, "/local/domain/%u/device/pci/0/state", domid);
    bool has_back, has_front, back_ok, front_ok;
    int rc;

    if (info->flags & XEN_DOMINF_hvm_guest) return 0;
    for (;;) {
        rc = read_state(xen, arena, back, &has_back, &back_ok, err);
        if (!rc)
            rc = read_state(xen, arena, front, &has_front, &front_ok, err);
        if (rc || !has_back || (back_ok && front_ok)) return rc;
        if (xt_now_ms() >= until) break;
        poll(NULL, 0, LOOK_MS);
    }
    return xtune_error_set(err, XTUNE_ERR_REFUSED, 0, address,
                           "shut the domain down",
                           "the guest has no driver that would let go of it, "
                           "or it is not ready");
}

/* Where it stays with the domain after all, libxl has forgotten that, and
 * would give it to another one, which could not use it. */
static void keep_claim(xt_xen *xen, const xt_domain_ref *domain,
                       unsigned int domid, const char *address)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    xt_json *attached;

    if (!xt_xen_get_attached(&xen->base, domain, address, arena, &attached,
                             NULL) &&
        attached->type != XT_JSON_NULL)
        xt_xen_pci_claim(xen, address, xtune_arena_printf(arena, "%u", domid),
                         NULL);
}

int xt_xen_detach_pci(xtune_backend *backend, const xt_domain_ref *domain,
                      const char *address, bool force, int lock_fd,
                      xtune_error **err)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *argv[] = {
        "pci-detach",           NULL, domain->uuid, address,
        force ? "force" : NULL, NULL,
    };
    xt_xen *xen = (xt_xen *)backend;
    xc_domaininfo_t info;
    int rc;

    rc = xt_xen_check_root(xen, address, err);
    if (!rc) rc = xt_xen_find_domain(xen, domain, &info, err);
    if (rc) return rc;
    rc = wait_for_frontend(xen, &info, address, force ? NULL : err);
    if (rc && !force) return rc;
    argv[1] = xtune_arena_printf(arena, "%u", (unsigned int)info.domain);
    rc = xt_xen_run_device(argv, address, "pci-list", lock_fd, err);
    if (rc && rc != XTUNE_ERR_BUSY)
        keep_claim(xen, domain, info.domain, address);
    return rc;
}

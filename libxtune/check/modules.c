/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of modules of dom0's kernel. */
#include <string.h>

#include "base/util.h"
#include "check/mend.h"
#include "check/text.h"

#define MODULES "/proc/modules"
#define MODPROBE "/etc/modprobe.d/"
#define MODPROBE_FILE MODPROBE "xltune.conf"

/* Of other hypervisors: KVM, VirtualBox, VMware. */
static const char *const others[] = {
    "kvm_intel",  "kvm_amd", "kvm",   "vboxdrv", "vboxnetflt",
    "vboxnetadp", "vboxpci", "vmmon", "vmnet",
};

/* other-hypervisors */

/* Linux takes "-" and "_" in the name of a module for the same. */
static bool is_module(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b))) return false;
    return *a == *b;
}

/* "blacklist kvm", "install kvm /bin/false" */
static bool is_for_module(const char *line, const void *module)
{
    XT_CLEANUP_ARENA xtune_arena *arena = xtune_arena_new();
    const char *verb = xt_check_word(arena, &line);
    const char *name = xt_check_word(arena, &line);
    const char *with = xt_check_word(arena, &line);

    if (!verb || !name || !is_module(name, module)) return false;
    if (!strcmp(verb, "blacklist")) return true;
    return !strcmp(verb, "install") && with &&
           (strstr(with, "/false") || strstr(with, "/true"));
}

/* The file that keeps it from being loaded; NULL: none does. */
static const char *kept_out_by(xt_check *check, const char *module)
{
    const xtune_dom0 *dom0 = &check->host->dom0;
    const char *text, *line;
    size_t i;

    for (i = 0; i < dom0->nr_files; i++) {
        text = dom0->files[i].text;
        if (!text ||
            strncmp(dom0->files[i].path, MODPROBE, strlen(MODPROBE)) != 0)
            continue;
        while ((line = xt_check_line(check->arena, &text)))
            if (is_for_module(line, module)) return dom0->files[i].path;
    }
    return NULL;
}

static void module_fault(xt_check *check, const char *module, uint64_t users)
{
    const char *file = kept_out_by(check, module);
    xtune_arena *arena = check->arena;

    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_FAIL,
            .object = module,
            .expected = "not loaded",
            .actual =
                users ? xtune_arena_printf(arena, "loaded, with %llu user%s",
                                           (unsigned long long)users,
                                           users == 1 ? "" : "s")
                      : "loaded",
            .text = "one hypervisor a host: another one beside Xen has no "
                    "virtualization to use, and what is given to it is not "
                    "there for domains",
            .fix = file ? XTUNE_FIX_BOOT : XTUNE_FIX_NOW,
            .how = file ? xtune_arena_printf(
                              arena,
                              "\"modprobe -r %s\", or reboot: %s keeps it out",
                              module, file)
                        : xtune_arena_printf(
                              arena,
                              "\"blacklist %s\" in " MODPROBE_FILE
                              ", then \"modprobe -r %s\" or reboot",
                              module, module),
        });
}

void xt_check_other_hypervisors(xt_check *check)
{
    xtune_arena *arena = check->arena;
    const char *text, *line, *name, *users;
    bool any = false;
    uint64_t nr;

    if (!xt_check_reads(check, MODULES, &text)) return;
    if (!text) {
        xt_skip(check, NULL, "which modules are loaded is not known");
        return;
    }
    while ((line = xt_check_line(arena, &text))) {
        name = xt_check_word(arena, &line);
        if (!name || !xt_check_has_word(others, XT_ARRAY_SIZE(others), name))
            continue;
        any = true;
        xt_check_word(arena, &line); /* its size */
        users = xt_check_word(arena, &line);
        if (!users || !xt_parse_u64(users, 10, UINT32_MAX, &nr)) nr = 0;
        module_fault(check, name, nr);
    }
    if (!any)
        xt_pass(check, NULL, "no module of KVM, VirtualBox or VMware", "none");
}

int xt_mend_other_hypervisors(xt_check *check, xtune_plan *plan,
                              xtune_error **err)
{
    const xtune_check_result *result;
    size_t at = 0;

    (void)err;
    while ((result = xt_check_next_to_mend(check, &at)))
        xt_mend_line(
            check, plan, MODPROBE_FILE,
            xtune_arena_printf(plan->arena, "blacklist %s", result->object),
            is_for_module, result->object,
            xtune_arena_printf(plan->arena, "%s is not for dom0",
                               result->object));
    return 0;
}

/* backend-queues */

/* As many as are advised for virtio's. */
#define ENOUGH_QUEUES 4

static uint32_t dom0_vcpus(const xtune_host *host)
{
    return host->nr_domains && !host->domains[0].id
               ? host->domains[0].online_vcpus
               : 0;
}

static void check_queues(xt_check *check, const char *module, const char *path,
                         uint32_t vcpus)
{
    const uint64_t enough = vcpus < ENOUGH_QUEUES ? vcpus : ENOUGH_QUEUES;
    xtune_arena *arena = check->arena;
    const char *expected =
        xtune_arena_printf(arena, "%llu or more", (unsigned long long)enough);
    const char *actual;
    uint64_t queues;

    if (!xt_check_reads_number(check, path, UINT32_MAX, &queues)) return;
    actual = xtune_arena_printf(arena, "%llu", (unsigned long long)queues);
    /* 0: the module has not been told, and takes one for each vCPU. */
    if (!queues || queues >= enough) {
        xt_pass(check, path, expected, actual);
        return;
    }
    xt_fault_add(
        check,
        &(xt_fault){
            .status = XTUNE_CHECK_WARN,
            .object = path,
            .expected = expected,
            .actual = actual,
            .text = xtune_arena_printf(
                arena, "so few vCPUs of dom0's %u serve one guest's device",
                vcpus),
            .fix = XTUNE_FIX_PERSON,
            .how = xtune_arena_printf(
                arena,
                "echo %llu > %s, for guests that come then; take \"%s."
                "max_queues\" from dom0's command line or /etc/modprobe.d",
                (unsigned long long)enough, path, module),
        });
}

void xt_check_backend_queues(xt_check *check)
{
    static const struct {
        const char *module, *path;
    } backends[] = {
        { "xen_netback", "/sys/module/xen_netback/parameters/max_queues" },
        { "xen_blkback", "/sys/module/xen_blkback/parameters/max_queues" },
    };
    const uint32_t vcpus = dom0_vcpus(check->host);
    bool any = false;
    size_t i;

    if (!xt_check_has_dom0(check)) return;
    if (!vcpus) {
        xt_skip(check, NULL, "how many vCPUs dom0 has is not known");
        return;
    }
    for (i = 0; i < XT_ARRAY_SIZE(backends); i++)
        if (xtune_host_file(check->host, backends[i].path)) {
            any = true;
            check_queues(check, backends[i].module, backends[i].path, vcpus);
        }
    if (!any)
        xt_skip(check, NULL, "neither xen_netback nor xen_blkback is there");
}

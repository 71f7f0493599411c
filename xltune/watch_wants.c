/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wanted: policies and records, read again when they change. */
#include "watch.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef XTUNE_SYSCONFDIR
#define XTUNE_SYSCONFDIR "/etc"
#endif

static void add_bytes(uint64_t *sum, const void *bytes, size_t len)
{
    *sum = sum_bytes(*sum, bytes, len);
}

static void add_file(uint64_t *sum, const char *path)
{
    struct stat st;

    if (stat(path, &st)) st = (struct stat){ .st_ino = 0 };
    add_bytes(sum, &st.st_ino, sizeof(st.st_ino));
    add_bytes(sum, &st.st_size, sizeof(st.st_size));
    add_bytes(sum, &st.st_mtim, sizeof(st.st_mtim));
}

static void add_file_below(uint64_t *sum, const char *root, const char *path)
{
    char *file = format_text("%s%s", root ? root : "", path);

    add_file(sum, file);
    free(file);
}

/* The folder and the files in it: one may be changed in place. */
static void add_folder(uint64_t *sum, const char *root, const char *path)
{
    char *dir = format_text("%s%s", root ? root : "", path), *file;
    DIR *stream = opendir(dir);
    const struct dirent *entry;

    add_file(sum, dir);
    while (stream && (entry = readdir(stream))) {
        if (entry->d_name[0] == '.') continue;
        file = format_text("%s/%s", dir, entry->d_name);
        add_file(sum, file);
        free(file);
    }
    if (stream) closedir(stream);
    free(dir);
}

/* Something that is another one when a file has changed. */
static uint64_t sum_files(const struct settings *s)
{
    uint64_t sum = SUM_BEGIN;
    size_t i;

    for (i = 0; i < s->policies.nr; i++)
        add_file(&sum, s->policies.words[i]);
    if (!s->policies.nr)
        add_folder(&sum, s->root, XTUNE_SYSCONFDIR "/xltune/policy.d");
    add_folder(&sum, s->root, "/var/lib/xltune/records");
    add_file_below(&sum, s->root, "/var/lib/xltune/pools.json");
    add_file_below(&sum, s->root, "/var/lib/xltune/devices.json");
    add_file_below(&sum, s->root, "/var/lib/xltune/usb.json");
    return sum;
}

int watch_read_wants(struct watch *w, bool always, xtune_error **err)
{
    struct context *ctx = w->ctx;
    const uint64_t files = sum_files(&ctx->settings);
    xtune_policy *old = ctx->policy;
    int rc;

    if (!always && files == w->files) return 0;
    /* What is changed while it is read is read again next time. */
    w->files = files;
    ctx->policy = NULL;
    rc = read_policy_if_any(ctx, err);
    if (rc) {
        xtune_policy_free(ctx->policy);
        ctx->policy = old;
        return rc;
    }
    xtune_policy_free(old);
    if (!ctx->policy) {
        log_line(PRIORITY_NOTICE, "policy",
                 "there is none, and no record: nothing is wanted");
        return 0;
    }
    log_line(PRIORITY_INFO, "policy", "%s%s%zu rules, %zu records",
             ctx->policy->name ? ctx->policy->name : "",
             ctx->policy->name ? ": " : "", ctx->policy->nr_rules,
             ctx->policy->nr_records + ctx->policy->nr_pool_records);
    return 0;
}

void watch_refresh_wants(struct watch *w, bool always)
{
    xtune_error *err = NULL;
    const uint64_t before = w->files;

    if (watch_read_wants(w, always, &err)) {
        log_error(PRIORITY_ERROR, err);
        log_line(PRIORITY_WARNING, "policy", "the one before stays in force");
    } else if (before != w->files) {
        w->round_us = 0;
    }
}

bool watch_is_wanted(const struct watch *w, const xtune_host *view,
                     const xtune_domain *domain, const xtune_rule **rule_r)
{
    const xtune_policy *policy = w->ctx->policy;
    const xtune_rule *rule;

    *rule_r = NULL;
    /* dom0 has no configuration to be compared with, and "apply" sees to
     * it. */
    if (!policy || !domain->id) return false;
    rule = xtune_policy_match(policy, domain);
    *rule_r = rule;
    if (xtune_policy_record(policy, view, domain)) return true;
    return rule &&
           (rule->placement != XTUNE_PLACE_NONE || rule->nr_affinity > 0 ||
            rule->cpupool || rule->has_scheduling);
}

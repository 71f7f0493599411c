/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 100,000 rules of a usb-policy and 1,000 devices: what it takes to read the
 * rules and to judge the devices, and how that compares with going through the
 * rules one by one. Fails where the two say something different. Times are of
 * the processor, the median of several runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xtune/usb.h>

#define NR_RULES 100000
#define NR_DEVICES 1000
#define NR_INTERFACES 2
#define NR_RUNS 5

static uint32_t seed = 1;

static unsigned int one_of(unsigned int nr)
{
    seed = seed * 1664525 + 1013904223;
    return (unsigned int)((uint64_t)seed * nr >> 32);
}

static void die(const char *what)
{
    fprintf(stderr, "usb_policy: %s\n", what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Rules of all shapes, few of which are about the devices; the last one is
 * about all of them. */
static char *make_rules(size_t *len_r)
{
    char *text = malloc(NR_RULES * 96), *at = text;
    size_t i;

    if (!text) die("no memory");
    for (i = 0; i + 1 < NR_RULES; i++) {
        at += sprintf(at, "%s vid=%04x pid=%04x",
                      one_of(2) ? "ALLOW:" : "DENY:", one_of(0x10000),
                      one_of(0x1000));
        if (!one_of(3)) at += sprintf(at, " rel=%04x", one_of(0x1000));
        if (!one_of(3)) at += sprintf(at, " class=%02x", one_of(0x40));
        if (!one_of(4)) at += sprintf(at, " prot=%02x", one_of(0x40));
        if (!one_of(8)) at += sprintf(at, " serial=%08X", one_of(0x10000));
        if (!one_of(8)) at += sprintf(at, " port=%u-1", 1 + one_of(16));
        at += sprintf(at, " # device %zu\n", i);
    }
    at = stpcpy(at, "ALLOW:\n");
    *len_r = (size_t)(at - text);
    return text;
}

static void make_devices(xtune_arena *arena, xtune_usb *devices)
{
    size_t i;

    for (i = 0; i < NR_DEVICES; i++) {
        const char *words = xtune_arena_printf(
            arena,
            "%04x:%04x:%04x if=%02x/06/50,%02x/00/00 serial=%08X port=%u-1",
            one_of(0x10000), one_of(0x1000), one_of(0x1000), one_of(8) + 10,
            one_of(0x40) + 10, one_of(0x10000), 1 + one_of(16));

        if (xtune_usb_device_parse(arena, words, &devices[i], NULL))
            die("a device is none");
    }
}

/* As the index is asked: with numbers that were read before. */
static const xtune_usb_rule *by_loop(const xtune_usb_rule *rules, size_t nr,
                                     const xtune_usb *usb,
                                     const xtune_usb_interface *interface)
{
    const uint32_t vendor = (uint32_t)strtoul(usb->vendor, NULL, 16);
    const uint32_t product = (uint32_t)strtoul(usb->product, NULL, 16);
    const uint32_t release = (uint32_t)strtoul(usb->release, NULL, 16);
    size_t i;

#define FITS(member, value)                                                   \
    (rules[i].member == XTUNE_NONE || rules[i].member == (value))
    for (i = 0; i < nr; i++)
        if (FITS(vendor, vendor) && FITS(product, product) &&
            FITS(release, release) &&
            FITS(class_code, interface->class_code) &&
            FITS(subclass, interface->subclass) &&
            FITS(protocol, interface->protocol) &&
            (!rules[i].serial || !strcmp(rules[i].serial, usb->serial)) &&
            (!rules[i].port || !strcmp(rules[i].port, usb->path)))
            return &rules[i];
#undef FITS
    return NULL;
}

struct times {
    double parse[NR_RUNS], judge[NR_RUNS], loop[NR_RUNS];
};

static void run(struct times *times, size_t nr, const char *text, size_t len,
                const xtune_usb *devices)
{
    static const xtune_usb_rule *said[NR_DEVICES][NR_INTERFACES];
    xtune_arena *arena = xtune_arena_new();
    const xtune_usb_rule *rules;
    xtune_usb_policy *policy;
    xtune_usb_verdict verdict;
    size_t nr_rules, i, k;
    double start = now_ms();

    if (xtune_usb_policy_parse(text, len, "rules", &policy, NULL))
        die("the rules are none");
    times->parse[nr] = now_ms() - start;
    start = now_ms();
    for (i = 0; i < NR_DEVICES; i++) {
        verdict = xtune_usb_policy_judge(policy, &devices[i], arena);
        for (k = 0; k < NR_INTERFACES; k++)
            said[i][k] = verdict.decisions[k];
    }
    times->judge[nr] = now_ms() - start;
    rules = xtune_usb_policy_rules(policy, &nr_rules);
    start = now_ms();
    for (i = 0; i < NR_DEVICES; i++)
        for (k = 0; k < NR_INTERFACES; k++)
            if (by_loop(rules, nr_rules, &devices[i],
                        &devices[i].interfaces[k]) != said[i][k])
                die("the two say something different");
    times->loop[nr] = now_ms() - start;
    xtune_usb_policy_free(policy);
    xtune_arena_free(arena);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *ms)
{
    qsort(ms, NR_RUNS, sizeof(*ms), compare);
    return ms[NR_RUNS / 2];
}

int main(void)
{
    xtune_arena *arena = xtune_arena_new();
    xtune_usb *devices = XTUNE_NEW_ARRAY(arena, xtune_usb, NR_DEVICES);
    struct times times;
    double parse, judge, loop;
    size_t len, i;
    char *text = make_rules(&len);

    make_devices(arena, devices);
    for (i = 0; i < NR_RUNS; i++)
        run(&times, i, text, len, devices);
    parse = median(times.parse);
    judge = median(times.judge);
    loop = median(times.loop);
    printf("usb-policy: %d rules read in %.1f ms, %d devices judged in %.2f "
           "ms, together %.1f ms\n",
           NR_RULES, parse, NR_DEVICES, judge, parse + judge);
    printf("usb-policy: rule by rule they are judged in %.1f ms: %.0f x\n",
           loop, loop / judge);
    free(text);
    xtune_arena_free(arena);
    return 0;
}

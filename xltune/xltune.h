/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command: a flat table of commands, options as data, and what a command
 * is handed when it runs.
 */
#ifndef XLTUNE_H
#define XLTUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <xtune/apply.h>
#include <xtune/backend.h>
#include <xtune/error.h>
#include <xtune/host.h>
#include <xtune/plan.h>
#include <xtune/policy.h>

/* What the process exits with. */
enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_DIFFERENCE = 2,
    EXIT_USAGE = 64,
};

/* The values of an option that may be given again. */
struct words {
    const char **words;
    size_t nr;
};

/* What the options say. */
struct settings {
    const char *host, *root;
    struct words policies;
    const char *residency_word;
    bool json, yes, force, quiet, help, version;
    struct words forced; /* guards of devices, or "all" */
    bool numa, cpupool, table;
    bool cpu_list;    /* of cpupool-list */
    bool follow;      /* of cpupool-migrate */
    const char *file; /* of cpupool-create */
    /* Of schedulers: a domain, or a pool (pool, above), and what it is to
     * have; of rtds the n-th of each list belong together. */
    const char *domain, *weight, *cap;
    bool schedparam;
    const char *tslice, *ratelimit, *migration_delay;
    struct words vcpus, periods, budgets, extratimes;
    /* Of a domain that is yet to be made. */
    const char *name, *type, *pool, *cpus;
    struct words pci;
    bool config;
    bool dry_run, paused, debug;
    const char *interval;                /* watch: seconds */
    bool show_names, rebind, regardless; /* of PCI devices */
    bool boot;                           /* hide at boot only; see now */
    const char *slot;                    /* that a guest has it in */
    bool permissive, assignable, now;
    const char *by;       /* what a USB device is known by */
    struct words devices; /* in words, for a usb-policy to be tried on */
    const char *usb; /* the version of the controller that it is to be in */
    /* Of a change that is to be confirmed; 0: it is not. */
    const char *confirm_word;
    unsigned int confirm_s;
    bool persist, forget;
    /* Of moves. */
    const char *max_moves, *max_bytes, *max_time, *at_once;
    struct {
        unsigned int moves, at_once;
        uint64_t bytes, ms; /* 0: no limit */
    } budget;               /* read from these */
    bool allow_pause, at_boot;
    const char *rule, *set; /* of dom0: whose rule; what it is to have */
    const char *policy_name;
    bool minimal; /* as xe: the first field alone */
    /* Of host-check. */
    const char *explain, *sample; /* a rule; seconds */
    bool list_rules, verbose, fix, junit, openmetrics;
};

enum option_kind {
    OPTION_SWITCH, /* bool */
    OPTION_TEXT,   /* const char *; the last one given counts */
    OPTION_WORDS,  /* struct words; may be given again */
    OPTION_FORCE,  /* bool; with a value it is names of guards, which go to
                      forced instead */
};

struct option {
    const char *name; /* "host", for --host */
    char letter;      /* 'n' for -n, 0 for none */
    enum option_kind kind;
    size_t offset;     /* of its member in struct settings */
    const char *value; /* what its value is called in help; NULL: none */
    const char *help;  /* NULL: left out of help */
};

/* Those that stand before or after any command, and end with a NULL name. */
extern const struct option common_options[];

/* What a command needs before it runs. */
enum {
    NEEDS_BACKEND = 1 << 0,
    NEEDS_LOCK = 1 << 1,     /* it may change the host */
    WAITS_FOR_LOCK = 1 << 2, /* as long as it takes */
};

struct context;

struct command {
    const char *name;
    int (*run)(struct context *ctx); /* returns the exit code */
    /* Refuses words that do not fit each other, before the host is looked at:
     * 0, or an exit code after saying what is wrong. NULL: there are none. */
    int (*check)(struct context *ctx);
    const char *arguments;        /* for usage: "DOM VCPU|all HARD" */
    const char *help;             /* one line */
    bool hidden;                  /* for xltune itself: left out of help */
    bool raw; /* all words behind it are its own, also those like options */
    const struct option *options; /* its own; NULL: none */
    size_t min_args, max_args;    /* max_args NO_LIMIT: any number */
    unsigned int needs;
    unsigned int parts; /* of a host that it looks at */
};

#define NO_LIMIT ((size_t)-1)

extern const struct command commands[];
extern const size_t nr_commands;

/* What a command works with. main() makes it and frees all of it. */
struct context {
    struct settings settings;
    const struct command *command;
    char **args; /* of the command, without options */
    size_t nr_args;
    xtune_backend *backend; /* with NEEDS_BACKEND */
    xtune_state *state;     /* with NEEDS_LOCK */
    xtune_host *host;       /* after observe() */
    xtune_policy *policy;   /* after read_policy() */
    FILE *trace;            /* to be closed, or NULL */
    bool answered;          /* something stands on stdout */
    bool output_failed;     /* and that was said */
};

/* main.c */

/* Takes the lock into ctx->state, for a command that does not always need it:
 * before the host is looked at. */
int lock_state(struct context *ctx, xtune_error **err);

/* options.c */

/*
 * Sorts arguments into ctx: settings, command and its arguments. Returns 0,
 * or an exit code after saying what is wrong.
 */
int parse_arguments(struct context *ctx, int argc, char **argv);

/* cmdtable.c */

/*
 * The command with this name or, where there is none, the only one whose
 * name begins so. NULL after saying what is wrong.
 */
const struct command *find_command(struct context *ctx, const char *word);

/* help.c */
int print_help(struct context *ctx);
int refuse_no_command(void);
int print_command_help(struct context *ctx, const struct command *command);
int cmd_help(struct context *ctx);

/* output.c */

/* printf() into new memory; the process ends where there is none. */
char *format_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints text, frees it and returns code, or EXIT_FAILED where it cannot be
 * written. NULL prints nothing. */
int print_text(struct context *ctx, char *text, int code);

/* Says what is wrong with the command line; returns EXIT_USAGE. */
int usage_error(struct context *ctx, const char *object, const char *hint,
                const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Says what went wrong, frees err and returns EXIT_FAILED. */
int report_error(struct context *ctx, xtune_error *err);

/* What did not get written so far makes an exit code a failure. */
int check_output(struct context *ctx, int code);

/* A line on stderr about object that is no error. */
void print_note(const char *object, const char *note);

/* observe.c */

/* Opens the backend that the options name, with the wrappers that the
 * environment asks for. */
int open_backend(struct context *ctx, xtune_error **err);

/* How --residency says that it is to be found out where memory is. */
enum xtune_residency_mode residency_mode(const struct settings *s);

/* The parts that a plan needs where records say something of devices, and
 * what it needs of them under this policy. */
#define DEVICE_PARTS (XTUNE_OBSERVE_PCI_DETAILS | XTUNE_OBSERVE_BOOT)
unsigned int device_parts(const xtune_policy *policy);

/* The same of USB devices: the last keyboard is not the last one where a PC's
 * own is, and that is at a bridge. */
#define USB_GIVING_PARTS (XTUNE_OBSERVE_USB | XTUNE_OBSERVE_PCI_DETAILS)
unsigned int usb_parts(const xtune_policy *policy);

/* The same of dom0 itself. */
unsigned int dom0_parts(const xtune_policy *policy);

/*
 * Observes the parts that the command needs and more_parts, of these domains
 * only (none: all), into ctx->host.
 */
int observe(struct context *ctx, unsigned int more_parts, char **domains,
            size_t nr_domains, xtune_error **err);

/*
 * As above, for the domains that the arguments name, in their order; view_r
 * is to be printed and lives as long as ctx->host.
 */
int observe_arguments(struct context *ctx, unsigned int more_parts,
                      xtune_host *view_r, xtune_error **err);

/*
 * Reads the policy that the options name, and the records of what is to be
 * kept, into ctx->policy. Where no policy is named and none is installed,
 * records alone are enough.
 */
int read_policy(struct context *ctx, xtune_error **err);

/* As above, but that there is neither is no error: then ctx->policy stays
 * NULL. */
int read_policy_if_any(struct context *ctx, xtune_error **err);

/* Adds the records to a policy. */
int read_records(struct context *ctx, xtune_policy *policy, xtune_error **err);

/* cmd_tune.c */

/* Observes and makes the plan of a policy; flags are XTUNE_PLAN_*. */
int plan_host(struct context *ctx, const xtune_policy *policy,
              unsigned int flags, xtune_plan **plan_r, xtune_error **err);

/* change.c */

struct xtune_outcome;

/* An apply, a rollback or a recovery under way. */
struct change {
    struct context *ctx;
    xtune_apply_options options;
    bool quiet;                     /* no progress, only notes */
    bool watched;                   /* by a person at a terminal */
    xtune_move_progress move;       /* of the move under way */
    size_t nr_made, nr_failed;      /* changes */
    size_t nr_kept;                 /* moves that were left for later */
    struct xtune_outcome *outcomes; /* of every step */
    bool told_later; /* with --json: who made it prints the document */
    size_t nr_outcomes;
};

/* Begins one: from here on signals stop it in an orderly way. */
void change_begin(struct change *change, struct context *ctx,
                  const char *title, bool quiet);

/*
 * Ends it. rc and err are what it returned. Prints text, which it frees, or
 * with --json a document with result in it, but for told_later; returns the
 * exit code.
 */
int change_end(struct change *change, int rc, xtune_error *err,
               const char *result, char *text);

/* apply_vfs.c */

/* Linux looks for drivers of functions that have just come, so that they
 * change under our hands: whether to try again what ended with rc, after a
 * while. */
bool wait_for_drivers(int rc, unsigned int *tries);

bool plan_makes_vfs(const xtune_plan *plan);

/* After a plan that does: what records want of devices then. *more_r: there
 * was something to do. */
int apply_vfs(const struct change *change, bool *more_r, xtune_error **err);

/* cmd_confirm.c */

/* Reads a time to confirm within; an exit code after saying what is wrong. */
int read_seconds(struct context *ctx, const char *object, const char *text,
                 unsigned int *seconds_r);

/* What --confirm-within says, into settings.confirm_s. */
int read_confirm_within(struct context *ctx);

/* A line about what waits to be confirmed, or NULL. */
char *pending_text(const struct context *ctx);

/* guard.c */

#define GUARD_COMMAND "confirm-guard"

/*
 * If settings.confirm_s is set, starts the process that will roll back what is
 * changed until guard_end(), unless it is confirmed in time.
 */
int guard_begin(const struct context *ctx, int *guard_r, xtune_error **err);

/* The change is made, or was not: the guard looks for itself. Gives up the
 * lock. */
void guard_end(struct context *ctx, int guard);

/* spawn.c */

/*
 * Runs a program, found in PATH, with these arguments, which end with NULL;
 * to_stderr leads its standard output there. Signals that would end us are
 * passed on to it meanwhile. *status_r is as of waitpid(2).
 */
int run_program(const char *const *argv, bool to_stderr, int *status_r,
                xtune_error **err);

/* cmd_rehome.c */

/* Reads what may be moved at a time into settings.budget; an exit code after
 * saying what is wrong. */
int read_budget(struct context *ctx);

/* Says so where a record of the policy is this domain's: what it keeps comes
 * back with the next apply. */
void note_record(const struct context *ctx, const xtune_policy *policy,
                 const xtune_domain *domain);

/* What commands check of their words. */
int check_capture(struct context *ctx);
int check_cmdline(struct context *ctx);
int check_cpupool_create(struct context *ctx);
int check_cpupool_migrate(struct context *ctx);
int check_dom0(struct context *ctx);
int check_host_check(struct context *ctx);
int check_numa_affinity(struct context *ctx);
int check_pci_assignable_add(struct context *ctx);
int check_pci_attach(struct context *ctx);
int check_pci_assign(struct context *ctx);
int check_sched_credit(struct context *ctx);
int check_sched_rtds(struct context *ctx);
int check_sriov_set(struct context *ctx);
int check_usb_attach(struct context *ctx);
int check_usb_policy(struct context *ctx);
int check_usbctrl_attach(struct context *ctx);
int check_usbctrl_detach(struct context *ctx);
int check_usbdev_attach(struct context *ctx);
int check_usbdev_detach(struct context *ctx);
int check_vcpu_pin(struct context *ctx);
int check_xen_cmdline(struct context *ctx);

/* The commands. */
int cmd_apply(struct context *ctx);
int cmd_capture(struct context *ctx);
int cmd_check(struct context *ctx);
int cmd_cmdline(struct context *ctx);
int cmd_confirm(struct context *ctx);
int cmd_cpupool_create(struct context *ctx);
int cmd_cpupool_destroy(struct context *ctx);
int cmd_cpupool_rename(struct context *ctx);
int cmd_cpupool_cpu_add(struct context *ctx);
int cmd_cpupool_cpu_remove(struct context *ctx);
int cmd_cpupool_join(struct context *ctx);
int cmd_cpupool_list(struct context *ctx);
int cmd_cpupool_migrate(struct context *ctx);
int cmd_cpupool_numa_split(struct context *ctx);
int cmd_create(struct context *ctx);
int cmd_dom0(struct context *ctx);
int cmd_explain(struct context *ctx);
int cmd_guard(struct context *ctx);
int cmd_history(struct context *ctx);
int cmd_host_check(struct context *ctx);
int cmd_info(struct context *ctx);
int cmd_list(struct context *ctx);
int cmd_numa_affinity(struct context *ctx);
int cmd_pci_assign(struct context *ctx);
int cmd_pci_assignable_add(struct context *ctx);
int cmd_pci_assignable_list(struct context *ctx);
int cmd_pci_assignable_remove(struct context *ctx);
int cmd_pci_assigned_list(struct context *ctx);
int cmd_pci_attach(struct context *ctx);
int cmd_pci_check(struct context *ctx);
int cmd_pci_detach(struct context *ctx);
int cmd_pci_list(struct context *ctx);
int cmd_pci_show(struct context *ctx);
int cmd_pci_unassign(struct context *ctx);
int cmd_pci_hidden_list(struct context *ctx);
int cmd_pci_hide(struct context *ctx);
int cmd_pci_unhide(struct context *ctx);
int cmd_place(struct context *ctx);
int cmd_plan(struct context *ctx);
int cmd_pusb_list(struct context *ctx);
int cmd_pusb_param_get(struct context *ctx);
int cmd_pusb_param_list(struct context *ctx);
int cmd_pusb_param_set(struct context *ctx);
int cmd_pusb_scan(struct context *ctx);
int cmd_recover(struct context *ctx);
int cmd_rehome(struct context *ctx);
int cmd_residency(struct context *ctx);
int cmd_rollback(struct context *ctx);
int cmd_sched_credit(struct context *ctx);
int cmd_sched_credit2(struct context *ctx);
int cmd_sched_rtds(struct context *ctx);
int cmd_snapshot(struct context *ctx);
int cmd_sriov_list(struct context *ctx);
int cmd_sriov_set(struct context *ctx);
int cmd_usb_attach(struct context *ctx);
int cmd_usb_detach(struct context *ctx);
int cmd_usb_group_list(struct context *ctx);
int cmd_usb_group_param_get(struct context *ctx);
int cmd_usb_group_param_list(struct context *ctx);
int cmd_usb_group_param_add(struct context *ctx);
int cmd_usb_group_param_remove(struct context *ctx);
int cmd_usb_group_param_clear(struct context *ctx);
int cmd_usb_group_param_set(struct context *ctx);
int cmd_usb_list(struct context *ctx);
int cmd_usb_policy(struct context *ctx);
int cmd_usb_show(struct context *ctx);
int cmd_usbctrl_attach(struct context *ctx);
int cmd_usbctrl_detach(struct context *ctx);
int cmd_usbdev_attach(struct context *ctx);
int cmd_usbdev_detach(struct context *ctx);
int cmd_vcpu_list(struct context *ctx);
int cmd_vcpu_pin(struct context *ctx);
int cmd_vusb_create(struct context *ctx);
int cmd_vusb_destroy(struct context *ctx);
int cmd_vusb_list(struct context *ctx);
int cmd_vusb_param_get(struct context *ctx);
int cmd_vusb_param_list(struct context *ctx);
int cmd_vusb_param_add(struct context *ctx);
int cmd_vusb_param_remove(struct context *ctx);
int cmd_vusb_param_clear(struct context *ctx);
int cmd_vusb_param_set(struct context *ctx);
int cmd_vusb_plug(struct context *ctx);
int cmd_vusb_unplug(struct context *ctx);
int cmd_watch(struct context *ctx);
int cmd_xen_cmdline(struct context *ctx);

#endif

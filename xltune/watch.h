/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The daemon: it keeps a model of the host's domains, made of the newest
 * look at each of them, and sees to it that domains that come are as they are
 * wanted. What it looks at is always a few domains, so that it never keeps
 * one that comes waiting for long.
 */
#ifndef XLTUNE_WATCH_H
#define XLTUNE_WATCH_H

#include <stdint.h>

#include <xtune/events.h>

#include "xltune.h"

/* watch_words.c: what needs neither a host nor a clock. */

#define MS_US UINT64_C(1000)
#define SECOND_US (1000 * MS_US)
#define NEVER_US UINT64_MAX

/* How long after domains have come all are looked at: more may come. */
#define AFTER_US (5 * SECOND_US)

/* After so long a domain that has come is not looked at more often than any
 * other. */
#define SETTLE_US (60 * SECOND_US)

/* Adds bytes to a sum of what was seen (FNV-1a). */
#define SUM_BEGIN UINT64_C(0xcbf29ce484222325)
uint64_t sum_bytes(uint64_t sum, const void *bytes, size_t len);

/*
 * How long to wait before a domain that came age_us ago is looked at again:
 * longer and longer, and never far behind what libxl does to it.
 */
uint64_t settle_delay_us(uint64_t age_us);

/* The same for one that has no vCPUs, or no place for its memory yet. */
uint64_t unready_delay_us(uint64_t age_us);

/* The same for one that libxl has built as wanted: there is no hurry about
 * its configuration. */
uint64_t settled_delay_us(uint64_t age_us);

/* Whether a domain has this name only until it has moved here: xl and xltune
 * receive it as NAME--incoming. */
bool is_name_for_now(const char *name);

/* A number of seconds from 1 to a day; false for any other text. */
bool parse_interval(const char *text, uint64_t *interval_us_r);

/* "hard 0-3, soft all", with the masks of vCPUs that differ as a list. */
char *masks_text(const xtune_domain *domain);

/* "1.2 s", "35 ms". */
char *duration_text(uint64_t us);

struct xtune_drift;

/* "hard affinity is 0, not 4-7; soft affinity is all, not 0-3" */
char *drift_text(const struct xtune_drift *drift);

/* watch_log.c: what it does, a line each, on stderr. */

/* As syslog(3) has them. */
enum priority {
    PRIORITY_ERROR = 3,
    PRIORITY_WARNING = 4,
    PRIORITY_NOTICE = 5,
    PRIORITY_INFO = 6,
};

/* Whether JOURNAL_STREAM says that fd leads to the journal. */
bool is_journal(const char *stream, int fd);

/* The line, with its newline: for the journal with its priority. */
char *log_text(bool journal, enum priority priority, const char *object,
               const char *message);

/* Nothing but what matters is logged from here on. */
void log_quietly(void);

void log_line(enum priority priority, const char *object, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of an error; frees it. */
void log_error(enum priority priority, xtune_error *err);

/* sd_notify.c: what a service tells systemd, sd_notify(3). */

struct sockaddr_un;

/* The address that NOTIFY_SOCKET gives, and its length; 0 for none. */
size_t notify_address(const char *path, struct sockaddr_un *address_r);

/* "RELOADING=1" and the time, as systemd wants it. */
char *notify_reloading(uint64_t now_us);

/* Sends it, if somebody listens; the second one frees it. */
void notify(const char *text);
void notify_text(char *text);

/* How often systemd wants to hear that we live; 0: it does not. */
uint64_t notify_watchdog_us(void);

/* watch_domains.c: the model. */

enum watched_state {
    WATCHED_FOUND,    /* it was there before us, or is another one now: it is
                         yet to be judged */
    WATCHED_NEW,      /* it came, and has no name that stays yet */
    WATCHED_SETTLING, /* it is looked at until it is as it is wanted */
    WATCHED_SETTLED,  /* it is only compared with its configuration */
    WATCHED_FREE,     /* nothing is wanted of it */
};

/* An observation of some domains, kept as long as the model has one of it. */
struct look {
    xtune_host *host;
    unsigned int users;
};

struct watched {
    unsigned int domid;
    enum watched_state state;
    struct look *look;
    const xtune_domain *seen; /* in look; NULL: not looked at yet */
    uint64_t named_us;        /* its name was there; 0: before us */
    uint64_t built_us;        /* its vCPUs were seen; 0: not yet */
    uint64_t masks_us;        /* we last set its masks; 0: not at all */
    uint64_t next_us;         /* when to look at it again; NEVER_US */
    bool follows_name;
    bool want_name, want_devices; /* are to be read again */
    bool complete; /* all of it was looked at since it is made */
    bool said_memory;
    bool is_new;      /* it came while we were here */
    uint64_t give_us; /* when it is to be given its devices; NEVER_US */
    bool usb_due;     /* it is to be given its USB devices */
    uint64_t usb_us;  /* but not before then */
    unsigned int usb_failures; /* of giving them, since something happened */
    bool repair;               /* its drift is to be put right at next_us */
    uint64_t planned; /* what it was when there was nothing to do; 0 */
    char *problem;    /* what was last said to be wrong with it; NULL */
};

/* Where some USB devices are: "1-2". */
struct usb_paths {
    char (*list)[64];
    size_t nr;
};

struct watch {
    struct context *ctx;
    xtune_events *events; /* NULL: xenstored is not there */
    int signals;
    uint64_t interval_us, watchdog_us;
    struct watched **domains; /* by domid */
    size_t nr_domains;
    struct look *newest;
    struct look *machine; /* the newest with the host's devices */
    uint64_t list_us, round_us, alive_us; /* when each is due */
    bool in_round;
    unsigned int next_domid; /* of the round: the first not looked at */
    uint64_t lock_us;        /* another writer is at work: try again then */
    uint64_t undo_us; /* when to undo what we were cut off at; NEVER_US */
    unsigned int undo_tries; /* of that */
    bool one_by_one;         /* a plan for several has failed */
    bool stop;
    xtune_host *usb; /* the newest look at USB devices; NULL */
    uint64_t usb_us; /* when the next is due; NEVER_US */
    bool usb_mend;   /* what is left of devices that went is to be put right */
    bool usb_stuck;  /* that has failed, and waits for an event */
    unsigned int usb_tries; /* since something happened */
    uint64_t usb_fresh_us;  /* until then something has just happened */
    uint64_t usb_doubt_us; /* a device in a port seems to be dom0's; 0: none */
    struct usb_paths usb_came;      /* devices that came, not looked at yet */
    bool usb_all_came;              /* any of them may have */
    struct usb_paths usb_new;       /* devices that were not there before */
    struct usb_paths usb_replugged; /* domains have what was there before */
    struct usb_paths usb_freed; /* domains had these; dom0 is to have them */
    char *usb_problem;          /* what was last said of that; NULL */
    uint64_t files; /* what the files of policies and records were */
    char *trouble;  /* what keeps us from changing anything, as said */
};

uint64_t now_us(void);

struct watched *watch_find(const struct watch *w, unsigned int domid);
struct watched *watch_add(struct watch *w, unsigned int domid,
                          enum watched_state state);
void watch_remove(struct watch *w, struct watched *d);
void watch_free_model(struct watch *w);

/* "web1", or "domain 12" while it has no name. In memory that is used again
 * by the next call. */
const char *watched_name(const struct watched *d);

/* Whether it is looked at by itself, when it is due. */
bool watched_is_coming(const struct watched *d);

/* Whether libxl is still making it: it has no stored configuration, and none
 * of its vCPUs can run yet. */
bool watched_is_made(const xtune_domain *domain);

/* Whether it is known how much memory it is to have: by then libxl has chosen
 * the nodes that it comes from. */
bool watched_has_limit(const xtune_domain *domain, uint64_t host_kb);

/* Something that is another one when a plan for the domain may be. */
uint64_t watched_sum(const xtune_domain *domain, uint64_t host_kb);

/*
 * Takes over what was observed of domains that are watched; host is freed
 * with them. One of asked that is not in it has gone. What is not among parts
 * is as it is known.
 */
void watch_take(struct watch *w, xtune_host *host, struct watched **asked,
                size_t nr, unsigned int parts);

/*
 * The host as far as it is known, over the arena of the newest look; its
 * domains are to be freed, and are in the order of w->domains without those
 * that were not looked at.
 */
void watch_view(struct watch *w, xtune_host *view_r);

/* watch_look.c: looking. */

/*
 * Looks at these domains; those that have gone are removed, and NULL instead.
 * Names and devices, for which xenstore must be asked, are read where one of
 * them wants it.
 */
int watch_look(struct watch *w, struct watched **domains, size_t nr,
               xtune_error **err);

/* Compares the list of domains with the model. */
int watch_list(struct watch *w, xtune_error **err);

/* Takes what has happened since. */
void watch_take_events(struct watch *w);

/* watch_wants.c: what is wanted. */

/* Reads policies and records again if their files are not as they were, or
 * always; where that fails, the old ones stay. */
int watch_read_wants(struct watch *w, bool always, xtune_error **err);
void watch_refresh_wants(struct watch *w, bool always);

/* Whether anything is wanted of a domain of the view, and its rule. */
bool watch_is_wanted(const struct watch *w, const xtune_host *view,
                     const xtune_domain *domain, const xtune_rule **rule_r);

/* watch_apply.c: changing the host. */

enum applied {
    APPLIED_DONE,
    APPLIED_LATER, /* another writer is at work */
    APPLIED_AGAIN, /* the host is not as it was planned for */
    APPLIED_GONE,  /* one of the domains is not there */
    APPLIED_STUCK, /* a person must do something first */
    APPLIED_FAILED,
};

/* Takes the lock, if another writer has had it before. False: it still has,
 * and w->lock_us says when to try again. */
bool watch_lock_early(struct watch *w);

/* Applies a plan; *err_r is set for APPLIED_FAILED only. */
enum applied watch_apply(struct watch *w, const xtune_plan *plan,
                         xtune_error **err_r);

/* Undoes what it was itself cut off at, or what could not be undone when it
 * failed, if that is due. */
void watch_undo(struct watch *w);

/* Gives the lock back, if it is held. */
void watch_unlock(struct watch *w);

/* watch_settle.c: domains that come. */

/* What is to be done about a domain that was looked at just now. */
void watch_judge(struct watch *w, const xtune_host *view, struct watched *d);

/* Settles those that are due. */
void watch_settle(struct watch *w);

/* watch_devices.c: the devices of domains that have come. */

/* The record of one that was looked at; NULL. */
const xtune_record *watch_record_of(const struct watch *w,
                                    const xtune_host *view,
                                    const struct watched *d);

/* The plan that gives it the devices of its record, and nothing to others. */
int watch_plan_devices(const struct watch *w, const xtune_host *view,
                       const struct watched *d, unsigned int flags,
                       xtune_plan **plan_r, xtune_error **err);

/* What has come of that; the second one frees err. */
void watch_say_given(struct watched *d, const xtune_plan *plan);
void watch_say_not_given(struct watched *d, xtune_error *err);

/* Of one that is about to be settled: whether it is to be given any. */
void watch_expect_devices(struct watch *w, const xtune_host *view,
                          struct watched *d);

/* Gives them to one that is due. */
void watch_give(struct watch *w);

/* Says of a device that is missing; false: none is. */
bool watch_compare_devices(struct watch *w, const xtune_host *view,
                           struct watched *d);

/* watch_usb.c: USB devices, which come and go while domains have them. */

/* Something came, went, or was taken. */
void watch_take_usb(struct watch *w, const xtune_event *event);

/* A domain is to be given those of its record. */
void watch_expect_usb(struct watch *w, struct watched *d);

/* One is gone, or another one has its number. */
void watch_leave_usb(struct watch *w, unsigned int domid);

/* All of them are to be looked at, unless no domain is known to have any. */
void watch_begin_usb_round(struct watch *w);

/* What could not be done may be possible now. */
void watch_hurry_usb(struct watch *w);

/* The next step, if one is due. */
void watch_mind_usb(struct watch *w);

/* Says of a device that is missing; false: none is. */
bool watch_compare_usb(struct watch *w, struct watched *d);

/* watch_drift.c: domains that stay. */

/* Compares one that has settled with its configuration. */
void watch_compare(struct watch *w, const xtune_host *view, struct watched *d);

/* Says of its memory what is to be said, once. */
void watch_check_memory(struct watch *w, const xtune_host *view,
                        struct watched *d);

/* Puts right those that are due. */
void watch_repair(struct watch *w);

/* Says what is wrong with a domain, once; NULL: nothing is. Frees problem. */
void watch_say_problem(struct watched *d, enum priority priority,
                       char *problem);

/* watch_loop.c */

int watch_run(struct watch *w, xtune_error **err);

#endif

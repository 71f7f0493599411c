/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xltune-move: arguments, and what it takes to live on by itself. */
#include "backend/mover/mover.h"

#include <stdio.h>
#include <string.h>

#include "base/util.h"

static const char usage[] =
    "usage: xltune-move move\n"
    "       xltune-move settle UUID NAME\n"
    "       xltune-move settle-all\n"
    "       xltune-move check DOMID UUID\n"
    "\n"
    "A part of xltune, which starts it: see xltune(8).\n";

static int run_move(mover *m, char **args, xtune_error **err)
{
    mover_request request;

    (void)args;
    if (mover_request_read(m->arena, STDIN_FILENO, &request, err) ||
        mover_uuid_read(m, request.uuid, err))
        return -1;
    m->name = request.name;
    if (mover_open(m, err)) return -1;
    return mover_move_main(m, &request);
}

static int run_settle(mover *m, char **args, xtune_error **err)
{
    if (mover_uuid_read(m, args[0], err)) return -1;
    if (!args[1][0] || strlen(args[1]) > MOVER_MAX_NAME)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "name", NULL,
                               "\"%.80s\" is not a name", args[1]);
    m->name = args[1];
    if (mover_open(m, err)) return -1;
    return mover_settle_main(m);
}

static int settle_each(mover *m, const char *const *uuids, size_t nr,
                       xtune_error **err)
{
    int code = 0;
    size_t i;

    for (i = 0; i < nr; i++) {
        m->name = NULL;
        m->record = (mover_record){ 0 };
        m->may_suspend = false;
        m->log.error[0] = '\0';
        if (mover_uuid_read(m, uuids[i], err)) return -1;
        if (mover_settle_main(m)) code = 1;
    }
    return code;
}

static int run_settle_all(mover *m, char **args, xtune_error **err)
{
    XT_CLEANUP_FREE const char **uuids = NULL;
    size_t nr;

    (void)args;
    if (mover_record_list(m, &uuids, &nr, err)) return -1;
    if (!nr) return 0;
    if (mover_open(m, err)) return -1;
    return settle_each(m, uuids, nr, err);
}

static int run_check(mover *m, char **args, xtune_error **err)
{
    XT_CLEANUP_ERROR xtune_error *why = NULL;
    XT_CLEANUP_FREE char *text = NULL;
    libxl_domain_config config;
    uint64_t domid;
    int rc;

    if (!xt_parse_u64(args[0], 10, XT_LIBXL_MAX_DOMID, &domid) || !domid)
        return xtune_error_set(err, XTUNE_ERR_INVALID, 0, "domid", NULL,
                               "\"%.80s\" is not that of a guest", args[0]);
    if (mover_uuid_read(m, args[1], err) || mover_open(m, err)) return -1;
    libxl_domain_config_init(&config);
    rc = mover_check(m, (uint32_t)domid, &config, &why);
    libxl_domain_config_dispose(&config);
    if (rc) text = xtune_error_text(why);
    if (rc)
        xt_libxl_say("refused %s", text);
    else
        xt_libxl_say("ok");
    return rc ? 1 : 0;
}

static const struct {
    const char *name;
    int nr_args;
    /* An exit code, or a negative one where err says why it did not begin. */
    int (*run)(mover *m, char **args, xtune_error **err);
} commands[] = {
    { "move", 0, run_move },
    { "settle", 2, run_settle },
    { "settle-all", 0, run_settle_all },
    { "check", 2, run_check },
};

int main(int argc, char **argv)
{
    XT_CLEANUP_ERROR xtune_error *err = NULL;
    mover m = { .lock_fd = -1 };
    int code = 2;
    size_t i;

    xt_libxl_keep_files();
    for (i = 0; i < XT_ARRAY_SIZE(commands); i++)
        if (argc == commands[i].nr_args + 2 &&
            !strcmp(argv[1], commands[i].name))
            break;
    if (i == XT_ARRAY_SIZE(commands)) {
        fputs(usage, stderr);
        return code;
    }
    xt_libxl_become_independent();
    m.arena = xtune_arena_new();
    code = commands[i].run(&m, argv + 2, &err);
    if (code < 0) code = mover_say_failed(err);
    mover_close(&m);
    xtune_arena_free(m.arena);
    return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xltune.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How long a writer waits for another one to end; and how long before it says
 * so, where it waits until a large domain is made, or has moved. */
#define LOCK_WAIT_MS 10000
#define LOCK_NOTE_MS 3000
#define LOCK_PATIENCE_MS 3600000

static int lock_within(struct context *ctx, unsigned int wait_ms,
                       xtune_error **err)
{
    return xtune_state_lock(ctx->backend, ctx->settings.root,
                            ctx->command->name, wait_ms, &ctx->state, err);
}

static int lock_patiently(struct context *ctx, xtune_error **err)
{
    xtune_error *busy = NULL;
    char *note;
    int rc;

    rc = lock_within(ctx, LOCK_NOTE_MS, &busy);
    if (rc != XTUNE_ERR_BUSY) {
        if (rc) *err = busy;
        return rc;
    }
    note = format_text("waiting: %s", busy->message);
    print_note(busy->object, note);
    free(note);
    xtune_error_free(busy);
    return lock_within(ctx, LOCK_PATIENCE_MS, err);
}

int lock_state(struct context *ctx, xtune_error **err)
{
    if (ctx->command->needs & WAITS_FOR_LOCK) return lock_patiently(ctx, err);
    return lock_within(ctx, LOCK_WAIT_MS, err);
}

static int prepare(struct context *ctx)
{
    xtune_error *err = NULL;

    if (!(ctx->command->needs & NEEDS_BACKEND)) return 0;
    if (open_backend(ctx, &err)) return report_error(ctx, err);
    /* Before the host is looked at, so that nothing changes in between. */
    if (ctx->command->needs & NEEDS_LOCK && lock_state(ctx, &err))
        return report_error(ctx, err);
    return 0;
}

static int print_version(struct context *ctx)
{
    return print_text(ctx, format_text("xltune %s\n", XTUNE_VERSION),
                      EXIT_DONE);
}

static int run(struct context *ctx, int argc, char **argv)
{
    int code;

    code = parse_arguments(ctx, argc, argv);
    if (code) return code;
    if (ctx->settings.help)
        return ctx->command ? print_command_help(ctx, ctx->command)
                            : print_help(ctx);
    if (ctx->settings.version) return print_version(ctx);
    if (!ctx->command && ctx->settings.json)
        return usage_error(ctx, "command", "see \"xltune help\"",
                           "none is given");
    if (!ctx->command) return refuse_no_command();
    code = prepare(ctx);
    return code ? code : ctx->command->run(ctx);
}

static void dispose(struct context *ctx)
{
    xtune_host_free(ctx->host);
    xtune_policy_free(ctx->policy);
    xtune_state_close(ctx->state);
    xtune_backend_close(ctx->backend);
    if (ctx->trace) fclose(ctx->trace);
    free(ctx->settings.forced.words);
    free(ctx->settings.policies.words);
    free(ctx->settings.pci.words);
    free(ctx->settings.devices.words);
    free(ctx->settings.vcpus.words);
    free(ctx->settings.periods.words);
    free(ctx->settings.budgets.words);
    free(ctx->settings.extratimes.words);
    free(ctx->args);
}

/*
 * A standard stream that was closed is not to become the journal or the lock:
 * its number is taken by something on which its use fails.
 */
static void fill_standard_streams(void)
{
    int fd;

    for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            abort();
}

int main(int argc, char **argv)
{
    struct context ctx = {
        .args = calloc((size_t)argc + 1, sizeof(char *)),
    };
    int code;

    fill_standard_streams();
    if (!ctx.args) abort();
    /* A parent may have left it ignored; "xltune list | head" is to end. */
    signal(SIGPIPE, SIG_DFL);
    code = check_output(&ctx, run(&ctx, argc, argv));
    dispose(&ctx);
    return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Help, made from the tables. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>

static FILE *open_text(char **text, size_t *len)
{
    FILE *out = open_memstream(text, len);

    if (!out) abort();
    return out;
}

static void put_option(FILE *out, const struct option *option)
{
    char spelling[40];

    if (!option->help) return;
    if (option->kind == OPTION_FORCE)
        snprintf(spelling, sizeof(spelling), "--%s[=%s]", option->name,
                 option->value);
    else
        snprintf(spelling, sizeof(spelling), "--%s%s%s", option->name,
                 option->value ? " " : "", option->value ? option->value : "");
    if (option->letter)
        fprintf(out, "  -%c, %-18s %s\n", option->letter, spelling,
                option->help);
    else
        fprintf(out, "      %-18s %s\n", spelling, option->help);
}

static void put_options(FILE *out, const char *title,
                        const struct option *options)
{
    if (!options || !options->help) return;
    fprintf(out, "\n%s:\n", title);
    for (; options->name; options++)
        put_option(out, options);
}

int print_command_help(struct context *ctx, const struct command *command)
{
    char *text;
    size_t len;
    FILE *out = open_text(&text, &len);

    fprintf(out, "Usage: xltune %s%s%s\n\n%s\n", command->name,
            *command->arguments ? " " : "", command->arguments, command->help);
    put_options(out, "Options", command->options);
    put_options(out, "Options of every command", common_options);
    if (fclose(out)) abort();
    return print_text(ctx, text, EXIT_DONE);
}

static char *usage_text(void)
{
    char *text;
    size_t len, i;
    FILE *out = open_text(&text, &len);

    fputs("Usage: xltune [OPTION...] COMMAND [ARGUMENT...]\n\n"
          "Tunes a Xen host: domains run beside their memory.\n\n"
          "Commands:\n",
          out);
    for (i = 0; i < nr_commands; i++)
        if (!commands[i].hidden)
            fprintf(out, "  %-21s %s\n", commands[i].name, commands[i].help);
    put_options(out, "Options of every command", common_options);
    fputs("\nSee \"xltune help COMMAND\" and xltune(8).\n", out);
    if (fclose(out)) abort();
    return text;
}

int print_help(struct context *ctx)
{
    return print_text(ctx, usage_text(), EXIT_DONE);
}

int refuse_no_command(void)
{
    char *text = usage_text();

    fputs(text, stderr);
    free(text);
    return EXIT_USAGE;
}

static void dump_options(FILE *out, const char *owner,
                         const struct option *options)
{
    for (; options && options->name; options++) {
        if (!options->help) continue;
        fprintf(out, "option %s --%s", owner, options->name);
        if (options->letter) fprintf(out, " -%c", options->letter);
        putc('\n', out);
    }
}

/* The tables a line an entry, for tests and for completion. */
static int dump_table(struct context *ctx)
{
    char *text;
    size_t len, i;
    FILE *out = open_text(&text, &len);

    for (i = 0; i < nr_commands; i++) {
        if (commands[i].hidden) continue;
        fprintf(out, "command %s\n", commands[i].name);
        dump_options(out, commands[i].name, commands[i].options);
    }
    dump_options(out, "*", common_options);
    if (fclose(out)) abort();
    return print_text(ctx, text, EXIT_DONE);
}

int cmd_help(struct context *ctx)
{
    const struct command *command;

    if (ctx->settings.table) return dump_table(ctx);
    if (!ctx->nr_args) return print_help(ctx);
    command = find_command(ctx, ctx->args[0]);
    return command ? print_command_help(ctx, command) : EXIT_USAGE;
}

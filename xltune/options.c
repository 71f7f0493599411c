/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the command line against the tables of options. */
#include "xltune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xtune/pci.h>
#include <xtune/usb.h>

#define SETTING(member) offsetof(struct settings, member)

const struct option common_options[] = {
    { "host", 0, OPTION_TEXT, SETTING(host), "FILE",
      "use the host in a snapshot, not the live one" },
    { "root", 0, OPTION_TEXT, SETTING(root), "DIR",
      "put DIR before every path read or written" },
    { "policy", 0, OPTION_WORDS, SETTING(policies), "FILE",
      "read this policy, not those installed; may be repeated" },
    { "residency", 0, OPTION_TEXT, SETTING(residency_word), "HOW",
      "find out where memory is by: measure, infer or none" },
    { "json", 0, OPTION_SWITCH, SETTING(json), NULL,
      "print one JSON document" },
    { "yes", 'y', OPTION_SWITCH, SETTING(yes), NULL,
      "do not ask before a change" },
    { "force", 0, OPTION_FORCE, SETTING(force), "NAME",
      "do it all the same; NAME: against that guard" },
    { "quiet", 'q', OPTION_SWITCH, SETTING(quiet), NULL,
      "print no plan and no progress" },
    { "help", 'h', OPTION_SWITCH, SETTING(help), NULL, "show help" },
    { "version", 'V', OPTION_SWITCH, SETTING(version), NULL,
      "show the version" },
    { .name = NULL },
};

struct parser {
    struct context *ctx;
    char **argv;
    int argc, next;
};

/* name is not followed by a NUL but is len long. */
static const struct option *find_long(const struct option *options,
                                      const char *name, size_t len)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == len && !memcmp(options->name, name, len))
            return options;
    return NULL;
}

static const struct option *find_short(const struct option *options,
                                       char letter)
{
    for (; options && options->name; options++)
        if (options->letter == letter) return options;
    return NULL;
}

static const struct option *own_options(const struct parser *p)
{
    return p->ctx->command ? p->ctx->command->options : NULL;
}

/* In any case: in the same word, or as the next one. */
static bool takes_value(const struct option *option)
{
    return option->kind == OPTION_TEXT || option->kind == OPTION_WORDS;
}

static void add_word(struct words *list, const char *word)
{
    list->words =
        reallocarray(list->words, list->nr + 1, sizeof(*list->words));
    if (!list->words) abort();
    list->words[list->nr++] = word;
}

static void set_option(struct settings *settings, const struct option *option,
                       const char *value)
{
    char *member = (char *)settings + option->offset;

    switch (option->kind) {
    case OPTION_SWITCH:
    case OPTION_FORCE: *(bool *)member = true; break;
    case OPTION_TEXT: *(const char **)member = value; break;
    case OPTION_WORDS: add_word((struct words *)member, value); break;
    }
}

static int unknown_option(const struct parser *p, const char *word)
{
    char hint[64];

    if (!p->ctx->command)
        return usage_error(p->ctx, word,
                           "a command's own options come after "
                           "it, see \"xltune help\"",
                           "unknown option");
    snprintf(hint, sizeof(hint), "see \"xltune help %s\"",
             p->ctx->command->name);
    return usage_error(p->ctx, word, hint, "%s has no such option",
                       p->ctx->command->name);
}

/* value NULL: it is the next word. */
static int take_value(struct parser *p, const char *word,
                      const struct option *option, const char *value)
{
    if (!value && p->next < p->argc) value = p->argv[p->next++];
    if (!value || !*value)
        return usage_error(p->ctx, word, NULL, "the option needs a value");
    set_option(&p->ctx->settings, option, value);
    return 0;
}

static bool is_among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (!strcmp(*names, name)) return true;
    return false;
}

static bool is_guard(const char *name)
{
    return !strcmp(name, "all") || is_among(xtune_pci_guards, name) ||
           is_among(xtune_usb_guards, name);
}

static char *with_name(char *text, const char *name)
{
    char *longer = format_text("%s,%s", text, name);

    free(text);
    return longer;
}

/* PCI and USB devices share most of them. */
static int unknown_guard(const struct parser *p, const char *name)
{
    char *names = format_text("give all, or some of %s", xtune_pci_guards[0]);
    size_t i;
    int code;

    for (i = 1; xtune_pci_guards[i]; i++)
        names = with_name(names, xtune_pci_guards[i]);
    for (i = 0; xtune_usb_guards[i]; i++)
        if (!is_among(xtune_pci_guards, xtune_usb_guards[i]))
            names = with_name(names, xtune_usb_guards[i]);
    code = usage_error(p->ctx, "--force", names, "there is no guard \"%s\"",
                       name);
    free(names);
    return code;
}

static int take_guards(const struct parser *p, char *names)
{
    char *name;

    while ((name = strsep(&names, ","))) {
        if (!is_guard(name)) return unknown_guard(p, name);
        add_word(&p->ctx->settings.forced, name);
    }
    return 0;
}

static int parse_long(struct parser *p, char *word)
{
    char *name = word + 2;
    const size_t len = strcspn(name, "=");
    char *value = name[len] ? name + len + 1 : NULL;
    const struct option *option = find_long(common_options, name, len);

    if (!option) option = find_long(own_options(p), name, len);
    if (!option) return unknown_option(p, word);
    if (takes_value(option)) return take_value(p, word, option, value);
    if (value && option->kind == OPTION_FORCE) return take_guards(p, value);
    if (value)
        return usage_error(p->ctx, word, NULL, "the option takes no value");
    set_option(&p->ctx->settings, option, NULL);
    return 0;
}

/* One letter or several: "-nc". One that takes a value ends them: the rest of
 * the word, or the next one, is its value. */
static int parse_short(struct parser *p, const char *word)
{
    const char *letter;

    for (letter = word + 1; *letter; letter++) {
        const struct option *option = find_short(common_options, *letter);
        const char *value = letter[1] ? letter + 1 : NULL;

        if (!option) option = find_short(own_options(p), *letter);
        if (!option) return unknown_option(p, word);
        if (takes_value(option)) return take_value(p, word, option, value);
        set_option(&p->ctx->settings, option, NULL);
    }
    return 0;
}

static int parse_word(struct parser *p, char *word)
{
    if (p->ctx->command) {
        p->ctx->args[p->ctx->nr_args++] = word;
        return 0;
    }
    p->ctx->command = find_command(p->ctx, word);
    return p->ctx->command ? 0 : EXIT_USAGE;
}

static int parse_all(struct parser *p)
{
    bool options_end = false;
    int code = 0;

    while (!code && p->next < p->argc) {
        char *word = p->argv[p->next++];

        if (p->ctx->command && p->ctx->command->raw) options_end = true;
        if (options_end || word[0] != '-' || !word[1])
            code = parse_word(p, word);
        else if (!strcmp(word, "--"))
            options_end = true;
        else if (word[1] == '-')
            code = parse_long(p, word);
        else
            code = parse_short(p, word);
    }
    return code;
}

/* So that an error is JSON also where it stands before --json. */
static bool wants_json(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--json")) return true;
    return false;
}

static int check_count(struct context *ctx)
{
    const struct command *command = ctx->command;
    const char *space = *command->arguments ? " " : "";

    if (ctx->nr_args >= command->min_args && ctx->nr_args <= command->max_args)
        return 0;
    return usage_error(
        ctx, command->name, NULL, "%s: usage is \"xltune %s%s%s\"",
        ctx->nr_args < command->min_args ? "an argument is missing"
                                         : "there are too many arguments",
        command->name, space, command->arguments);
}

/* By a link with the name of a command, that one is meant. */
static const struct command *command_of_link(const char *path)
{
    const char *name = strrchr(path, '/');
    size_t i;

    name = name ? name + 1 : path;
    for (i = 0; i < nr_commands; i++)
        if (commands[i].raw && !strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

int parse_arguments(struct context *ctx, int argc, char **argv)
{
    struct parser p = { .ctx = ctx, .argv = argv, .argc = argc, .next = 1 };
    const char *word;
    int code;

    if (argc) ctx->command = command_of_link(argv[0]);
    if (!ctx->command) ctx->settings.json = wants_json(argc, argv);
    code = parse_all(&p);
    if (code || !ctx->command || ctx->settings.help || ctx->settings.version)
        return code;
    word = ctx->settings.residency_word;
    if (word && strcmp(word, "measure") && strcmp(word, "infer") &&
        strcmp(word, "none"))
        return usage_error(ctx, "--residency", "give measure, infer or none",
                           "unknown word \"%s\"", word);
    code = check_count(ctx);
    if (!code && ctx->command->check) code = ctx->command->check(ctx);
    return code;
}

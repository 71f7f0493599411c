/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * versus RUNS NAME "COMMAND A" "COMMAND B": runs two commands in turn, RUNS
 * times each, and prints the median wall time and the largest memory of
 * each, and A's as a ratio of B's. Their output is dropped. Commands are
 * words between blanks; no shell is started.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNS 101
#define MAX_WORDS 16

typedef struct contestant {
    char *words[MAX_WORDS];
    double ms[MAX_RUNS];
    long max_kb;
} contestant;

static void die(const char *what)
{
    fprintf(stderr, "versus: %s\n", what);
    exit(1);
}

static void split(contestant *c, char *command)
{
    size_t nr = 0;
    char *word;

    while ((word = strsep(&command, " ")) && nr + 1 < MAX_WORDS)
        if (word[0]) c->words[nr++] = word;
    if (!nr) die("an empty command");
}

static void run_child(char **words)
{
    const int fd = open("/dev/null", O_WRONLY);

    dup2(fd, STDOUT_FILENO);
    execvp(words[0], words);
    _exit(127);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void run(contestant *c, size_t i)
{
    const double start = now_ms();
    const pid_t pid = fork();
    struct rusage usage;
    int status;

    if (pid < 0) die("cannot fork");
    if (!pid) run_child(c->words);
    if (wait4(pid, &status, 0, &usage) != pid) die("cannot wait");
    c->ms[i] = now_ms() - start;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) die("a command failed");
    if (usage.ru_maxrss > c->max_kb) c->max_kb = usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(contestant *c, size_t runs)
{
    qsort(c->ms, runs, sizeof(c->ms[0]), compare);
    return c->ms[runs / 2];
}

int main(int argc, char **argv)
{
    static contestant a, b;
    double a_ms, b_ms;
    size_t runs, i;

    if (argc != 5 || atoi(argv[1]) < 1 || atoi(argv[1]) > MAX_RUNS)
        die("usage: versus RUNS NAME \"COMMAND A\" \"COMMAND B\"");
    runs = (size_t)atoi(argv[1]);
    split(&a, argv[3]);
    split(&b, argv[4]);
    for (i = 0; i < runs; i++) {
        run(&a, i);
        run(&b, i);
    }
    a_ms = median(&a, runs);
    b_ms = median(&b, runs);
    printf("%-14s %9.1f %9.1f %8.2f %10.1f %10.1f\n", argv[2], a_ms, b_ms,
           b_ms / a_ms, (double)a.max_kb / 1024, (double)b.max_kb / 1024);
    return 0;
}

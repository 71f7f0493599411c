/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * placement [--quick] [--only NAME] [--seed N] [--seconds N] [--jobs N]
 *
 * --only: the instances whose name has NAME in it, "/" for all. --seed: other
 * instances, the same for the same N. --seconds: what GLPK may take for one
 * instance. Status 1 where the engine is not good enough, or
 * does not count as its header says.
 */
#include "bench.h"

#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_JOBS 16
#define SECONDS 20
#define QUICK_SECONDS 2

typedef struct options {
    bool quick;
    const char *only;
    int seconds, jobs;
} options;

/* What the workers share. */
typedef struct board {
    atomic_size_t next;
    bench_result results[];
} board;

static options read_options(int argc, char **argv)
{
    static const struct option names[] = {
        { "quick", no_argument, NULL, 'q' },
        { "only", required_argument, NULL, 'o' },
        { "seed", required_argument, NULL, 'r' },
        { "seconds", required_argument, NULL, 's' },
        { "jobs", required_argument, NULL, 'j' },
        { NULL, 0, NULL, 0 },
    };
    options o = { .jobs = (int)sysconf(_SC_NPROCESSORS_ONLN) };
    int c;

    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'q': o.quick = true; break;
        case 'o': o.only = optarg; break;
        case 'r': bench_seed = strtoull(optarg, NULL, 10); break;
        case 's': o.seconds = atoi(optarg); break;
        case 'j': o.jobs = atoi(optarg); break;
        default: exit(64);
        }
    }
    if (!o.seconds) o.seconds = o.quick ? QUICK_SECONDS : SECONDS;
    if (o.jobs < 1) o.jobs = 1;
    if (o.jobs > MOST_JOBS) o.jobs = MOST_JOBS;
    return o;
}

/* Instances with devices stand in for those without every other time: both of
 * each would say little more. A name asks for what it names. */
static bool is_wanted(const bench_instance *instance, size_t number,
                      const options *o)
{
    if (o->only) return strstr(instance->name, o->only);
    if (instance->devices != (number / 2) % 2) return false;
    if (!o->quick) return true;
    return instance->machine->quick && instance->fill_pct > 50;
}

static size_t choose(bench_instance *instances, size_t nr, const options *o)
{
    size_t kept = 0, i;

    for (i = 0; i < nr; i++)
        if (is_wanted(&instances[i], i, o)) instances[kept++] = instances[i];
    return kept;
}

static void work(bench_instance *instances, size_t nr, board *b,
                 const options *o, int to)
{
    size_t i;

    while ((i = atomic_fetch_add(&b->next, 1)) < nr) {
        bench_run_instance(&instances[i], o->seconds, &b->results[i]);
        if (write(to, &i, sizeof(i)) != sizeof(i)) _exit(1);
    }
}

/* Prints the results in their order, as they come. */
static void collect(const bench_instance *instances, size_t nr, const board *b,
                    int from)
{
    bool *done = calloc(nr + 1, sizeof(*done));
    size_t printed = 0, i;

    if (!done) bench_die("out of memory");
    while (printed < nr && read(from, &i, sizeof(i)) == sizeof(i)) {
        done[i] = true;
        for (; printed < nr && done[printed]; printed++)
            bench_print_result(&instances[printed], &b->results[printed]);
    }
    free(done);
}

static void run_all(bench_instance *instances, size_t nr, board *b,
                    const options *o)
{
    pid_t workers[MOST_JOBS];
    int ends[2], status, i;
    bool ok = true;

    if (pipe(ends)) bench_die("no pipe");
    fflush(stdout);
    for (i = 0; i < o->jobs; i++) {
        workers[i] = fork();
        if (workers[i] < 0) bench_die("cannot fork");
        if (workers[i]) continue;
        close(ends[0]);
        work(instances, nr, b, o, ends[1]);
        exit(0);
    }
    close(ends[1]);
    collect(instances, nr, b, ends[0]);
    close(ends[0]);
    for (i = 0; i < o->jobs; i++)
        if (waitpid(workers[i], &status, 0) != workers[i] || status)
            ok = false;
    if (!ok) bench_die("an instance failed");
}

static bool run_instances(const options *o)
{
    size_t nr;
    bench_instance *instances = bench_instances(&nr);
    board *b;
    bool ok = true;

    nr = choose(instances, nr, o);
    if (nr) {
        b = mmap(NULL, sizeof(*b) + nr * sizeof(bench_result),
                 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (b == MAP_FAILED) bench_die("out of memory");
        bench_print_head();
        run_all(instances, nr, b, o);
        ok = bench_print_summary(instances, b->results, nr);
        munmap(b, sizeof(*b) + nr * sizeof(bench_result));
    }
    free(instances);
    return ok;
}

int main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    bool ok = run_instances(&o);

    if (!bench_churn(o.only, o.quick)) ok = false;
    if (!o.only || strstr("scale", o.only)) bench_scale(o.quick);
    printf("\n%s\n", ok ? "the engine is as good as it has to be"
                        : "THE ENGINE IS NOT AS GOOD AS IT HAS TO BE");
    return ok ? 0 : 1;
}

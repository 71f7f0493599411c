/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/near.h"

#include <string.h>

#define MAX_LEN 63
#define LONG_WORD 8

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many slips lead from one to the other (optimal string alignment). */
static size_t slips(const char *a, size_t len_a, const char *b, size_t len_b)
{
    size_t rows[3][MAX_LEN + 1];
    size_t i, k;

    for (k = 0; k <= len_b; k++)
        rows[0][k] = k;
    for (i = 1; i <= len_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        row[0] = i;
        for (k = 1; k <= len_b; k++) {
            const size_t other = a[i - 1] != b[k - 1];

            row[k] =
                least(above[k - 1] + other, least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[k] = least(row[k], before[k - 2] + 1);
        }
    }
    return rows[len_a % 3][len_b];
}

bool xt_is_near(const char *word, const char *meant)
{
    const size_t len = strlen(word), len_meant = strlen(meant);
    size_t nr;

    if (!len || len > MAX_LEN || len_meant > MAX_LEN) return false;
    nr = slips(word, len, meant, len_meant);
    return nr && nr <= (least(len, len_meant) < LONG_WORD ? 1 : 2);
}

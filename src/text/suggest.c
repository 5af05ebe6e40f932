/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of a few words by edit distance, a swap of neighbours counting as one
 * edit. */
#include "base/vec.h"
#include "text/diag.h"

#include <string.h>

#define WORD_MAX 40

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Optimal string alignment distance; words longer than WORD_MAX are as far as can be. */
static size_t distance(struct view a, struct view b)
{
    size_t rows[WORD_MAX + 1][WORD_MAX + 1];
    if (a.length > WORD_MAX || b.length > WORD_MAX) return SIZE_MAX;
    for (size_t i = 0; i <= a.length; i++) {
        for (size_t k = 0; k <= b.length; k++) {
            if (!i || !k) {
                rows[i][k] = i + k;
                continue;
            }
            size_t cost = a.data[i - 1] != b.data[k - 1];
            rows[i][k] =
                smallest(rows[i - 1][k] + 1, rows[i][k - 1] + 1, rows[i - 1][k - 1] + cost);
            bool swapped =
                i > 1 && k > 1 && a.data[i - 1] == b.data[k - 2] && a.data[i - 2] == b.data[k - 1];
            if (swapped && rows[i - 2][k - 2] + 1 < rows[i][k]) rows[i][k] = rows[i - 2][k - 2] + 1;
        }
    }
    return rows[a.length][b.length];
}

const char *suggest_nearest(struct view word, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t best = word.length < 3 ? 1 : (word.length + 2) / 3;
    for (; *candidates; candidates++) {
        size_t far = distance(word, view_of(*candidates));
        if (far > best || (far == best && nearest)) continue;
        if (far >= word.length) continue; /* nothing in common */
        nearest = *candidates;
        best = far;
    }
    return nearest;
}

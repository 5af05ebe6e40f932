/* SPDX-License-Identifier: Apache-2.0 */
/* A span cell by cell, of all journeys together and of those that fared worst. See strip.h. */
#include "posture/strip.h"

#include <stdlib.h>
#include <string.h>

#define WEEK_US (7 * STORE_DAY_US)

void posture_strips_release(struct posture_strips *strips)
{
    vec_each(strip, &strips->list) store_cell_list_release(&strip->cells);
    vec_release(&strips->list);
}

/* The shortest of these of which there are not too many. */
static int64_t cell_for(const struct posture *posture)
{
    int64_t span_us = posture->end_us - posture->from_us;
    if (posture->until_us - posture->from_us < POSTURE_WHOLE_DAYS_US) return STORE_HOUR_US;
    if (span_us <= POSTURE_STRIP_CELLS * STORE_DAY_US) return STORE_DAY_US;
    return span_us <= POSTURE_STRIP_CELLS * WEEK_US ? WEEK_US : 4 * WEEK_US;
}

static void add_verdicts(struct store_figures *sum, const struct store_figures *figures)
{
    for (int i = VERDICT_PASS; i <= VERDICT_SKIPPED; i++) sum->verdicts[i] += figures->verdicts[i];
}

/* Its rows come by journey. */
static void gather_journeys(struct posture_strips *strips, const struct posture *posture)
{
    vec_each(row, &posture->subjects) {
        struct posture_strip *strip = strips->list.count ? vec_last(&strips->list) : NULL;
        if (!strip || strcmp(strip->journey, row->journey) != 0) {
            strip = vec_add(&strips->list);
            *strip = (struct posture_strip){.journey = row->journey};
        }
        add_verdicts(&strip->figures, &row->figures);
    }
}

/* The worst first; what could not be judged comes last. */
static int compare(const void *left, const void *right)
{
    const struct posture_strip *sides[] = {left, right};
    double shares[2];
    for (int i = 0; i < 2; i++) {
        shares[i] = store_figures_availability(&sides[i]->figures);
        if (shares[i] < 0) shares[i] = 2;
    }
    if (shares[0] < shares[1]) return -1;
    return shares[0] > shares[1] ? 1 : strcmp(sides[0]->journey, sides[1]->journey);
}

/* Of several journeys, all together come first. */
static void put_whole(struct posture_strips *strips, const struct posture *posture)
{
    struct posture_strip whole = {.journey = "", .figures = posture->whole};
    vec_push(&strips->list, whole);
    for (size_t i = strips->list.count; --i > 0;) strips->list.items[i] = strips->list.items[i - 1];
    strips->list.items[0] = whole;
}

bool posture_read_strips(struct posture_strips *strips, const struct posture *posture,
                         struct store *store, struct error *error)
{
    *strips = (struct posture_strips){.cell_us = cell_for(posture)};
    gather_journeys(strips, posture);
    size_t journeys = strips->list.count;
    if (journeys > 1) qsort(strips->list.items, journeys, sizeof *strips->list.items, compare);
    for (; strips->list.count > POSTURE_STRIPS; strips->left_out++) (void)vec_pop(&strips->list);
    if (journeys > 1) put_whole(strips, posture);
    vec_each(strip, &strips->list) {
        const struct store_scope scope = {.journey = *strip->journey ? strip->journey : NULL};
        if (!store_availability_cells(store, &scope, posture->from_us, posture->end_us,
                                      strips->cell_us, &strip->cells, error))
            return false;
    }
    return true;
}

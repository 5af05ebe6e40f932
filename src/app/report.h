/* SPDX-License-Identifier: Apache-2.0 */
/* What `shopper report` shows of the posture: tables made once, for people to read as text or as a
 * page; and JSON for programs, which docs/posture.md describes. */
#ifndef SHOPPER_APP_REPORT_H
#define SHOPPER_APP_REPORT_H

#include "posture/strip.h"

enum sheet_mood { MOOD_PLAIN, MOOD_GOOD, MOOD_ROUGH, MOOD_BAD };

struct sheet_cell {
    char *text; /* as it is: whoever shows it escapes it */
    enum sheet_mood mood;
    double share; /* 0 to 1, to be drawn beside the text; -1: none */
};

struct sheet_column {
    const char *head;
    bool is_text; /* else numbers, to the right */
};

struct sheet {
    const char *title, *note;           /* NULL: nothing is to be said */
    const struct sheet_column *columns; /* ended by a NULL head */
    const char *empty;                  /* said where there are no rows */
    VEC(struct sheet_cell) cells;       /* row after row */
};

struct sheets {
    char *title, *sentence, *aside; /* the aside: what was not counted */
    VEC(struct sheet) list;
};

size_t sheet_width(const struct sheet *sheet); /* columns */
void sheets_make(struct sheets *sheets, const struct posture *posture, const char *journey);
void sheets_release(struct sheets *sheets);

struct report_options {
    const char *journey; /* NULL: all */
    unsigned columns;    /* text: no wider than this, as far as it goes; 0: as wide as it is */
    const struct posture_strips *strips; /* html */
};
void report_write_text(const struct posture *posture, const struct report_options *options,
                       struct buf *out);
void report_write_html(const struct posture *posture, const struct report_options *options,
                       struct buf *out);
void report_write_json(const struct posture *posture, const struct report_options *options,
                       struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A view: borrowed bytes with a length. Bytes from files and the network travel as views;
 * NUL-terminated text only at a library's door. A view owns nothing and never outlives its bytes.
 */
#ifndef SHOPPER_BASE_VIEW_H
#define SHOPPER_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view {
    const char *data;
    size_t length;
};

#define VIEW_LITERAL(literal) ((struct view){(literal), sizeof(literal) - 1})
#define VIEW_NONE ((struct view){NULL, 0})
/* For printf's "%.*s". */
#define VIEW_PRINTF(view) (int)(view).length, (view).data ? (view).data : ""

/* ASCII white space. */
static inline bool view_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* An ASCII digit. */
static inline bool view_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct view view_of(const char *text); /* NULL gives the empty view */
struct view view_slice(struct view view, size_t from, size_t length); /* clamped to the view */
struct view view_from(struct view view, size_t from);                 /* the rest from there */
struct view view_trim(struct view view);                              /* no white space around */
bool view_equals(struct view a, struct view b);
bool view_is(struct view view, const char *text);
bool view_is_nocase(struct view view, const char *text); /* ASCII letters only */
bool view_starts_with(struct view view, struct view prefix);
bool view_starts_with_nocase(struct view view, struct view prefix);
bool view_ends_with(struct view view, struct view suffix);
/* Offset of the first occurrence, or SIZE_MAX. */
size_t view_find(struct view view, struct view needle);
size_t view_find_char(struct view view, char c);
/* Into an array of `size` bytes, NUL-terminated; cut short where it does not fit. */
void view_copy(struct view view, char *text, size_t size);
/* Cuts the first piece off *rest at `separator`; false when nothing is left to cut. */
bool view_split(struct view *rest, char separator, struct view *ret_piece);
int view_compare(struct view a, struct view b); /* bytes, as strcmp orders */

#endif

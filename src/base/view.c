/* SPDX-License-Identifier: Apache-2.0 */
/* See view.h. */
#include "base/view.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

struct view view_of(const char *text)
{
    return text ? (struct view){text, strlen(text)} : VIEW_NONE;
}

struct view view_slice(struct view view, size_t from, size_t length)
{
    if (from > view.length) from = view.length;
    if (length > view.length - from) length = view.length - from;
    return (struct view){view.data ? view.data + from : NULL, length};
}

struct view view_from(struct view view, size_t from)
{
    return view_slice(view, from, SIZE_MAX);
}

struct view view_trim(struct view view)
{
    while (view.length && view_is_space(view.data[0])) view = view_from(view, 1);
    while (view.length && view_is_space(view.data[view.length - 1])) view.length--;
    return view;
}

bool view_equals(struct view a, struct view b)
{
    return a.length == b.length && (!a.length || !memcmp(a.data, b.data, a.length));
}

bool view_is(struct view view, const char *text)
{
    return view_equals(view, view_of(text));
}

bool view_is_nocase(struct view view, const char *text)
{
    size_t length = strlen(text);
    return view.length == length && (!length || !strncasecmp(view.data, text, length));
}

bool view_starts_with(struct view view, struct view prefix)
{
    return view.length >= prefix.length && view_equals(view_slice(view, 0, prefix.length), prefix);
}

bool view_starts_with_nocase(struct view view, struct view prefix)
{
    return view.length >= prefix.length &&
           (!prefix.length || !strncasecmp(view.data, prefix.data, prefix.length));
}

bool view_ends_with(struct view view, struct view suffix)
{
    return view.length >= suffix.length &&
           view_equals(view_from(view, view.length - suffix.length), suffix);
}

size_t view_find(struct view view, struct view needle)
{
    if (!needle.length) return 0;
    if (view.length < needle.length) return SIZE_MAX;
    const char *found = memmem(view.data, view.length, needle.data, needle.length);
    return found ? (size_t)(found - view.data) : SIZE_MAX;
}

size_t view_find_char(struct view view, char c)
{
    const char *found = view.length ? memchr(view.data, c, view.length) : NULL;
    return found ? (size_t)(found - view.data) : SIZE_MAX;
}

void view_copy(struct view view, char *text, size_t size)
{
    size_t length = view.length < size ? view.length : size - 1;
    if (length) memcpy(text, view.data, length);
    text[length] = '\0';
}

bool view_split(struct view *rest, char separator, struct view *ret_piece)
{
    if (!rest->data) return false;
    size_t at = view_find_char(*rest, separator);
    if (at == SIZE_MAX) {
        *ret_piece = *rest;
        *rest = VIEW_NONE;
        return true;
    }
    *ret_piece = view_slice(*rest, 0, at);
    *rest = view_from(*rest, at + 1);
    return true;
}

int view_compare(struct view a, struct view b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order) return order;
    return (a.length > b.length) - (a.length < b.length);
}

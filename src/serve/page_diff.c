/* SPDX-License-Identifier: Apache-2.0 */
/* What two answers said, word by word: what both say, what only the one, what only the other. */
#include "serve/page.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 1500 /* of each; more of them are left out at the end */
#define CONTEXT 8       /* words shown around a difference */

struct words {
    struct view items[MOST_WORDS];
    size_t count;
};

enum fate { FATE_BOTH, FATE_THEN, FATE_NOW };

struct piece {
    enum fate fate;
    struct view word;
};

struct pieces {
    struct piece *items;
    size_t count, capacity;
};

/* A word ends where there is white space, and behind what ends a member in JSON. */
static void split(struct words *words, const char *text)
{
    words->count = 0;
    while (words->count < MOST_WORDS) {
        text += strspn(text, " \t\r\n");
        size_t length = strcspn(text, " \t\r\n,");
        if (text[length] == ',') length++;
        if (!length) return;
        words->items[words->count++] = (struct view){text, length};
        text += length;
    }
}

/* Lengths of the longest common parts of what is left of both, from each pair of places on. */
static uint16_t *measure(const struct words *then, const struct words *now)
{
    size_t width = now->count + 1;
    uint16_t *lengths = xcalloc((then->count + 1) * width, sizeof *lengths);
    for (size_t i = then->count; i-- > 0;) {
        for (size_t j = now->count; j-- > 0;) {
            uint16_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];
            lengths[i * width + j] = view_equals(then->items[i], now->items[j])
                                         ? (uint16_t)(lengths[(i + 1) * width + j + 1] + 1)
                                     : down > right ? down
                                                    : right;
        }
    }
    return lengths;
}

static void compare(struct pieces *pieces, const struct words *then, const struct words *now)
{
    uint16_t *lengths = measure(then, now);
    size_t i = 0, j = 0, width = now->count + 1;
    while (i < then->count || j < now->count) {
        bool here = i < then->count, there = j < now->count;
        if (here && there && view_equals(then->items[i], now->items[j])) {
            vec_push(pieces, ((struct piece){FATE_BOTH, now->items[j]}));
            i++;
            j++;
        } else if (here && (!there || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
            vec_push(pieces, ((struct piece){FATE_THEN, then->items[i++]}));
        } else {
            vec_push(pieces, ((struct piece){FATE_NOW, now->items[j++]}));
        }
    }
    free(lengths);
}

/* Of what both say only what stands near a difference. */
static bool is_near(const struct pieces *pieces, size_t at)
{
    size_t from = at > CONTEXT ? at - CONTEXT : 0;
    for (size_t i = from; i <= at + CONTEXT && i < pieces->count; i++)
        if (pieces->items[i].fate != FATE_BOTH) return true;
    return false;
}

static void write_pieces(struct buf *out, const struct pieces *pieces)
{
    static const char *const begins[] = {"", "<del>", "<ins>"}, *const ends[] = {"", "</del>",
                                                                                 "</ins>"};
    enum fate open = FATE_BOTH;
    bool left_out = false;
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->items[i];
        AUTO_FREE char *word = xstrndup(piece->word.data, piece->word.length);
        if (piece->fate != open) buf_add_text(out, ends[open]);
        if (piece->fate == FATE_BOTH && !is_near(pieces, i)) {
            if (!left_out) buf_add_text(out, " … ");
            left_out = true;
            open = FATE_BOTH;
            continue;
        }
        left_out = false;
        if (i) buf_add_char(out, ' ');
        if (piece->fate != open) buf_add_text(out, begins[piece->fate]);
        html_text(out, word);
        open = piece->fate;
    }
    buf_add_text(out, ends[open]);
}

void page_diff(struct page *page, const char *then, const char *now)
{
    struct words *words = xcalloc(2, sizeof *words);
    struct pieces pieces = {0};
    split(&words[0], then);
    split(&words[1], now);
    compare(&pieces, &words[0], &words[1]);
    bool differs = false;
    vec_each(piece, &pieces) differs = differs || piece->fate != FATE_BOTH;
    if (differs) {
        buf_add_text(page->out, "<p class=\"quiet\"><del>Struck out</del>: it said so then. "
                                "<ins>Underlined</ins>: it says so now.</p><p class=\"diff\">");
        write_pieces(page->out, &pieces);
        buf_add_text(page->out, "</p>");
    } else {
        buf_add_text(page->out, "<p>It says the same, word by word, as far as it was kept.</p>");
    }
    vec_release(&pieces);
    free(words);
}

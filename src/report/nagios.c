/* SPDX-License-Identifier: Apache-2.0 */
/* See nagios.h. */
#include "report/nagios.h"

#include "base/codec.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/quantity.h"

#define LABEL_TOLD 19 /* characters of a label that must tell it from the others */
#define CUT "…"
#define LONG_VALUE "99999.000000s"

struct nagios_datum {
    char *label;       /* as it is shown, without quotes */
    struct view tells; /* its first characters, by which it is told from the others */
    int64_t us, most_us;
    struct range warning, critical;
};

/* --- States */

static const struct {
    const char *word;
    int weight;
} states[] = {
    [NAGIOS_OK] = {"OK", 0},
    [NAGIOS_WARNING] = {"WARNING", 2},
    [NAGIOS_CRITICAL] = {"CRITICAL", 3},
    [NAGIOS_UNKNOWN] = {"UNKNOWN", 1},
};

const char *nagios_word(enum nagios_state state)
{
    return states[state].word;
}

bool nagios_find(struct view word, enum nagios_state *ret_state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (!view_is_nocase(word, states[i].word)) continue;
        *ret_state = (enum nagios_state)i;
        return true;
    }
    return false;
}

enum nagios_state nagios_worse(enum nagios_state a, enum nagios_state b)
{
    return states[a].weight >= states[b].weight ? a : b;
}

enum nagios_state nagios_of_verdict(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS: return NAGIOS_OK;
    case VERDICT_DEGRADED: return NAGIOS_WARNING;
    case VERDICT_FAIL: return NAGIOS_CRITICAL;
    case VERDICT_UNKNOWN:
    case VERDICT_SKIPPED: return NAGIOS_UNKNOWN;
    }
    return NAGIOS_UNKNOWN;
}

/* --- Collecting */

void nagios_init(struct nagios_output *output)
{
    *output = (struct nagios_output){
        .text = BUF_INIT(BUF_OWN_CAP),
        .details = BUF_INIT(BUF_OWN_CAP),
    };
}

void nagios_release(struct nagios_output *output)
{
    vec_each(datum, &output->data) free(datum->label);
    vec_release(&output->data);
    buf_release(&output->text);
    buf_release(&output->details);
}

static struct view first_characters(struct view text, size_t count)
{
    size_t offset = 0;
    while (count-- && offset < text.length) (void)utf8_next(text, &offset);
    return view_slice(text, 0, offset);
}

static bool is_taken(const struct nagios_output *output, struct view label)
{
    struct view tells = first_characters(label, LABEL_TOLD);
    vec_each(datum, &output->data) {
        if (view_equals(datum->tells, tells)) return true;
    }
    return false;
}

/* The bar begins performance data, and what is left are the beginnings of markup: many CGIs print
 * what they read into a page as it is. Entities would be none in mails and on pagers, and Nagios
 * takes half of them out of its macros; so these characters are shown by others of that look. */
static const char *look_of(char c)
{
    switch (c) {
    case '|': return "¦";
    case '<': return "‹";
    case '>': return "›";
    case '&': return "＆";
    default: return NULL;
    }
}

/* One line of text, made harmless. */
static void print_text(struct view text, struct buf *out)
{
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, text);
    for (size_t i = 0; i < visible.length; i++) {
        const char *look = look_of(visible.data[i]);
        if (look)
            buf_add_text(out, look);
        else
            buf_add_char(out, visible.data[i]);
    }
}

/* A label holds no '=' and no line break; a quote in it is doubled when it is printed. */
static void add_label_text(struct buf *out, const char *name)
{
    size_t from = out->length;
    print_text(view_of(name), out);
    for (size_t i = from; i < out->length; i++) {
        if (out->data[i] == '=') out->data[i] = '-';
    }
}

/* "log in", "log in dns"; shortened so that the ending stands within what tells, numbered where
 * that is taken. */
static char *new_label(const struct nagios_output *output, const char *name, const char *part)
{
    AUTO_BUF whole = BUF_INIT(BUF_OWN_CAP);
    add_label_text(&whole, name);
    for (unsigned number = 1;; number++) {
        AUTO_BUF ending = BUF_INIT(BUF_OWN_CAP), label = BUF_INIT(BUF_OWN_CAP);
        if (number > 1) buf_addf(&ending, "~%u", number);
        if (part) buf_addf(&ending, " %s", part);
        size_t room = ending.length < LABEL_TOLD ? LABEL_TOLD - ending.length : 1;
        struct view start = buf_view(&whole);
        if (ending.length) start = view_trim(first_characters(start, room));
        buf_add_view(&label, start);
        buf_add_view(&label, buf_view(&ending));
        if (!is_taken(output, buf_view(&label))) return buf_take(&label);
    }
}

void nagios_measure(struct nagios_output *output, const char *name, const char *part, int64_t us,
                    const struct range *warning, const struct range *critical, int64_t most_us)
{
    struct nagios_datum datum = {
        .label = new_label(output, name, part),
        .us = most_us && us > most_us ? most_us : us,
        .most_us = most_us,
    };
    datum.tells = first_characters(view_of(datum.label), LABEL_TOLD);
    if (warning) datum.warning = *warning;
    if (critical) datum.critical = *critical;
    vec_push(&output->data, datum);
}

/* --- Printing */

static bool needs_quotes(const char *label)
{
    for (; *label; label++) {
        bool plain = (*label >= 'a' && *label <= 'z') || (*label >= 'A' && *label <= 'Z') ||
                     (*label >= '0' && *label <= '9') || *label == '_' || *label == '-';
        if (!plain) return true;
    }
    return false;
}

static void print_label(const char *label, struct buf *out)
{
    bool quoted = needs_quotes(label);
    if (quoted) buf_add_char(out, '\'');
    for (; *label; label++) {
        if (*label == '\'') buf_add_char(out, '\'');
        buf_add_char(out, *label);
    }
    if (quoted) buf_add_char(out, '\'');
}

static void print_value(const struct nagios_datum *datum, struct buf *out)
{
    if (datum->us < 0) {
        buf_add_char(out, 'U');
        return;
    }
    quantity_print_seconds(datum->us, out);
    buf_add_char(out, 's');
}

/* What it takes of the room, the blank between it and the next included: as if all values were
 * long, so that which labels are there does not depend on them. */
static size_t print_datum(const struct nagios_datum *datum, struct buf *out)
{
    size_t from = out->length;
    print_label(datum->label, out);
    buf_add_char(out, '=');
    size_t before_value = out->length;
    print_value(datum, out);
    size_t value = out->length - before_value;
    buf_add_char(out, ';');
    range_print(&datum->warning, out);
    buf_add_char(out, ';');
    range_print(&datum->critical, out);
    buf_add_text(out, ";0;");
    if (datum->most_us) quantity_print_seconds(datum->most_us, out);
    size_t long_value = value > strlen(LONG_VALUE) ? value : strlen(LONG_VALUE);
    return out->length - from - value + long_value + strlen(" ");
}

static void print_data(const struct nagios_output *output, struct buf *out)
{
    size_t room = NAGIOS_DATA_BYTES - strlen(" | ");
    vec_each(datum, &output->data) {
        size_t before = out->length;
        buf_add_text(out, datum == output->data.items ? " | " : " ");
        size_t takes = print_datum(datum, out);
        if (takes > room) {
            buf_truncate(out, before);
            return;
        }
        room -= takes;
    }
}

static void print_clipped(const struct buf *text, size_t most, struct buf *out)
{
    if (text->length <= most) {
        buf_add_view(out, buf_view(text));
        return;
    }
    buf_add_view(out, utf8_clip(buf_view(text), most - strlen(CUT)));
    buf_add_text(out, CUT);
}

/* Whole lines, as many as there is room for; the last one may be cut. */
static void print_details(const struct nagios_output *output, struct buf *out)
{
    struct view rest = buf_view(&output->details), line;
    while (view_split(&rest, '\n', &line)) {
        if (!line.length) continue;
        AUTO_BUF printed = BUF_INIT(BUF_OWN_CAP);
        size_t room = NAGIOS_OUTPUT_BYTES - out->length - 1;
        print_text(line, &printed);
        if (room <= 1 + strlen(CUT)) return;
        buf_add_char(out, '\n');
        print_clipped(&printed, room - 1, out);
    }
}

void nagios_print(const struct nagios_output *output, struct buf *out)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP), whole = BUF_INIT(BUF_OWN_CAP);
    print_text(buf_view(&output->text), &text);
    buf_addf(&whole, "SHOPPER %s - ", nagios_word(output->state));
    print_clipped(&text, NAGIOS_TEXT_BYTES, &whole);
    print_data(output, &whole);
    print_details(output, &whole);
    buf_add_char(&whole, '\n');
    buf_add_view(out, buf_view(&whole));
}

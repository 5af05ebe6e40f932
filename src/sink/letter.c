/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A letter: RFC 5322 with MIME (RFC 2045), its text in quoted-printable, a subject beyond ASCII in
 * encoded words (RFC 2047), and Auto-Submitted (RFC 3834), so that nobody's absence answers it.
 * Nothing that is written into a header can end it: addresses are checked, all else is encoded.
 */
#include "base/calendar.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "sink/internal.h"

#include <stdio.h>
#include <string.h>

#define WORD_BYTES 39 /* so many make 52 of base64: the word stays below 75 characters */
#define LINE_BYTES 76

/* An addr-spec of plain atoms: what is really in use, and nothing that could be more than one. */
bool letter_check_address(const char *value, struct error *error)
{
    static const char atoms[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";
    size_t local = strspn(value, atoms);
    const char *domain = value[local] == '@' ? value + local + 1 : "";
    bool good =
        local && local <= 64 && *domain && strlen(domain) <= 255 && !domain[strspn(domain, atoms)];
    return good || error_set(error, "is no mail address such as shop-team@example.com");
}

static bool is_plain(const char *text)
{
    for (const char *at = text; *at; at++)
        if (*at < ' ' || *at > '~') return false;
    return !strstr(text, "=?");
}

static void add_subject(struct buf *out, const char *subject)
{
    struct view rest = view_of(subject);
    buf_add_text(out, "Subject:");
    if (is_plain(subject) && rest.length <= 900) {
        buf_addf(out, " %s\r\n", subject);
        return;
    }
    while (rest.length) {
        struct view piece = utf8_clip(rest, WORD_BYTES);
        if (!piece.length) piece = view_slice(rest, 0, WORD_BYTES); /* not UTF-8: tame text is */
        buf_add_text(out, " =?UTF-8?B?");
        codec_add_base64(out, piece);
        buf_add_text(out, "?=\r\n");
        rest = view_from(rest, piece.length);
    }
    if (!*subject) buf_add_text(out, "\r\n");
}

static void add_date(struct buf *out, int64_t wall_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = floor_divide(wall_us, US_PER_SECOND);
    int64_t day = floor_divide(seconds, SECONDS_PER_DAY);
    int rest = (int)(seconds - day * SECONDS_PER_DAY);
    struct date date = date_of_days(day);
    buf_addf(out, "Date: %s, %d %s %lld %02d:%02d:%02d +0000\r\n", days[date_weekday(day)],
             date.day, months[date.month - 1], (long long)date.year, rest / 3600, rest / 60 % 60,
             rest % 60);
}

/* One byte of the text as quoted-printable has it; a line's last blank is encoded. */
static void quote(unsigned char byte, bool ends_line, char word[static 4])
{
    bool plain = (byte > ' ' && byte <= '~' && byte != '=') || (byte == ' ' && !ends_line);
    snprintf(word, 4, plain ? "%c" : "=%02X", byte);
}

static void add_quoted(struct buf *out, const char *text)
{
    size_t column = 0;
    for (const char *at = text; *at; at++) {
        char word[4];
        if (*at == '\n') {
            buf_add_text(out, "\r\n");
            column = 0;
            continue;
        }
        quote((unsigned char)*at, at[1] == '\n' || !at[1], word);
        if (column + strlen(word) > LINE_BYTES - 1) {
            buf_add_text(out, "=\r\n");
            column = 0;
        }
        buf_add_text(out, word);
        column += strlen(word);
    }
}

void letter_write(const struct letter *letter, struct buf *out)
{
    const char *domain = strchr(letter->from, '@') + 1;
    buf_addf(out, "From: Mystery Shopper <%s>\r\nTo: ", letter->from);
    for (const char *const *to = letter->to; *to; to++)
        buf_addf(out, "%s%s", to == letter->to ? "" : ",\r\n ", *to);
    buf_add_text(out, "\r\n");
    add_subject(out, letter->subject);
    add_date(out, letter->wall_us);
    if (letter->first) {
        buf_addf(out, "Message-ID: <%s@%s>\r\n", letter->thread_id, domain);
    } else {
        buf_addf(out, "Message-ID: <%s@%s>\r\n", letter->id, domain);
        buf_addf(out, "In-Reply-To: <%s@%s>\r\nReferences: <%s@%s>\r\n", letter->thread_id, domain,
                 letter->thread_id, domain);
    }
    buf_add_text(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
                      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    add_quoted(out, letter->text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See words.h. */
#include "import/words.h"

#include "base/utf8.h"

#include <string.h>

struct lexer {
    const struct source *source;
    struct view text;
    size_t at;
    struct buf word;
    struct diags *diags;
};

void words_release(struct words *words)
{
    vec_each(word, words) {
        explicit_bzero(word->text, strlen(word->text));
        free(word->text);
    }
    vec_release(words);
}

struct place words_place(const struct source *command, size_t from, size_t to)
{
    struct view text = source_bytes(command);
    struct place place = {.source = command, .line = 1, .column = 1, .length = 0};
    size_t start = 0;
    for (size_t i = 0; i < from && i < text.length; i++) {
        if (text.data[i] != '\n') continue;
        place.line++;
        start = i + 1;
    }
    place.column += (uint32_t)utf8_count(view_slice(text, start, from - start));
    struct view rest = view_slice(text, from, to - from);
    size_t end = view_find_char(rest, '\n');
    if (end != SIZE_MAX) rest.length = end;
    place.length = (uint32_t)utf8_count(rest);
    return place;
}

static bool refuse(struct lexer *lexer, size_t from, size_t to, const char *what, const char *hint)
{
    struct diag *diag =
        diag_error(lexer->diags, DIAG_SYNTAX, words_place(lexer->source, from, to), "%s", what);
    if (hint) diag_hint(diag, "%s", hint);
    return false;
}

static int peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;
    return at < lexer->text.length ? (unsigned char)lexer->text.data[at] : -1;
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- Quotes */

static bool read_single(struct lexer *lexer)
{
    size_t from = lexer->at++;
    size_t end = view_find_char(view_from(lexer->text, lexer->at), '\'');
    if (end == SIZE_MAX) return refuse(lexer, from, from + 1, "this quote is never closed", NULL);
    buf_add_view(&lexer->word, view_slice(lexer->text, lexer->at, end));
    lexer->at += end + 1;
    return true;
}

static bool starts_expansion(const struct lexer *lexer)
{
    int next = peek(lexer, 1);
    return next == '(' || next == '{' || next == '_' || (next >= 'a' && next <= 'z') ||
           (next >= 'A' && next <= 'Z');
}

static bool refuse_expansion(struct lexer *lexer)
{
    return refuse(lexer, lexer->at, lexer->at + 1,
                  "the shell would put something in here, and there is no shell",
                  "write what it stands for, or quote it with '...'");
}

static bool read_double(struct lexer *lexer)
{
    size_t from = lexer->at++;
    for (int c; (c = peek(lexer, 0)) != '"'; lexer->at++) {
        int next = peek(lexer, 1);
        if (c < 0) return refuse(lexer, from, from + 1, "this quote is never closed", NULL);
        if (c == '`' || (c == '$' && starts_expansion(lexer))) return refuse_expansion(lexer);
        if (c == '\\' && next >= 0 && strchr("$`\"\\\n", next)) {
            lexer->at++;
            if (next != '\n') buf_add_char(&lexer->word, (char)next);
            continue;
        }
        buf_add_char(&lexer->word, (char)c);
    }
    lexer->at++;
    return true;
}

/* --- $'...' */

static uint32_t read_digits(struct lexer *lexer, uint32_t base, int most)
{
    uint32_t number = 0;
    for (int i = 0; i < most; i++) {
        int c = peek(lexer, 0), lower = c | 32;
        uint32_t digit = c >= '0' && c <= '9'           ? (uint32_t)(c - '0')
                         : lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a' + 10)
                                                        : base;
        if (digit >= base) break;
        number = number * base + digit;
        lexer->at++;
    }
    return number;
}

static const struct {
    char letter, means;
} escapes[] = {{'n', '\n'},  {'t', '\t'}, {'r', '\r'}, {'a', '\a'}, {'b', '\b'},
               {'f', '\f'},  {'v', '\v'}, {'e', 27},   {'E', 27},   {'\\', '\\'},
               {'\'', '\''}, {'"', '"'},  {'?', '?'},  {0}};

/* UTF-16 in \u pairs, as Chrome writes what lies beyond U+FFFF. */
static void add_code_point(struct lexer *lexer, uint32_t c)
{
    if (c >= 0xd800 && c < 0xdc00 && peek(lexer, 0) == '\\' && peek(lexer, 1) == 'u') {
        lexer->at += 2;
        uint32_t low = read_digits(lexer, 16, 4);
        c = 0x10000 + ((c - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
    utf8_add(&lexer->word, c ? c : 0xfffd);
}

static void read_escape(struct lexer *lexer)
{
    int c = peek(lexer, 0);
    for (size_t i = 0; escapes[i].letter; i++) {
        if (c != escapes[i].letter) continue;
        buf_add_char(&lexer->word, escapes[i].means);
        lexer->at++;
        return;
    }
    if (c == 'u' || c == 'U') {
        lexer->at++;
        add_code_point(lexer, read_digits(lexer, 16, c == 'u' ? 4 : 8));
    } else if (c == 'x' || (c >= '0' && c <= '7')) {
        if (c == 'x') lexer->at++;
        uint32_t byte = read_digits(lexer, c == 'x' ? 16 : 8, c == 'x' ? 2 : 3) & 0xff;
        if (byte) buf_add_char(&lexer->word, (char)byte);
    } else {
        buf_add_char(&lexer->word, '\\');
    }
}

static bool read_dollar(struct lexer *lexer)
{
    size_t from = lexer->at;
    lexer->at += 2;
    for (int c; (c = peek(lexer, 0)) != '\'';) {
        if (c < 0) return refuse(lexer, from, from + 2, "this quote is never closed", NULL);
        lexer->at++;
        if (c == '\\')
            read_escape(lexer);
        else
            buf_add_char(&lexer->word, (char)c);
    }
    lexer->at++;
    return true;
}

/* --- Words */

static bool read_backslash(struct lexer *lexer)
{
    int next = peek(lexer, 1);
    if (next < 0)
        return refuse(lexer, lexer->at, lexer->at + 1, "nothing follows this backslash", NULL);
    if (next == '\r' && peek(lexer, 2) == '\n')
        lexer->at++;
    else if (next != '\n')
        buf_add_char(&lexer->word, (char)next);
    lexer->at += 2;
    return true;
}

static bool read_bare(struct lexer *lexer)
{
    int c = peek(lexer, 0), next = peek(lexer, 1);
    if (c == '^' && (next == '"' || next == '\n' || next == '\r'))
        return refuse(lexer, lexer->at, lexer->at + 1, "this is quoted for the Windows shell",
                      "copy it as cURL for bash");
    if (strchr("|;<>()`", c) || (c == '$' && starts_expansion(lexer))) {
        if (c == '$' || c == '`') return refuse_expansion(lexer);
        return refuse(lexer, lexer->at, lexer->at + 1, "this is more than one curl command",
                      "a URL or a value with such a sign needs quotes");
    }
    if (c == '&')
        return refuse(lexer, lexer->at, lexer->at + 1, "a bare '&' ends the command here",
                      "put the URL in quotes");
    buf_add_char(&lexer->word, (char)c);
    lexer->at++;
    return true;
}

static bool read_piece(struct lexer *lexer)
{
    int c = peek(lexer, 0);
    if (c == '\'') return read_single(lexer);
    if (c == '"') return read_double(lexer);
    if (c == '$' && peek(lexer, 1) == '\'') return read_dollar(lexer);
    if (c == '\\') return read_backslash(lexer);
    return read_bare(lexer);
}

/* A backslash at the end of a line joins it with the next. */
static void skip_space(struct lexer *lexer)
{
    for (;;) {
        bool joined = peek(lexer, 0) == '\\' && (peek(lexer, 1) == '\n' || peek(lexer, 1) == '\r');
        if (!joined && !is_space(peek(lexer, 0))) return;
        lexer->at += joined ? 2 : 1;
    }
}

static bool read_word(struct lexer *lexer, struct words *words)
{
    size_t from = lexer->at;
    buf_clear(&lexer->word);
    while (peek(lexer, 0) >= 0 && !is_space(peek(lexer, 0))) {
        if (!read_piece(lexer)) return false;
    }
    if (words->count >= WORDS_MAX)
        return refuse(lexer, from, lexer->at, "the command has too many words", NULL);
    vec_push(words, ((struct word){xstrdup(buf_text(&lexer->word)), from, lexer->at}));
    return true;
}

bool words_split(struct source *command, struct words *ret_words, struct diags *diags)
{
    struct lexer lexer = {.source = command,
                          .text = source_bytes(command),
                          .word = BUF_INIT(BUF_OWN_CAP),
                          .diags = diags};
    size_t zero = view_find_char(lexer.text, '\0');
    bool good = true;
    if (zero != SIZE_MAX)
        good = refuse(&lexer, zero, zero + 1, "a NUL stands in the command", NULL);
    for (skip_space(&lexer); good && peek(&lexer, 0) >= 0; skip_space(&lexer))
        good = read_word(&lexer, ret_words);
    if (lexer.word.data) explicit_bzero(lexer.word.data, lexer.word.length);
    buf_release(&lexer.word);
    if (!good) words_release(ret_words);
    return good;
}

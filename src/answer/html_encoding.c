/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding a page is in, and its bytes as UTF-8: the Encoding Standard's labels
 * (https://encoding.spec.whatwg.org/#names-and-labels), HTML's look at the first 1024 bytes
 * (https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding), and iconv for
 * what is not common. A label that nobody knows counts as none. It does not guess by language or
 * domain as browsers may.
 */
#include "answer/html_tree.h"
#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define PRESCAN_BYTES 1024
#define REPLACEMENT 0xfffdu

enum decoder {
    DECODER_UTF8,
    DECODER_UTF16BE,
    DECODER_UTF16LE,
    DECODER_WINDOWS_1252,
    DECODER_USER_DEFINED,
    DECODER_ICONV,   /* several bytes a character, or all bytes below 0xa0 defined */
    DECODER_WINDOWS, /* iconv; 0x80 to 0x9f without a character are control characters */
    DECODER_NONE     /* browsers refuse to read it */
};

struct encoding {
    const char *name;
    enum decoder decoder;
    const char *iconv_name;
    const char *labels; /* lower case, apart by spaces, with one in front and at the end */
};

static const struct encoding encodings[] = {
    {"UTF-8", DECODER_UTF8, NULL,
     " utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 "},
    {"windows-1252", DECODER_WINDOWS_1252, NULL,
     " windows-1252 iso-8859-1 latin1 us-ascii ascii ansi_x3.4-1968 cp1252 cp819 csisolatin1 "
     "ibm819 "
     "iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 x-cp1252 "},
    {"IBM866", DECODER_ICONV, "IBM866", " ibm866 866 cp866 csibm866 "},
    {"ISO-8859-2", DECODER_ICONV, "ISO-8859-2",
     " iso-8859-2 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 "},
    {"ISO-8859-3", DECODER_ICONV, "ISO-8859-3",
     " iso-8859-3 csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3 "},
    {"ISO-8859-4", DECODER_ICONV, "ISO-8859-4",
     " iso-8859-4 csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4 "},
    {"ISO-8859-5", DECODER_ICONV, "ISO-8859-5",
     " iso-8859-5 csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 "
     "iso_8859-5:1988 "},
    {"ISO-8859-6", DECODER_ICONV, "ISO-8859-6",
     " iso-8859-6 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e "
     "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 "},
    {"ISO-8859-7", DECODER_ICONV, "ISO-8859-7",
     " iso-8859-7 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 "
     "iso_8859-7 iso_8859-7:1987 sun_eu_greek "},
    {"ISO-8859-8", DECODER_ICONV, "ISO-8859-8",
     " iso-8859-8 csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 "
     "iso_8859-8 iso_8859-8:1988 visual "},
    {"ISO-8859-8-I", DECODER_ICONV, "ISO-8859-8", " iso-8859-8-i csiso88598i logical "},
    {"ISO-8859-10", DECODER_ICONV, "ISO-8859-10",
     " iso-8859-10 csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6 "},
    {"ISO-8859-13", DECODER_ICONV, "ISO-8859-13", " iso-8859-13 iso8859-13 iso885913 "},
    {"ISO-8859-14", DECODER_ICONV, "ISO-8859-14", " iso-8859-14 iso8859-14 iso885914 "},
    {"ISO-8859-15", DECODER_ICONV, "ISO-8859-15",
     " iso-8859-15 csisolatin9 iso8859-15 iso885915 iso_8859-15 l9 "},
    {"ISO-8859-16", DECODER_ICONV, "ISO-8859-16", " iso-8859-16 "},
    {"KOI8-R", DECODER_ICONV, "KOI8-R", " koi8-r cskoi8r koi koi8 koi8_r "},
    {"KOI8-U", DECODER_ICONV, "KOI8-U", " koi8-u koi8-ru "},
    {"macintosh", DECODER_ICONV, "MACINTOSH", " macintosh csmacintosh mac x-mac-roman "},
    {"windows-874", DECODER_WINDOWS, "WINDOWS-874",
     " windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 "},
    {"windows-1250", DECODER_WINDOWS, "CP1250", " windows-1250 cp1250 x-cp1250 "},
    {"windows-1251", DECODER_WINDOWS, "CP1251", " windows-1251 cp1251 x-cp1251 "},
    {"windows-1253", DECODER_WINDOWS, "CP1253", " windows-1253 cp1253 x-cp1253 "},
    {"windows-1254", DECODER_WINDOWS, "CP1254",
     " windows-1254 cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 "
     "iso_8859-9:1989 l5 latin5 x-cp1254 "},
    {"windows-1255", DECODER_WINDOWS, "CP1255", " windows-1255 cp1255 x-cp1255 "},
    {"windows-1256", DECODER_WINDOWS, "CP1256", " windows-1256 cp1256 x-cp1256 "},
    {"windows-1257", DECODER_WINDOWS, "CP1257", " windows-1257 cp1257 x-cp1257 "},
    {"windows-1258", DECODER_WINDOWS, "CP1258", " windows-1258 cp1258 x-cp1258 "},
    {"x-mac-cyrillic", DECODER_ICONV, "MAC-CYRILLIC", " x-mac-cyrillic x-mac-ukrainian "},
    {"GBK", DECODER_ICONV, "GB18030",
     " gbk gb2312 chinese csgb2312 csiso58gb231280 gb_2312 gb_2312-80 iso-ir-58 x-gbk "},
    {"gb18030", DECODER_ICONV, "GB18030", " gb18030 "},
    {"Big5", DECODER_ICONV, "BIG5-HKSCS", " big5 big5-hkscs cn-big5 csbig5 x-x-big5 "},
    {"EUC-JP", DECODER_ICONV, "EUC-JP-MS", " euc-jp cseucpkdfmtjapanese x-euc-jp "},
    {"ISO-2022-JP", DECODER_ICONV, "ISO-2022-JP", " iso-2022-jp csiso2022jp "},
    {"Shift_JIS", DECODER_ICONV, "CP932",
     " shift_jis shift-jis sjis csshiftjis ms932 ms_kanji windows-31j x-sjis "},
    {"EUC-KR", DECODER_ICONV, "CP949",
     " euc-kr cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
     "ksc_5601 windows-949 "},
    {"replacement", DECODER_NONE, NULL,
     " replacement csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr "},
    {"UTF-16BE", DECODER_UTF16BE, NULL, " utf-16be unicodefffe "},
    {"UTF-16LE", DECODER_UTF16LE, NULL,
     " utf-16le utf-16 csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff "},
    {"x-user-defined", DECODER_USER_DEFINED, NULL, " x-user-defined "},
};

static const struct encoding *const encoding_utf8 = &encodings[0];
static const struct encoding *const encoding_windows_1252 = &encodings[1];

static const struct encoding *encoding_of(struct view label)
{
    char sought[64] = " ";
    label = view_trim(label);
    if (!label.length || label.length > sizeof(sought) - 3) return NULL;
    for (size_t i = 0; i < label.length; i++) {
        char c = label.data[i];
        if (c <= ' ') return NULL;
        sought[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    sought[label.length + 1] = ' ';
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        if (strstr(encodings[i].labels, sought)) return &encodings[i];
    }
    return NULL;
}

/* --- decoders --- */

/* 0x80 to 0x9f of windows-1252; a zero is the control character of the same number. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

static void decode_single(struct view bytes, bool user_defined, struct buf *out)
{
    size_t from = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        if (byte < 0x80) continue;
        buf_add(out, bytes.data + from, i - from);
        from = i + 1;
        uint32_t code_point = byte;
        if (user_defined) {
            code_point = 0xf700u + byte;
        } else if (byte < 0xa0 && windows_1252[byte - 0x80]) {
            code_point = windows_1252[byte - 0x80];
        }
        utf8_add(out, code_point);
    }
    buf_add_view(out, view_from(bytes, from));
}

static uint32_t utf16_unit(struct view bytes, size_t at, bool big_endian)
{
    unsigned char first = (unsigned char)bytes.data[at], second = (unsigned char)bytes.data[at + 1];
    return big_endian ? (uint32_t)first << 8 | second : (uint32_t)second << 8 | first;
}

static void decode_utf16(struct view bytes, bool big_endian, struct buf *out)
{
    size_t at = 0;
    while (at + 1 < bytes.length) {
        uint32_t unit = utf16_unit(bytes, at, big_endian);
        at += 2;
        if (unit >= 0xd800 && unit <= 0xdfff) {
            uint32_t low = at + 1 < bytes.length ? utf16_unit(bytes, at, big_endian) : 0;
            bool is_pair = unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
            unit = is_pair ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : REPLACEMENT;
            if (is_pair) at += 2;
        }
        utf8_add(out, unit);
    }
    if (at < bytes.length) utf8_add(out, REPLACEMENT);
}

static void decode_broken(const struct encoding *encoding, unsigned char byte, struct buf *out)
{
    bool is_control = encoding->decoder == DECODER_WINDOWS && byte >= 0x80 && byte <= 0x9f;
    utf8_add(out, is_control ? byte : REPLACEMENT);
}

static bool decode_iconv(const struct encoding *encoding, struct view bytes, struct buf *out)
{
    iconv_t converter = iconv_open("UTF-8", encoding->iconv_name);
    if (converter == (iconv_t)-1) return false;
    char room[4096];
    char *from = (char *)(uintptr_t)bytes.data; /* iconv does not write there */
    size_t left = bytes.length;
    while (left && !out->overflowed) {
        char *to = room;
        size_t room_left = sizeof(room);
        size_t result = iconv(converter, &from, &left, &to, &room_left);
        int why = result == (size_t)-1 ? errno : 0;
        buf_add(out, room, (size_t)(to - room));
        if (!why || why == E2BIG) continue;
        decode_broken(encoding, (unsigned char)*from, out);
        from++;
        left--;
    }
    char *to = room;
    size_t room_left = sizeof(room);
    iconv(converter, NULL, NULL, &to, &room_left); /* what windows-1255 and 1258 held back */
    buf_add(out, room, (size_t)(to - room));
    iconv_close(converter);
    return true;
}

static bool decode(const struct encoding *encoding, struct view bytes, struct buf *out)
{
    switch (encoding->decoder) {
    case DECODER_UTF8: utf8_add_repaired(out, bytes); return true;
    case DECODER_UTF16BE:
    case DECODER_UTF16LE:
        decode_utf16(bytes, encoding->decoder == DECODER_UTF16BE, out);
        return true;
    case DECODER_WINDOWS_1252:
    case DECODER_USER_DEFINED:
        decode_single(bytes, encoding->decoder == DECODER_USER_DEFINED, out);
        return true;
    case DECODER_ICONV:
    case DECODER_WINDOWS: return decode_iconv(encoding, bytes, out);
    case DECODER_NONE: return false;
    }
    return false;
}

/* The encoding that a byte order mark at the front names; NULL: there is none. */
static const struct encoding *sniff_mark(struct view *bytes)
{
    static const struct {
        struct view mark, label;
    } marks[] = {
        {{"\xEF\xBB\xBF", 3}, {"utf-8", 5}},
        {{"\xFE\xFF", 2}, {"utf-16be", 8}},
        {{"\xFF\xFE", 2}, {"utf-16le", 8}},
    };
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (!view_starts_with(*bytes, marks[i].mark)) continue;
        *bytes = view_from(*bytes, marks[i].mark.length);
        return encoding_of(marks[i].label);
    }
    return NULL;
}

bool html_decode(struct view bytes, struct view charset, struct buf *out)
{
    const struct encoding *encoding = encoding_of(charset);
    if (!encoding) return false;
    const struct encoding *marked = sniff_mark(&bytes);
    return decode(marked ? marked : encoding, bytes, out);
}

/* --- charset=... in a Content-Type and in <meta> --- */

struct view html_charset_of(struct view content_type)
{
    struct view rest = content_type, piece;
    if (!view_split(&rest, ';', &piece)) return VIEW_NONE;
    while (view_split(&rest, ';', &piece)) {
        struct view name = VIEW_NONE, value = piece;
        if (view_find_char(piece, '=') == SIZE_MAX) continue;
        (void)view_split(&value, '=', &name);
        if (!view_is_nocase(view_trim(name), "charset")) continue;
        value = view_trim(value);
        if (value.length && value.data[0] == '"') {
            value = view_from(value, 1);
            value = view_slice(value, 0, view_find_char(value, '"'));
        } else if (value.length >= 2 && value.data[0] == '\'') {
            value = view_slice(value, 1, value.length - 2); /* wrong, but it is seen */
        }
        return view_trim(value);
    }
    return VIEW_NONE;
}

static size_t skip_spaces(struct view text, size_t at)
{
    while (at < text.length && html_is_space(text.data[at])) at++;
    return at;
}

/* HTML's "extracting a character encoding from a meta element". */
static const struct encoding *encoding_in_content(struct view content)
{
    for (size_t at = 0; at < content.length; at++) {
        if (!view_starts_with_nocase(view_from(content, at), VIEW_LITERAL("charset"))) continue;
        size_t after = skip_spaces(content, at + 7);
        if (after >= content.length || content.data[after] != '=') continue;
        after = skip_spaces(content, after + 1);
        if (after >= content.length) return NULL;
        struct view value = view_from(content, after);
        char quote = value.data[0];
        if (quote == '"' || quote == '\'') {
            value = view_from(value, 1);
            size_t end = view_find_char(value, quote);
            return end == SIZE_MAX ? NULL : encoding_of(view_slice(value, 0, end));
        }
        size_t end = 0;
        while (end < value.length && !html_is_space(value.data[end]) && value.data[end] != ';')
            end++;
        return encoding_of(view_slice(value, 0, end));
    }
    return NULL;
}

struct prescan {
    struct view head;
    size_t at;
};

static struct view prescan_value(struct prescan *scan)
{
    struct view head = scan->head;
    scan->at = skip_spaces(head, scan->at);
    size_t from = scan->at;
    char quote = from < head.length ? head.data[from] : '\0';
    if (quote == '"' || quote == '\'') {
        struct view rest = view_from(head, from + 1);
        struct view value = view_slice(rest, 0, view_find_char(rest, quote));
        scan->at = from + 1 + value.length + 1;
        return value;
    }
    while (scan->at < head.length && !html_is_space(head.data[scan->at]) &&
           head.data[scan->at] != '>')
        scan->at++;
    return view_slice(head, from, scan->at - from);
}

/* The next attribute of the tag; false at the tag's end. */
static bool prescan_attribute(struct prescan *scan, struct view *ret_name, struct view *ret_value)
{
    struct view head = scan->head;
    while (scan->at < head.length &&
           (html_is_space(head.data[scan->at]) || head.data[scan->at] == '/'))
        scan->at++;
    if (scan->at >= head.length || head.data[scan->at] == '>') return false;
    size_t from = scan->at++;
    while (scan->at < head.length && !html_is_space(head.data[scan->at]) &&
           !strchr("/>=", head.data[scan->at]))
        scan->at++;
    *ret_name = view_slice(head, from, scan->at - from);
    *ret_value = VIEW_NONE;
    size_t after = skip_spaces(head, scan->at);
    if (after < head.length && head.data[after] == '=') {
        scan->at = after + 1;
        *ret_value = prescan_value(scan);
    }
    return true;
}

static const struct encoding *prescan_meta(struct prescan *scan)
{
    bool is_pragma = false, needs_pragma = false;
    const struct encoding *encoding = NULL;
    struct view name, value;
    while (prescan_attribute(scan, &name, &value)) {
        if (view_is_nocase(name, "http-equiv")) {
            is_pragma = is_pragma || view_is_nocase(value, "content-type");
        } else if (view_is_nocase(name, "content") && !encoding) {
            encoding = encoding_in_content(value);
            if (encoding) needs_pragma = true;
        } else if (view_is_nocase(name, "charset")) {
            encoding = encoding_of(value);
            needs_pragma = false;
        }
    }
    if (!encoding || (needs_pragma && !is_pragma)) return NULL;
    /* These cannot be read as ASCII, and yet a <meta> was. */
    if (encoding->decoder == DECODER_UTF16BE || encoding->decoder == DECODER_UTF16LE)
        return encoding_utf8;
    return encoding->decoder == DECODER_USER_DEFINED ? encoding_windows_1252 : encoding;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_past(struct prescan *scan, struct view end)
{
    size_t found = view_find(view_from(scan->head, scan->at), end);
    scan->at = found == SIZE_MAX ? scan->head.length : scan->at + found + end.length;
}

static const struct encoding *prescan(struct view body)
{
    struct prescan scan = {view_slice(body, 0, PRESCAN_BYTES), 0};
    while (scan.at < scan.head.length) {
        struct view rest = view_from(scan.head, scan.at);
        if (view_starts_with(rest, VIEW_LITERAL("<!--"))) {
            scan.at += 2; /* "<!-->" is a whole comment */
            skip_past(&scan, VIEW_LITERAL("-->"));
        } else if (view_starts_with_nocase(rest, VIEW_LITERAL("<meta")) && rest.length > 5 &&
                   (html_is_space(rest.data[5]) || rest.data[5] == '/')) {
            scan.at += 5;
            const struct encoding *encoding = prescan_meta(&scan);
            if (encoding) return encoding;
        } else if (rest.length > 2 && rest.data[0] == '<' &&
                   is_letter(rest.data[rest.data[1] == '/' ? 2 : 1])) {
            while (scan.at < scan.head.length && !html_is_space(scan.head.data[scan.at]) &&
                   scan.head.data[scan.at] != '>')
                scan.at++;
            struct view name, value;
            while (prescan_attribute(&scan, &name, &value)) continue;
        } else if (rest.length > 1 && rest.data[0] == '<' && strchr("!/?", rest.data[1])) {
            skip_past(&scan, VIEW_LITERAL(">"));
        } else {
            scan.at++;
        }
    }
    return NULL;
}

bool html_read(struct view body, struct view charset, struct buf *scratch, struct view *ret_text,
               struct buf *reason)
{
    const struct encoding *encoding = sniff_mark(&body);
    if (!encoding) encoding = encoding_of(charset);
    if (!encoding) encoding = prescan(body);
    if (!encoding) encoding = utf8_valid(body) ? encoding_utf8 : encoding_windows_1252;
    if (encoding->decoder == DECODER_UTF8) { /* the parser repairs what is broken */
        *ret_text = body;
        return true;
    }
    if (!decode(encoding, body, scratch)) {
        if (encoding->decoder == DECODER_NONE)
            buf_add_text(reason, "the page is in an encoding that no browser reads: "
                                 "hz-gb-2312, iso-2022-cn or iso-2022-kr");
        else
            buf_addf(reason, "the page is in the encoding %s, which cannot be read",
                     encoding->name);
        return false;
    }
    *ret_text = buf_view(scratch);
    return true;
}

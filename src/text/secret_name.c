/* SPDX-License-Identifier: Apache-2.0 */
/* See secret_name.h. */
#include "text/secret_name.h"

#include <stddef.h>
#include <string.h>

/* --- Words */

/* U+00E0 to U+00FF, the small letters; the capitals stand 32 before. */
static const char latin_letters[] = "aaaaaaaceeeeiiiidnooooo\0ouuuuyty";

static char plain_letter(struct view name, size_t *at)
{
    unsigned char c = (unsigned char)name.data[*at];
    if (c == 0xc3 && *at + 1 < name.length) {
        unsigned char next = (unsigned char)name.data[++*at] & 0x3f;
        return next == 0x1f ? 's' : latin_letters[next & 0x1f]; /* 0x1f: sharp s */
    }
    c |= 32;
    return c >= 'a' && c <= 'z' ? (char)c : '\0';
}

void word_of(struct view name, char word[static WORD_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; i < name.length && length < WORD_SIZE - 1; i++) {
        char letter = plain_letter(name, &i);
        if (letter) word[length++] = letter;
    }
    word[length] = '\0';
}

bool word_has(const char *word, const char *const *parts)
{
    for (; *parts; parts++) {
        if (strstr(word, *parts)) return true;
    }
    return false;
}

bool word_is(const char *word, const char *const *words)
{
    for (; *words; words++) {
        if (!strcmp(word, *words)) return true;
    }
    return false;
}

bool word_ends(const char *word, const char *const *ends)
{
    for (; *ends; ends++) {
        if (view_ends_with(view_of(word), view_of(*ends))) return true;
    }
    return false;
}

/* --- Names */

/* Words about a secret, and keys that are made to be shown. */
static bool is_about(const char *word)
{
    static const char *const parts[] = {"publi", "forgot", NULL};
    static const char *const ends[] = {"name",  "field", "type",   "url",    "path", "hint",
                                       "reset", "label", "policy", "header", NULL};
    return word_has(word, parts) || word_ends(word, ends);
}

bool name_is_password(const char *name)
{
    static const char *const parts[] = {"password", "passwd",     "passphrase", "passcode",
                                        "passwort", "kennwort",   "motdepasse", "contrasena",
                                        "senha",    "wachtwoord", NULL};
    static const char *const whole[] = {"pwd", "pass", "pw",  "userpwd", "userpass", "loginpass",
                                        "mdp", "psw",  "pin", "pincode", NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return (word_has(word, parts) || word_is(word, whole)) && !is_about(word);
}

bool name_is_card(const char *name)
{
    static const char *const parts[] = {"cardnumber", "ccnumber", "creditcardno", NULL};
    static const char *const whole[] = {
        "cvc",  "cvv",    "cvn",   "csc",   "cardcode", "iban",    "securitycode", "pan",
        "ccnr", "cardno", "cccvc", "cccvv", "cccsc",    "cardcvc", "cardcvv",      NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return (word_has(word, parts) || word_is(word, whole)) && !is_about(word);
}

bool name_is_csrf(const char *name)
{
    static const char *const parts[] = {"csrf",  "xsrf",    "authenticity", "requestverification",
                                        "nonce", "formkey", "viewstate",    "antiforgery",
                                        NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    return word_has(word, parts);
}

bool name_is_secret(const char *name)
{
    static const char *const parts[] = {"apikey",    "accesskey",  "privatekey", "secretkey",
                                        "clientkey", "credential", NULL};
    static const char *const ends[] = {"secret", "token",     "pwd",    "authorization", "jwt",
                                       "otp",    "sessionid", "sessid", "signature",     NULL};
    static const char *const whole[] = {"xauth", "auth", "sid", NULL};
    char word[WORD_SIZE];
    word_of(view_of(name), word);
    if (name_is_csrf(name) || is_about(word)) return false;
    return name_is_password(name) || name_is_card(name) || word_has(word, parts) ||
           word_ends(word, ends) || word_is(word, whole);
}

/* --- Cards */

/* The beginnings and lengths that are in use: ids of a shop have others. */
static bool is_issued(const char *digits, size_t length)
{
    static const struct {
        const char *start;
        size_t length;
    } rows[] = {{"4", 16},  {"5", 16},  {"2", 16},  {"6", 16},  {"34", 15}, {"37", 15},
                {"35", 16}, {"30", 14}, {"36", 14}, {"38", 14}, {"6", 19}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (length == rows[i].length && !strncmp(digits, rows[i].start, strlen(rows[i].start)))
            return true;
    }
    return false;
}

bool is_card_number(struct view text)
{
    char digits[20] = "";
    size_t length = 0;
    unsigned sum = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if ((c == ' ' || c == '-') && length) continue;
        if (c < '0' || c > '9' || length >= sizeof(digits) - 1) return false;
        digits[length++] = c;
    }
    if (!is_issued(digits, length)) return false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(digits[length - 1 - i] - '0');
        if (i % 2) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

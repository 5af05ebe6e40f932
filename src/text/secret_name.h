/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that say what stands under them must not be shown: of form fields, JSON keys, headers,
 * parameters. What reads a recording and what reads a journey go by the same lists.
 */
#ifndef SHOPPER_TEXT_SECRET_NAME_H
#define SHOPPER_TEXT_SECRET_NAME_H

#include "base/view.h"

#include <stdbool.h>

/* "X-Api-Key", "apiKey" and "api_key" are the same word: letters only, in lower case; those of
 * Latin-1 without their accents. */
#define WORD_SIZE 128
void word_of(struct view name, char word[static WORD_SIZE]);
/* One of the NULL-terminated parts stands in the word. */
bool word_has(const char *word, const char *const *parts);
bool word_is(const char *word, const char *const *words);
bool word_ends(const char *word, const char *const *ends);

bool name_is_password(const char *name);
bool name_is_card(const char *name);   /* its number and what proves it: not who holds it */
bool name_is_csrf(const char *name);   /* a page's own token: no secret of the journey */
bool name_is_secret(const char *name); /* passwords, cards, tokens, keys */

/* Digits as cards have them, with their check digit (ISO/IEC 7812); blanks and '-' between. */
bool is_card_number(struct view text);

#endif

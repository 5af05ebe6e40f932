/* SPDX-License-Identifier: Apache-2.0 */
/* How shops name currencies: symbols, abbreviations, words, and ISO 4217 codes. */
#ifndef SHOPPER_ANSWER_MONEY_SYMBOL_H
#define SHOPPER_ANSWER_MONEY_SYMBOL_H

#include "base/alloc.h"
#include "base/view.h"

#include <stdbool.h>

struct money_mention {
    struct view text;  /* as it stands, borrowed */
    const char *sign;  /* as the table has it; NULL: `code` */
    const char *codes; /* of the table: those it may mean, separated by spaces; NULL: `code` */
    char code[4];      /* an ISO code that stands there itself */
    bool word;         /* of letters alone: means a currency only beside a number */
    bool weak;         /* may as well be something else ("ALL", "BD"): other names outrank it */
    bool hundredths;   /* cents and pence, behind the number only */
    bool clear;        /* means its first code where nothing else is said */
};

/* The longest that begins at plain[at] (money_text.h). */
bool money_mention_at(struct view plain, size_t at, struct money_mention *ret_mention) MUST_CHECK;
bool money_mention_allows(const struct money_mention *mention, const char *code);
/* The one currency that it means; "" when it may mean several ("$", "kr"). */
void money_mention_code(const struct money_mention *mention, char code[static 4]);
/* Whether a sign of the table may mean the currency, and whether two may mean the same. */
bool money_sign_allows(const char *sign, const char *code) MUST_CHECK;
bool money_signs_meet(const char *sign, const char *other) MUST_CHECK;

#endif

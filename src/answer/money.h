/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amounts of money: an exact decimal with an ISO 4217 currency, and how people and machines write
 * prices. Nothing here is floating point.
 */
#ifndef SHOPPER_ANSWER_MONEY_H
#define SHOPPER_ANSWER_MONEY_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/view.h"

#include <stdbool.h>

struct money {
    struct decimal amount;
    char currency[4]; /* "" when it is not known, also where the text says no more than "$" or "kr"
                       */
    const char *sign; /* where the currency is not known: what the text says instead; NULL: nothing.
                         Lives as long as the program */
};

/* What became of reading a price. All but MONEY_READ are told apart in messages. */
enum money_reading {
    MONEY_READ,
    MONEY_EMPTY,        /* nothing, or only white space */
    MONEY_NO_NUMBER,    /* text without an amount ("Price on request") */
    MONEY_NOT_A_NUMBER, /* NaN, Infinity, undefined, null, [object Object] */
    MONEY_SEVERAL, /* several amounts in one text that disagree ("12,50 € 9,99 €", "from 5 to 9") */
    MONEY_MALFORMED,      /* digits grouped as nobody writes them ("1,23,4.5.6") */
    MONEY_OTHER_CURRENCY, /* names another currency than the expected one */
    MONEY_TOO_LARGE
};

struct money_options {
    const char *currency; /* expected ISO 4217 code, or NULL: take what the text says */
    int minor_units;      /* the text counts units of 10^-n of the currency; 0: it does not */
    bool json_number;     /* the text is a number of JSON: its point is a point, never a group */
};

/*
 * Reads one price out of text: "1.299,00 €" "$1,299.00" "¥129,800" "₹1,29,800.00" "CHF 1'299.–"
 * "1 299,00 kr" "EUR 12.50" "12.5" "R$ 9,90" "-5.00" "(5.00)"; any of Unicode's digits in common
 * use, no-break spaces, "1.299" (three digits behind one separator are decided by the currency's
 * minor units and, where none is known, read as a group). Zero and negative amounts are read;
 * judging them is the check's. On anything but MONEY_READ, `reason` gets one line for people.
 */
enum money_reading money_read(struct view text, const struct money_options *options,
                              struct money *ret_money, struct buf *reason) MUST_CHECK;
/* "12.50 EUR"; at least the currency's minor units behind the point. */
void money_print(const struct money *money, struct buf *out);
/* The same without the currency: "12.50". */
void money_print_amount(const struct money *money, struct buf *out);
/* ISO 4217 minor units of a currency (2 for EUR, 0 for JPY, 3 for KWD), or -1 when it is none. */
int money_minor_units(const char *currency);
bool money_is_currency(struct view code);
/* Whether both may be of one currency: "$" may be CAD and is never EUR, and what says nothing goes
 * with any. */
bool money_may_be_one_currency(const struct money *a, const struct money *b) MUST_CHECK;
/* What is said of its currency: the code or the sign, "" for neither. */
const char *money_currency_words(const struct money *money) MUST_CHECK;

#endif

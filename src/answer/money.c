/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO 4217 as of 2026: the currencies with their minor units, and how amounts print. Metals, test
 * codes and units of account without minor units are left out: no shop sells in them.
 */
#include "answer/money.h"

#include "answer/money_symbol.h"

#include <string.h>

#define CODE_LENGTH 3

static const struct {
    int minor_units;
    const char *codes; /* each followed by a space */
} table[] = {
    {2,
     "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
     "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
     "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
     "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
     "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
     "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER "
     "ZAR ZMW ZWG "},
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
};

static int minor_units_of(struct view code)
{
    if (code.length != CODE_LENGTH) return -1;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        for (const char *at = table[i].codes; *at; at += CODE_LENGTH + 1) {
            if (!memcmp(at, code.data, CODE_LENGTH)) return table[i].minor_units;
        }
    }
    return -1;
}

int money_minor_units(const char *currency)
{
    return minor_units_of(view_of(currency));
}

bool money_is_currency(struct view code)
{
    return minor_units_of(code) >= 0;
}

bool money_may_be_one_currency(const struct money *a, const struct money *b)
{
    if (*a->currency && *b->currency) return !strcmp(a->currency, b->currency);
    if (*a->currency) return !b->sign || money_sign_allows(b->sign, a->currency);
    if (*b->currency) return !a->sign || money_sign_allows(a->sign, b->currency);
    return !a->sign || !b->sign || money_signs_meet(a->sign, b->sign);
}

const char *money_currency_words(const struct money *money)
{
    if (*money->currency) return money->currency;
    return money->sign ? money->sign : "";
}

void money_print_amount(const struct money *money, struct buf *out)
{
    int places = money_minor_units(money->currency);
    struct decimal amount = places < 0 ? money->amount : decimal_normal(money->amount);
    decimal_print(amount, out);
    if (places <= amount.scale) return;
    if (!amount.scale) buf_add_char(out, '.');
    for (int i = amount.scale; i < places; i++) buf_add_char(out, '0');
}

void money_print(const struct money *money, struct buf *out)
{
    money_print_amount(money, out);
    if (*money->currency) buf_addf(out, " %s", money->currency);
}

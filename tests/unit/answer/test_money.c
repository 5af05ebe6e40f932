/* SPDX-License-Identifier: Apache-2.0 */
/* Prices as the world's shops write them, and what is no price. */
#include "answer/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct sample {
    const char *text, *currency; /* NULL: none is expected */
    enum money_reading reading;
    const char *printed; /* of MONEY_READ */
};

static void check_sample(const struct sample *sample)
{
    AUTO_BUF reason = BUF_INIT(4096);
    AUTO_BUF printed = BUF_INIT(4096);
    struct money_options options = {.currency = sample->currency};
    struct money money = {0};
    enum money_reading reading = money_read(view_of(sample->text), &options, &money, &reason);
    if (reading == MONEY_READ) money_print(&money, &printed);
    bool same = reading == sample->reading &&
                (reading != MONEY_READ || !strcmp(buf_text(&printed), sample->printed));
    if (!same) {
        fail_msg("'%s' as %s: reading %d instead of %d, '%s' instead of '%s' (%s)", sample->text,
                 sample->currency ? sample->currency : "any", (int)reading, (int)sample->reading,
                 buf_text(&printed), sample->printed ? sample->printed : "", buf_text(&reason));
    }
    if (reading == MONEY_READ)
        assert_int_equal(reason.length, 0);
    else
        assert_true(reason.length > 0);
}

#define CHECK_ALL(samples)                                                                         \
    for (size_t i_ = 0; i_ < COUNT_OF(samples); i_++) check_sample(&(samples)[i_])

static void prices_of_many_countries_are_read(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"1.299,00 €", NULL, MONEY_READ, "1299.00 EUR"},
        {"€ 1.299,00", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1 299,00 €", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1\u00A0299,00\u00A0€", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1\u202F299,00\u00A0€", "EUR", MONEY_READ, "1299.00 EUR"},
        {"€1,299.00", "EUR", MONEY_READ, "1299.00 EUR"},
        {"EUR 12.50", NULL, MONEY_READ, "12.50 EUR"},
        {"12.50 EUR", NULL, MONEY_READ, "12.50 EUR"},
        {"12.50EUR", NULL, MONEY_READ, "12.50 EUR"},
        {"EUR12.50", NULL, MONEY_READ, "12.50 EUR"},
        {"12,5 eur", NULL, MONEY_READ, "12.50 EUR"},
        {"12 Euro", NULL, MONEY_READ, "12.00 EUR"},
        {"12€50", NULL, MONEY_READ, "12.50 EUR"},
        {"5,- €", "EUR", MONEY_READ, "5.00 EUR"},
        {"5,– €", "EUR", MONEY_READ, "5.00 EUR"},
        {"5,--", "EUR", MONEY_READ, "5.00 EUR"},
        {"1.299,- €", "EUR", MONEY_READ, "1299.00 EUR"},
        {"12'50 €", "EUR", MONEY_READ, "12.50 EUR"},
        {"ab 12,50 €*", "EUR", MONEY_READ, "12.50 EUR"},
        {"12,50 €¹", "EUR", MONEY_READ, "12.50 EUR"},
        {"12⁹⁹ €", "EUR", MONEY_READ, "12.99 EUR"},
        {"12,⁹⁹ €", "EUR", MONEY_READ, "12.99 EUR"},
        {"€12⁵⁰", NULL, MONEY_READ, "12.50 EUR"},
        {"1.299⁰⁰ €", "EUR", MONEY_READ, "1299.00 EUR"},
        {"12² €", "EUR", MONEY_READ, "12.00 EUR"},
        {"12,50¹⁰ €", "EUR", MONEY_READ, "12.50 EUR"},
        {"12,50 ¹⁰ €", "EUR", MONEY_READ, "12.50 EUR"},
        {"12 ⁹⁹ €", "EUR", MONEY_SEVERAL, NULL},
        {"12¹²³⁴ €", "EUR", MONEY_READ, "12.00 EUR"},
        {"12⁵0 €", "EUR", MONEY_SEVERAL, NULL},
        {"12,50 € inkl. 19 % MwSt.", "EUR", MONEY_READ, "12.50 EUR"},
        {"-20% 12,50 €", "EUR", MONEY_READ, "12.50 EUR"},
        {"$1,299.00", "USD", MONEY_READ, "1299.00 USD"},
        {"$1,299.00", "AUD", MONEY_READ, "1299.00 AUD"},
        {"$1,299", "USD", MONEY_READ, "1299.00 USD"},
        {"$.99", "USD", MONEY_READ, "0.99 USD"},
        {"$1,234,567.89", "USD", MONEY_READ, "1234567.89 USD"},
        {"US$ 12.50", NULL, MONEY_READ, "12.50 USD"},
        {"USD $12.50", NULL, MONEY_READ, "12.50 USD"},
        {"$12.50 USD", NULL, MONEY_READ, "12.50 USD"},
        {"CA$12.50", NULL, MONEY_READ, "12.50 CAD"},
        {"A$12.50", NULL, MONEY_READ, "12.50 AUD"},
        {"Now$12.50", "USD", MONEY_READ, "12.50 USD"},
        {"99¢", "USD", MONEY_READ, "0.99 USD"},
        {"99p", "GBP", MONEY_READ, "0.99 GBP"},
        {"£9.99", NULL, MONEY_READ, "9.99 GBP"},
        {"£1·50", "GBP", MONEY_READ, "1.50 GBP"},
        {"¥129,800", "JPY", MONEY_READ, "129800 JPY"},
        {"129,800円(税込)", "JPY", MONEY_READ, "129800 JPY"},
        {"￥１２９，８００", "JPY", MONEY_READ, "129800 JPY"},
        {"¥199.00", "CNY", MONEY_READ, "199.00 CNY"},
        {"199元起", "CNY", MONEY_READ, "199.00 CNY"},
        {"12,900원", NULL, MONEY_READ, "12900 KRW"},
        {"₩12,900", NULL, MONEY_READ, "12900 KRW"},
        {"₹1,29,800.00", NULL, MONEY_READ, "129800.00 INR"},
        {"₹1,29,800", NULL, MONEY_READ, "129800.00 INR"},
        {"Rs. 1,29,800.00", "INR", MONEY_READ, "129800.00 INR"},
        {"Rs.500", "INR", MONEY_READ, "500.00 INR"},
        {"Rs 500/-", "INR", MONEY_READ, "500.00 INR"},
        {"₹१,२९,८००.५०", NULL, MONEY_READ, "129800.50 INR"},
        {"CHF 1'299.–", NULL, MONEY_READ, "1299.00 CHF"},
        {"CHF 1’299.00", NULL, MONEY_READ, "1299.00 CHF"},
        {"CHF 1'299.—", NULL, MONEY_READ, "1299.00 CHF"},
        {"Fr. 1'299.50", NULL, MONEY_READ, "1299.50 CHF"},
        {"CHF –.95", NULL, MONEY_READ, "0.95 CHF"},
        {"1 299,00 kr", "SEK", MONEY_READ, "1299.00 SEK"},
        {"1 299,00 kr", "NOK", MONEY_READ, "1299.00 NOK"},
        {"kr 1.299,00", "DKK", MONEY_READ, "1299.00 DKK"},
        {"1299:-", "SEK", MONEY_READ, "1299.00 SEK"},
        {"kr. 99,95", "DKK", MONEY_READ, "99.95 DKK"},
        {"5.990 kr.", "ISK", MONEY_READ, "5990 ISK"},
        {"1 299,00 zł", NULL, MONEY_READ, "1299.00 PLN"},
        {"1 299 Kč", NULL, MONEY_READ, "1299.00 CZK"},
        {"12 990 Ft", NULL, MONEY_READ, "12990.00 HUF"},
        {"1.299,99 lei", NULL, MONEY_READ, "1299.99 RON"},
        {"12,50 лв.", NULL, MONEY_READ, "12.50 BGN"},
        {"1 299 ₽", NULL, MONEY_READ, "1299.00 RUB"},
        {"1 299 руб.", NULL, MONEY_READ, "1299.00 RUB"},
        {"руб.500", NULL, MONEY_READ, "500.00 RUB"},
        {"1 299,00 грн", NULL, MONEY_READ, "1299.00 UAH"},
        {"1.299,90 TL", NULL, MONEY_READ, "1299.90 TRY"},
        {"₺1.299,90", NULL, MONEY_READ, "1299.90 TRY"},
        {"R$ 9,90", NULL, MONEY_READ, "9.90 BRL"},
        {"R$ 1.299,90", "BRL", MONEY_READ, "1299.90 BRL"},
        {"$ 12.990", "CLP", MONEY_READ, "12990 CLP"},
        {"$ 12.990,50", "ARS", MONEY_READ, "12990.50 ARS"},
        {"S/ 29.90", NULL, MONEY_READ, "29.90 PEN"},
        {"S/.29.90", NULL, MONEY_READ, "29.90 PEN"},
        {"R 1 299.00", NULL, MONEY_READ, "1299.00 ZAR"},
        {"R99", NULL, MONEY_READ, "99.00 ZAR"},
        {"RM29.90", NULL, MONEY_READ, "29.90 MYR"},
        {"Rp 129.800", NULL, MONEY_READ, "129800.00 IDR"},
        {"129.800₫", NULL, MONEY_READ, "129800 VND"},
        {"129.800 đ", NULL, MONEY_READ, "129800 VND"},
        {"฿1,299", NULL, MONEY_READ, "1299.00 THB"},
        {"₱1,299.00", NULL, MONEY_READ, "1299.00 PHP"},
        {"P500", "PHP", MONEY_READ, "500.00 PHP"},
        {"NT$1,299", NULL, MONEY_READ, "1299.00 TWD"},
        {"HK$1,299", NULL, MONEY_READ, "1299.00 HKD"},
        {"٤٩٫٩٩ ر.س", NULL, MONEY_READ, "49.99 SAR"},
        {"١٬٢٩٩٫٠٠ د.إ", NULL, MONEY_READ, "1299.00 AED"},
        {"۱٬۲۹۹٬۰۰۰ ریال", "IRR", MONEY_READ, "1299000.00 IRR"},
        {"د.ك.\u200F 1.299", NULL, MONEY_READ, "1.299 KWD"},
        {"AED 49.00", NULL, MONEY_READ, "49.00 AED"},
        {"KSh 1,299", NULL, MONEY_READ, "1299.00 KES"},
        {"₦12,500.00", NULL, MONEY_READ, "12500.00 NGN"},
        {"12 500 FCFA", "XOF", MONEY_READ, "12500 XOF"},
        {"Price: EUR 12.50", NULL, MONEY_READ, "12.50 EUR"},
        {"12,50 (EUR)", NULL, MONEY_READ, "12.50 EUR"},
        {"TRY 500", NULL, MONEY_READ, "500.00 TRY"},
        {"MUG CUP 12,50 €", "EUR", MONEY_READ, "12.50 EUR"},
        {"ALL INCLUSIVE 12,50 €", "EUR", MONEY_READ, "12.50 EUR"},
        {"Blu-ray BD 19,99 €", "EUR", MONEY_READ, "19.99 EUR"},
        {"\n   12,50\n   €\n", "EUR", MONEY_READ, "12.50 EUR"},
    };
    CHECK_ALL(samples);
}

static void numbers_of_machines_are_read(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"12.5", NULL, MONEY_READ, "12.5"},
        {"12.5", "EUR", MONEY_READ, "12.50 EUR"},
        {"1299", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1299.000", "EUR", MONEY_READ, "1299.00 EUR"},
        {"0", "EUR", MONEY_READ, "0.00 EUR"},
        {"0.00", "EUR", MONEY_READ, "0.00 EUR"},
        {"007", "EUR", MONEY_READ, "7.00 EUR"},
        {"12.3456", "EUR", MONEY_READ, "12.3456 EUR"},
        {"1.2e3", "EUR", MONEY_READ, "1200.00 EUR"},
        {"1E+2", "EUR", MONEY_READ, "100.00 EUR"},
        {"125e-1", "EUR", MONEY_READ, "12.50 EUR"},
        {"1e400", "EUR", MONEY_TOO_LARGE, NULL},
        {"99999999999999999999", "EUR", MONEY_TOO_LARGE, NULL},
    };
    CHECK_ALL(samples);
}

static void three_digits_behind_one_separator_are_decided_by_the_currency(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"1.299", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1,299", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1.299", "JPY", MONEY_READ, "1299 JPY"},
        {"1.299", "KWD", MONEY_READ, "1.299 KWD"},
        {"1,299", "KWD", MONEY_READ, "1.299 KWD"},
        {"1.299", NULL, MONEY_READ, "1299"},
        {"1.299 €", NULL, MONEY_READ, "1299.00 EUR"},
        {"1.29", "EUR", MONEY_READ, "1.29 EUR"},
        {"1,5", "EUR", MONEY_READ, "1.50 EUR"},
        {"0.999", "EUR", MONEY_READ, "0.999 EUR"},
        {"0,999", "EUR", MONEY_READ, "0.999 EUR"},
        {"1299.999", "EUR", MONEY_READ, "1299.999 EUR"},
        {"1'299", "EUR", MONEY_READ, "1299.00 EUR"},
        {"1 299", "EUR", MONEY_READ, "1299.00 EUR"},
    };
    CHECK_ALL(samples);
}

static void signs_are_read(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"-5.00", "EUR", MONEY_READ, "-5.00 EUR"},
        {"−5,00 €", "EUR", MONEY_READ, "-5.00 EUR"},
        {"- 5,00 €", "EUR", MONEY_READ, "-5.00 EUR"},
        {"-€5.00", "EUR", MONEY_READ, "-5.00 EUR"},
        {"€-5.00", "EUR", MONEY_READ, "-5.00 EUR"},
        {"€ -5.00", "EUR", MONEY_READ, "-5.00 EUR"},
        {"EUR-5.00", "EUR", MONEY_READ, "-5.00 EUR"},
        {"(5.00)", "EUR", MONEY_READ, "-5.00 EUR"},
        {"(€5.00)", "EUR", MONEY_READ, "-5.00 EUR"},
        {"€(5.00)", "EUR", MONEY_READ, "-5.00 EUR"},
        {"5.00-", "EUR", MONEY_READ, "-5.00 EUR"},
        {"+5.00", "EUR", MONEY_READ, "5.00 EUR"},
        {"Discount -5.00 €", "EUR", MONEY_READ, "-5.00 EUR"},
        {"Mug - 5.00 €", "EUR", MONEY_READ, "5.00 EUR"},
        {"Mug-5.00 €", "EUR", MONEY_READ, "5.00 EUR"},
        {"12,50 € (12,50 € / Stück)", "EUR", MONEY_READ, "12.50 EUR"},
    };
    CHECK_ALL(samples);
}

static void what_is_no_price_is_told_apart(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"", "EUR", MONEY_EMPTY, NULL},
        {" \n\t ", "EUR", MONEY_EMPTY, NULL},
        {"\u00A0\u200B", "EUR", MONEY_EMPTY, NULL},
        {"Price on request", "EUR", MONEY_NO_NUMBER, NULL},
        {"€", "EUR", MONEY_NO_NUMBER, NULL},
        {"--,-- €", "EUR", MONEY_NO_NUMBER, NULL},
        {"20 %", "EUR", MONEY_NO_NUMBER, NULL},
        {"Naan bread", "EUR", MONEY_NO_NUMBER, NULL},
        {"NaN", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"NaN €", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"$NaN", "USD", MONEY_NOT_A_NUMBER, NULL},
        {"€ undefined", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"null", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"Infinity", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"-Infinity", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"∞", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"[object Object]", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"None", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"12,50 € NaN", "EUR", MONEY_NOT_A_NUMBER, NULL},
        {"12,50 € 9,99 €", "EUR", MONEY_SEVERAL, NULL},
        {"12,50 €9,99 €", "EUR", MONEY_SEVERAL, NULL},
        {"12€50€", "EUR", MONEY_SEVERAL, NULL},
        {"$12$50", "USD", MONEY_SEVERAL, NULL},
        {"from 5 to 9", "EUR", MONEY_SEVERAL, NULL},
        {"5–9 €", "EUR", MONEY_SEVERAL, NULL},
        {"€5 – €9", "EUR", MONEY_SEVERAL, NULL},
        {"2 for 10 €", "EUR", MONEY_SEVERAL, NULL},
        {"12,50 € / 100 g", "EUR", MONEY_SEVERAL, NULL},
        {"10 € 10 $", NULL, MONEY_SEVERAL, NULL},
        {"5.00 -5.00", "EUR", MONEY_SEVERAL, NULL},
        {"12:50", "EUR", MONEY_SEVERAL, NULL},
        {"1,23,4.5.6", "EUR", MONEY_MALFORMED, NULL},
        {"12.50.99", "EUR", MONEY_MALFORMED, NULL},
        {"1.299.00", "EUR", MONEY_MALFORMED, NULL},
        {"1,2345,678", "EUR", MONEY_MALFORMED, NULL},
        {"1234,567,890", "EUR", MONEY_MALFORMED, NULL},
        {"1.299'500", "EUR", MONEY_MALFORMED, NULL},
        {"12'5", "EUR", MONEY_MALFORMED, NULL},
        {"2k €", "EUR", MONEY_MALFORMED, NULL},
        {"$12.50", "EUR", MONEY_OTHER_CURRENCY, NULL},
        {"12.50 USD", "EUR", MONEY_OTHER_CURRENCY, NULL},
        {"12,50 € USD", "EUR", MONEY_OTHER_CURRENCY, NULL},
        {"US$12.50", "CAD", MONEY_OTHER_CURRENCY, NULL},
        {"99 kr", "EUR", MONEY_OTHER_CURRENCY, NULL},
        {"TRY 500", "EUR", MONEY_OTHER_CURRENCY, NULL},
    };
    CHECK_ALL(samples);
}

static void the_same_amount_twice_is_one_price(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"12,50 € 12,50 €", "EUR", MONEY_READ, "12.50 EUR"},
        {"12,5 € (12,50 €)", "EUR", MONEY_READ, "12.50 EUR"},
        {"12 € / 12,00 EUR", NULL, MONEY_READ, "12.00 EUR"},
    };
    CHECK_ALL(samples);
}

static void a_symbol_of_many_currencies_names_none(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"$12.50", NULL, MONEY_READ, "12.50"},      {"99 kr", NULL, MONEY_READ, "99"},
        {"¥199", NULL, MONEY_READ, "199"},          {"99 kr SEK", NULL, MONEY_READ, "99.00 SEK"},
        {"£12 EGP", NULL, MONEY_READ, "12.00 EGP"},
    };
    CHECK_ALL(samples);
}

static void minor_units_are_scaled(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int minor_units;
        const char *printed;
    } samples[] = {
        {"1250", 2, "12.50 EUR"},   {"5", 2, "0.05 EUR"},         {"-5", 2, "-0.05 EUR"},
        {"0", 2, "0.00 EUR"},       {"129900", 2, "1299.00 EUR"}, {"12.00", 2, "0.12 EUR"},
        {"125000", 4, "12.50 EUR"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO_BUF reason = BUF_INIT(4096), printed = BUF_INIT(4096);
        struct money_options options = {.currency = "EUR", .minor_units = samples[i].minor_units};
        struct money money;
        assert_int_equal(money_read(view_of(samples[i].text), &options, &money, &reason),
                         MONEY_READ);
        money_print(&money, &printed);
        assert_string_equal(buf_text(&printed), samples[i].printed);
    }
}

static void minor_units_have_no_fraction(void **state)
{
    (void)state;
    static const char *const texts[] = {"12,50 €", "12.5", "1250.5"};
    for (size_t i = 0; i < 2 * COUNT_OF(texts); i++) {
        AUTO_BUF reason = BUF_INIT(4096), wanted = BUF_INIT(4096);
        bool json = i >= COUNT_OF(texts);
        const char *text = texts[i % COUNT_OF(texts)];
        if (json && strstr(text, "€")) continue;
        struct money_options options = {.currency = "EUR", .minor_units = 2, .json_number = json};
        struct money money;
        assert_int_equal(money_read(view_of(text), &options, &money, &reason), MONEY_MALFORMED);
        buf_addf(&wanted,
                 "the price should be in minor units, as cents are, and has a fraction: \"%s\"",
                 text);
        assert_string_equal(buf_text(&reason), buf_text(&wanted));
    }
}

static void the_point_of_a_json_number_is_a_point(void **state)
{
    (void)state;
    AUTO_BUF reason = BUF_INIT(4096), printed = BUF_INIT(4096);
    struct money_options options = {.currency = "EUR", .json_number = true};
    struct money money;
    assert_int_equal(money_read(VIEW_LITERAL("1.299"), &options, &money, &reason), MONEY_READ);
    money_print(&money, &printed);
    assert_string_equal(buf_text(&printed), "1.299 EUR");
}

static void reasons_name_what_was_seen(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } samples[] = {
        {"", "the price is empty"},
        {" on request ", "the price has no amount: \"on request\""},
        {"NaN", "the price is not a number: \"NaN\""},
        {"$5", "the price is in $, not EUR: \"$5\""},
        {"5 usd", "the price is in USD, not EUR: \"5 usd\""},
        {"1.2.3", "the price is not written as amounts are: \"1.2.3\""},
        {"5 € 9 €", "the price has several amounts that disagree, 5 and 9: \"5 € 9 €\""},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO_BUF reason = BUF_INIT(4096);
        struct money_options options = {.currency = "EUR"};
        struct money money;
        assert_int_not_equal(money_read(view_of(samples[i].text), &options, &money, &reason),
                             MONEY_READ);
        assert_string_equal(buf_text(&reason), samples[i].reason);
    }
}

static void a_text_too_long_is_no_price(void **state)
{
    (void)state;
    static char text[40000];
    memset(text, '1', sizeof(text));
    AUTO_BUF reason = BUF_INIT(4096);
    struct money_options options = {0};
    struct money money;
    struct view view = {text, sizeof(text)};
    assert_int_equal(money_read(view, &options, &money, &reason), MONEY_MALFORMED);
    view.length = 1000;
    assert_int_equal(money_read(view, &options, &money, &reason), MONEY_TOO_LARGE);
}

static void currencies_know_their_minor_units(void **state)
{
    (void)state;
    assert_int_equal(money_minor_units("EUR"), 2);
    assert_int_equal(money_minor_units("JPY"), 0);
    assert_int_equal(money_minor_units("KWD"), 3);
    assert_int_equal(money_minor_units("CLF"), 4);
    assert_int_equal(money_minor_units("ZWG"), 2);
    assert_int_equal(money_minor_units("eur"), -1);
    assert_int_equal(money_minor_units("XYZ"), -1);
    assert_int_equal(money_minor_units("EU"), -1);
    assert_int_equal(money_minor_units(""), -1);
    assert_true(money_is_currency(VIEW_LITERAL("CHF")));
    assert_false(money_is_currency(VIEW_LITERAL("R E")));
}

static void amounts_print_with_the_currencys_places(void **state)
{
    (void)state;
    static const struct {
        struct money money;
        const char *printed;
    } samples[] = {
        {{.amount = {1250, 2}, .currency = "EUR"}, "12.50 EUR"},
        {{.amount = {125, 1}, .currency = "EUR"}, "12.50 EUR"},
        {{.amount = {12, 0}, .currency = "EUR"}, "12.00 EUR"},
        {{.amount = {-5, 0}, .currency = "JPY"}, "-5 JPY"},
        {{.amount = {500, 2}, .currency = "JPY"}, "5 JPY"},
        {{.amount = {12500, 4}, .currency = "EUR"}, "1.25 EUR"},
        {{.amount = {12345, 4}, .currency = "EUR"}, "1.2345 EUR"},
        {{.amount = {1250, 2}, .currency = ""}, "12.50"},
        {{.amount = {1, 0}, .currency = "KWD"}, "1.000 KWD"},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        AUTO_BUF printed = BUF_INIT(100);
        money_print(&samples[i].money, &printed);
        assert_string_equal(buf_text(&printed), samples[i].printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_of_many_countries_are_read),
        cmocka_unit_test(numbers_of_machines_are_read),
        cmocka_unit_test(three_digits_behind_one_separator_are_decided_by_the_currency),
        cmocka_unit_test(signs_are_read),
        cmocka_unit_test(what_is_no_price_is_told_apart),
        cmocka_unit_test(the_same_amount_twice_is_one_price),
        cmocka_unit_test(a_symbol_of_many_currencies_names_none),
        cmocka_unit_test(minor_units_are_scaled),
        cmocka_unit_test(minor_units_have_no_fraction),
        cmocka_unit_test(the_point_of_a_json_number_is_a_point),
        cmocka_unit_test(reasons_name_what_was_seen),
        cmocka_unit_test(a_text_too_long_is_no_price),
        cmocka_unit_test(currencies_know_their_minor_units),
        cmocka_unit_test(amounts_print_with_the_currencys_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See money_symbol.h. */
#include "answer/money_symbol.h"

#include "answer/money.h"
#include "answer/money_text.h"
#include "base/utf8.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum manner {
    SIGN,  /* counts wherever it stands */
    WORD,  /* letters: beside a number, in any case */
    EXACT, /* the same, as written here; may be something else as well */
    HUNDREDTHS
};

#define DOLLARS                                                                                    \
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP UYU DOP CUP BBD BMD BND BSD BZD FJD GYD JMD KYD " \
    "LRD NAD SBD SRD SVC TTD XCD BRL NIO TOP WST CVE MOP"
#define KRONAS "SEK NOK DKK ISK"
#define RIALS "SAR IRR QAR OMR YER"

/* `clear`: the first code is meant where nothing else is said. */
static const struct {
    const char *text, *codes;
    enum manner manner;
    bool clear;
} symbols[] = {
    {"€", "EUR", SIGN, true},
    {"$", DOLLARS, SIGN, false},
    {"£", "GBP EGP LBP SYP SHP GIP FKP SDG SSP", SIGN, true},
    {"¥", "JPY CNY", SIGN, false},
    {"US$", "USD", SIGN, true},
    {"U$S", "USD", SIGN, true},
    {"USD$", "USD", SIGN, true},
    {"R$", "BRL", SIGN, true},
    {"C$", "CAD NIO", SIGN, true},
    {"CA$", "CAD", SIGN, true},
    {"CAD$", "CAD", SIGN, true},
    {"A$", "AUD", SIGN, true},
    {"AU$", "AUD", SIGN, true},
    {"NZ$", "NZD", SIGN, true},
    {"HK$", "HKD", SIGN, true},
    {"NT$", "TWD", SIGN, true},
    {"S$", "SGD", SIGN, true},
    {"MX$", "MXN", SIGN, true},
    {"RD$", "DOP", SIGN, true},
    {"TT$", "TTD", SIGN, true},
    {"J$", "JMD", SIGN, true},
    {"N$", "NAD", SIGN, true},
    {"FJ$", "FJD", SIGN, true},
    {"EC$", "XCD", SIGN, true},
    {"MOP$", "MOP", SIGN, true},
    {"CLP$", "CLP", SIGN, true},
    {"AR$", "ARS", SIGN, true},
    {"CN¥", "CNY", SIGN, true},
    {"JP¥", "JPY", SIGN, true},
    {"E£", "EGP", SIGN, true},
    {"元", "CNY TWD HKD", SIGN, false},
    {"圓", "TWD HKD CNY", SIGN, false},
    {"円", "JPY", SIGN, true},
    {"圆", "CNY", SIGN, true},
    {"원", "KRW", SIGN, true},
    {"₩", "KRW KPW", SIGN, true},
    {"₹", "INR", SIGN, true},
    {"₨", "INR PKR LKR NPR MUR SCR", SIGN, false},
    {"₽", "RUB", SIGN, true},
    {"₴", "UAH", SIGN, true},
    {"₺", "TRY", SIGN, true},
    {"₫", "VND", SIGN, true},
    {"฿", "THB", SIGN, true},
    {"₱", "PHP", SIGN, true},
    {"₪", "ILS", SIGN, true},
    {"₦", "NGN", SIGN, true},
    {"₡", "CRC SVC", SIGN, true},
    {"₲", "PYG", SIGN, true},
    {"₵", "GHS", SIGN, true},
    {"₸", "KZT", SIGN, true},
    {"₼", "AZN", SIGN, true},
    {"₾", "GEL", SIGN, true},
    {"₭", "LAK", SIGN, true},
    {"₮", "MNT", SIGN, true},
    {"֏", "AMD", SIGN, true},
    {"៛", "KHR", SIGN, true},
    {"৳", "BDT", SIGN, true},
    {"؋", "AFN", SIGN, true},
    {"﷼", RIALS, SIGN, false},
    {"⃀", "KGS", SIGN, true},
    {"ƒ", "XCG ANG AWG", EXACT, false},
    {"S/", "PEN", EXACT, true},
    {"B/", "PAB", EXACT, true},
    {"kr", KRONAS, WORD, false},
    {"kronor", "SEK", WORD, true},
    {"kroner", "NOK DKK", WORD, false},
    {"zł", "PLN", WORD, true},
    {"zl", "PLN", WORD, true},
    {"Kč", "CZK", WORD, true},
    {"Ft", "HUF", WORD, true},
    {"lei", "RON MDL", WORD, true},
    {"leu", "RON MDL", WORD, true},
    {"лв", "BGN", WORD, true},
    {"lv", "BGN", WORD, true},
    {"руб", "RUB BYN", WORD, true},
    {"р", "RUB BYN", WORD, true},
    {"грн", "UAH", WORD, true},
    {"тг", "KZT", WORD, true},
    {"тенге", "KZT", WORD, true},
    {"сом", "KGS", WORD, true},
    {"сум", "UZS", WORD, true},
    {"дин", "RSD", WORD, true},
    {"din", "RSD DZD TND", WORD, true},
    {"ден", "MKD", WORD, true},
    {"КМ", "BAM", EXACT, true},
    {"KM", "BAM", EXACT, true},
    {"TL", "TRY", EXACT, true},
    {"Fr", "CHF XAF XOF XPF DJF GNF KMF RWF BIF CDF", WORD, true},
    {"sFr", "CHF", WORD, true},
    {"Fs", "CHF", EXACT, true},
    {"Rs", "INR PKR LKR NPR MUR SCR", WORD, false},
    {"रु", "INR NPR", EXACT, false},
    {"रू", "INR NPR", EXACT, false},
    {"RM", "MYR", EXACT, true},
    {"Rp", "IDR", WORD, true},
    {"R", "ZAR", EXACT, true},
    {"đ", "VND", WORD, true},
    {"บาท", "THB", SIGN, true},
    {"Bs", "BOB VES", WORD, false},
    {"P", "PHP BWP", EXACT, false},
    {"KSh", "KES", WORD, true},
    {"TSh", "TZS", WORD, true},
    {"USh", "UGX", WORD, true},
    {"Br", "BYN ETB", EXACT, false},
    {"CFA", "XOF XAF", EXACT, false},
    {"FCFA", "XOF XAF", EXACT, false},
    {"F CFA", "XOF XAF", EXACT, false},
    {"Dh", "AED MAD", WORD, false},
    {"Dhs", "AED MAD", WORD, false},
    {"SR", "SAR SCR", EXACT, true},
    {"QR", "QAR", EXACT, true},
    {"KD", "KWD", EXACT, true},
    {"BD", "BHD", EXACT, true},
    {"JD", "JOD", EXACT, true},
    {"LE", "EGP SLE", EXACT, true},
    {"L.E", "EGP", EXACT, true},
    {"د.إ", "AED", EXACT, true},
    {"درهم", "AED MAD", EXACT, false},
    {"ر.س", "SAR", EXACT, true},
    {"ر.ق", "QAR", EXACT, true},
    {"ر.ع", "OMR", EXACT, true},
    {"ر.ي", "YER", EXACT, true},
    {"ريال", RIALS, EXACT, false},
    {"ریال", RIALS, EXACT, false},
    {"د.ك", "KWD", EXACT, true},
    {"د.ب", "BHD", EXACT, true},
    {"د.م", "MAD", EXACT, true},
    {"د.ت", "TND", EXACT, true},
    {"د.ج", "DZD", EXACT, true},
    {"د.ا", "JOD", EXACT, true},
    {"د.أ", "JOD", EXACT, true},
    {"د.ل", "LYD", EXACT, true},
    {"د.ع", "IQD", EXACT, true},
    {"ع.د", "IQD", EXACT, true},
    {"ج.م", "EGP", EXACT, true},
    {"جنيه", "EGP SDG GBP", EXACT, true},
    {"ل.ل", "LBP", EXACT, true},
    {"ل.س", "SYP", EXACT, true},
    {"euro", "EUR", WORD, true},
    {"euros", "EUR", WORD, true},
    {"евро", "EUR", WORD, true},
    {"ευρώ", "EUR", WORD, true},
    {"dollar", DOLLARS, WORD, false},
    {"dollars", DOLLARS, WORD, false},
    {"pound", "GBP EGP", WORD, true},
    {"pounds", "GBP EGP", WORD, true},
    {"quid", "GBP", WORD, true},
    {"pesos", "MXN ARS CLP COP CUP DOP PHP UYU", WORD, false},
    {"yen", "JPY", WORD, true},
    {"yuan", "CNY", WORD, true},
    {"RMB", "CNY", EXACT, true},
    {"rupees", "INR PKR LKR NPR MUR SCR", WORD, false},
    {"baht", "THB", WORD, true},
    {"francs", "CHF XAF XOF XPF", WORD, false},
    {"Franken", "CHF", WORD, true},
    {"reais", "BRL", WORD, true},
    {"forint", "HUF", WORD, true},
    {"¢", DOLLARS " EUR", HUNDREDTHS, false},
    {"cent", DOLLARS " EUR", HUNDREDTHS, false},
    {"ct", "EUR " DOLLARS, HUNDREDTHS, false},
    {"Cent", "EUR " DOLLARS, HUNDREDTHS, false},
    {"cents", DOLLARS " EUR", HUNDREDTHS, false},
    {"p", "GBP", HUNDREDTHS, true},
};

/* Codes that stand in titles as words, too. */
static const char english[] =
    "ALL AMD ANG BAM BOB CAD COP CUP DOP GEL LAK MAD MOP MUR NAD PEN RON SAR SOS TOP TRY ";

/* Where it begins or ends with a letter, no other letter may stand beside it. */
static bool is_bounded(struct view plain, size_t at, size_t end)
{
    bool left = money_text_is_letter(money_text_at(plain, at)) &&
                money_text_is_letter(money_text_before(plain, at));
    bool right = money_text_is_letter(money_text_before(plain, end)) &&
                 money_text_is_letter(money_text_at(plain, end));
    return !left && !right;
}

static bool find_symbol(struct view plain, size_t at, struct money_mention *ret_mention)
{
    struct view rest = view_from(plain, at);
    size_t longest = 0;
    for (size_t i = 0; i < COUNT_OF(symbols); i++) {
        struct view text = view_of(symbols[i].text);
        bool any_case = symbols[i].manner == WORD;
        if (text.length <= longest) continue;
        if (any_case ? !view_starts_with_nocase(rest, text) : !view_starts_with(rest, text))
            continue;
        if (!is_bounded(plain, at, at + text.length)) continue;
        longest = text.length;
        *ret_mention = (struct money_mention){
            .text = view_slice(rest, 0, text.length),
            .sign = symbols[i].text,
            .codes = symbols[i].codes,
            .word = symbols[i].manner != SIGN,
            .weak = symbols[i].manner == EXACT,
            .hundredths = symbols[i].manner == HUNDREDTHS,
            .clear = symbols[i].clear,
        };
    }
    return longest > 0;
}

static bool is_english(const char *code)
{
    for (const char *at = english; *at; at += 4) {
        if (!strncmp(at, code, 3)) return true;
    }
    return false;
}

/* Three capitals, or three small letters where they are no word. */
static bool find_code(struct view plain, size_t at, struct money_mention *ret_mention)
{
    struct view text = view_slice(plain, at, 3);
    struct money_mention mention = {.text = text, .word = true, .clear = true};
    int small = 0;
    if (text.length < 3) return false;
    for (size_t i = 0; i < 3; i++) {
        unsigned char c = (unsigned char)text.data[i];
        small += islower(c) != 0;
        mention.code[i] = (char)toupper(c);
    }
    if (!money_is_currency(view_of(mention.code))) return false;
    mention.weak = is_english(mention.code);
    if (small && (small < 3 || mention.weak)) return false;
    if (!is_bounded(plain, at, at + 3)) return false;
    *ret_mention = mention;
    return true;
}

bool money_mention_at(struct view plain, size_t at, struct money_mention *ret_mention)
{
    struct money_mention code;
    bool symbol = find_symbol(plain, at, ret_mention);
    if (!find_code(plain, at, &code)) return symbol;
    if (!symbol || ret_mention->text.length < code.text.length) *ret_mention = code;
    return true;
}

static bool codes_hold(const char *codes, const char *code)
{
    for (const char *at = codes; *at; at += at[3] ? 4 : 3) {
        if (!strncmp(at, code, 3)) return true;
    }
    return false;
}

bool money_mention_allows(const struct money_mention *mention, const char *code)
{
    return mention->codes ? codes_hold(mention->codes, code) : !strcmp(mention->code, code);
}

static const char *codes_of(const char *sign)
{
    for (size_t i = 0; i < COUNT_OF(symbols); i++) {
        if (!strcmp(symbols[i].text, sign)) return symbols[i].codes;
    }
    return "";
}

bool money_sign_allows(const char *sign, const char *code)
{
    return codes_hold(codes_of(sign), code);
}

bool money_signs_meet(const char *sign, const char *other)
{
    for (const char *at = codes_of(sign); *at; at += at[3] ? 4 : 3) {
        if (money_sign_allows(other, at)) return true;
    }
    return false;
}

void money_mention_code(const struct money_mention *mention, char code[static 4])
{
    memset(code, 0, 4);
    if (!mention->codes)
        memcpy(code, mention->code, 3);
    else if (mention->clear)
        memcpy(code, mention->codes, 3);
}

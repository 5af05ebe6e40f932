/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile prices. The first byte picks what is expected, the rest is the text. */
#include "answer/money.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const currencies[] = {NULL, "EUR", "JPY", "KWD", "USD", "SEK", "GBP", "INR"};
    if (!size) return 0;
    struct money_options options = {
        .currency = currencies[data[0] & 7],
        .minor_units = data[0] >> 3 & 3,
        .json_number = data[0] >> 7,
    };
    AUTO_BUF reason = BUF_INIT(4096), printed = BUF_INIT(256);
    struct money money;
    struct view text = {(const char *)data + 1, size - 1};
    enum money_reading reading = money_read(text, &options, &money, &reason);
    ASSERT((reading == MONEY_READ) == !reason.length);
    if (reading != MONEY_READ) return 0;
    ASSERT(!*money.currency || money_is_currency(view_of(money.currency)));
    money_print(&money, &printed);
    ASSERT(printed.length && !printed.overflowed);
    return 0;
}

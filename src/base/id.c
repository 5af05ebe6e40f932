/* SPDX-License-Identifier: Apache-2.0 */
/* See id.h. */
#include "base/id.h"

#include <string.h>

static void hex_of(const unsigned char *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

void id_uuid_v7(int64_t wall_us, char text[static ID_UUID_SIZE])
{
    unsigned char bytes[16];
    random_system(bytes, sizeof(bytes));
    uint64_t ms = (uint64_t)(wall_us / 1000);
    for (int i = 0; i < 6; i++) bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    bytes[6] = (unsigned char)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
    char hex[33];
    hex_of(bytes, sizeof(bytes), hex);
    const char *from = hex;
    for (size_t i = 0; i < ID_UUID_SIZE - 1; i++)
        text[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : *from++;
    text[ID_UUID_SIZE - 1] = '\0';
}

void id_trace(char text[static ID_TRACE_SIZE])
{
    unsigned char bytes[12];
    random_system(bytes, sizeof(bytes));
    memcpy(text, ID_TRACE_PREFIX, 8);
    hex_of(bytes, sizeof(bytes), text + 8);
}

void id_span(struct random *random, char text[static ID_SPAN_SIZE])
{
    uint64_t drawn = random_next(random) | 1; /* never all zeros */
    unsigned char bytes[sizeof(drawn)];
    memcpy(bytes, &drawn, sizeof(bytes));
    hex_of(bytes, sizeof(bytes), text);
}

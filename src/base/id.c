/* SPDX-License-Identifier: Apache-2.0 */
/* See id.h. */
#include "base/id.h"

#include "base/random.h"

#include <stdio.h>
#include <string.h>

static void hex_of(const unsigned char *bytes, size_t length, char *text)
{
    for (size_t i = 0; i < length; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
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
    snprintf(text, ID_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

void id_trace(char text[static ID_TRACE_SIZE])
{
    unsigned char bytes[12];
    random_system(bytes, sizeof(bytes));
    memcpy(text, ID_TRACE_PREFIX, 8);
    hex_of(bytes, sizeof(bytes), text + 8);
}

void id_span(char text[static ID_SPAN_SIZE])
{
    unsigned char bytes[8];
    random_system(bytes, sizeof(bytes));
    bytes[0] |= 1; /* never all zeros */
    hex_of(bytes, sizeof(bytes), text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers as text: UUIDv7 for runs and incidents, hexadecimal ids for W3C Trace Context. */
#ifndef SHOPPER_BASE_ID_H
#define SHOPPER_BASE_ID_H

#include "base/random.h"

#include <stdint.h>

#define ID_UUID_SIZE 37  /* with the NUL */
#define ID_TRACE_SIZE 33 /* 32 lower-case hexadecimal digits */
#define ID_SPAN_SIZE 17

/* RFC 9562, section 5.7: sorts by time. `wall_us` is since 1970. */
void id_uuid_v7(int64_t wall_us, char text[static ID_UUID_SIZE]);
/*
 * A W3C trace id that starts with `ID_TRACE_PREFIX`, so that a shop's servers can tell synthetic
 * traces by sight; a parent id has no prefix. Neither is ever all zeros.
 */
#define ID_TRACE_PREFIX "5e0bbe55"
void id_trace(char text[static ID_TRACE_SIZE]);
/* A span's id need not be secret, and one is drawn for each request: no system call. */
void id_span(struct random *random, char text[static ID_SPAN_SIZE]);

#endif

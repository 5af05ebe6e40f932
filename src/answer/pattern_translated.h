/* SPDX-License-Identifier: Apache-2.0 */
/* For iregexp.c: compiles what it has translated into PCRE2's syntax. */
#ifndef SHOPPER_ANSWER_PATTERN_TRANSLATED_H
#define SHOPPER_ANSWER_PATTERN_TRANSLATED_H

#include "answer/pattern.h"

struct pattern *pattern_compile_translated(struct view text) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Golden files pin, to the byte, what people and programs read. They live in tests/golden/ and are
 * rewritten, to be looked at in the diff, when SHOPPER_UPDATE_GOLDEN=1 is in the environment.
 */
#ifndef SHOPPER_TESTS_GOLDEN_H
#define SHOPPER_TESTS_GOLDEN_H

#include "base/view.h"

/* Fails the cmocka test under way, naming the first line that differs. `name` is a path below
 * tests/golden/. */
void golden_check(const char *name, struct view actual);

#endif

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

/* What the tests of a program have told people so far, each text once. What is another each time
 * stands as a word: PORT, DAY, TIME, ID, DIRECTORY. */
void golden_note(const char *text);
/* The last test of a program: all that was noted, as a golden file. */
void messages_are_as_pinned(void **state);
#define PIN_MESSAGES(golden)                                                                       \
    cmocka_unit_test_prestate(messages_are_as_pinned, (void *)(uintptr_t)(golden))

#endif

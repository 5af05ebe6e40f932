/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of what is said: each input with the message that it brings about, as a golden file. */
#ifndef SHOPPER_TESTS_TOLD_H
#define SHOPPER_TESTS_TOLD_H

#include "base/buf.h"
#include "base/view.h"

#define TOLD_NOWHERE SIZE_MAX /* a message that names no place */

/* A long input is cut; a message that is empty is a failure of the test. */
void told_note(struct view input, struct view message, size_t offset);
/* All that was noted since the last file. */
void told_check(const char *golden);

#endif

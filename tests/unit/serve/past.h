/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up past of a fake host. */
#ifndef SHOPPER_TESTS_PAST_H
#define SHOPPER_TESTS_PAST_H

#include "fake_host.h"

bool past_make(struct fake_host *host, enum fake_past past, struct error *error);
/* Tells the server of the latest runs, as a daemon would have. */
void past_observe(struct fake_host *host);

#endif

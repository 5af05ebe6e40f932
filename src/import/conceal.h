/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a command in which a secret stands are quoted by no message. */
#ifndef SHOPPER_IMPORT_CONCEAL_H
#define SHOPPER_IMPORT_CONCEAL_H

#include "text/source.h"

void conceal_secrets(struct source *command);

#endif

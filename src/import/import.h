/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journeys out of what somebody recorded: a browser's HTTP archive, or a command line of curl. What
 * comes out is a proposal for a person to read, but one that loads, holds no secret, and walks.
 */
#ifndef SHOPPER_IMPORT_IMPORT_H
#define SHOPPER_IMPORT_IMPORT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"
#include "text/diag.h"

#include <stdbool.h>

#define IMPORT_MAX_BYTES ((size_t)1 << 20) /* of a journey, as the loader allows */

struct import_options {
    const char *name; /* of the journey; NULL: after the host */
    const char *from; /* what the comment on top calls the recording; NULL: nothing */
};

/* Appends the journey. `notes` gets a line for each thing that a person should know. False: `error`
 * says where and what. */
bool import_har(struct view text, const struct import_options *options, struct buf *out,
                struct buf *notes, struct error *error) MUST_CHECK;
/* The same for one command line, "curl https://... -H ...", as Chrome, Firefox and Safari copy it
 * for a POSIX shell or bash. What is wrong is in `diags`, with its place in the command. */
bool import_curl(struct view command, const struct import_options *options, struct buf *out,
                 struct buf *notes, struct diags *diags) MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line of `shopper run` asks for, and what is wrong with it. */
#ifndef SHOPPER_APP_RUN_SETTINGS_H
#define SHOPPER_APP_RUN_SETTINGS_H

#include "report/writer.h"
#include "text/options.h"

struct run_settings {
    struct text_list personas, stages, set, resolve, reports;
    const char *base, *personas_file, *ca_file, *crl_file, *certificate, *private_key, *evidence;
    unsigned repeat, parallel;
    int64_t deadline_us; /* 0: each journey's own */
    int verbosity;
    bool insecure, quiet, no_color, strict;
    bool to_output, wants_har, wants_text; /* of the reports; found by run_settings_are_good */
};

#define RUN_SETTINGS_INIT ((struct run_settings){.deadline_us = -1})

extern const struct option_row run_options_table[];

/* What would else be noticed while shoppers walk, or after. */
bool run_settings_are_good(struct run_settings *settings, struct error *error) MUST_CHECK;
/* "har:walk.har"; NULL for the file: standard output. */
bool report_wish(const char *wish, enum report_format *ret_format, const char **ret_file,
                 struct error *error) MUST_CHECK;
/* The command, with what says where shoppers go and what they bring; a report adds who he was and
 * what he walked. */
void run_settings_write_again(const struct run_settings *settings, struct buf *out);

#endif

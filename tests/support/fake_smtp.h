/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mail server without TLS that takes one letter per connection and answers some commands as a
 * test wishes. It listens on 127.0.0.1, in a thread of its own.
 */
#ifndef SHOPPER_TESTS_FAKE_SMTP_H
#define SHOPPER_TESTS_FAKE_SMTP_H

struct fake_smtp_answer {
    const char *command; /* what a line begins with: "RCPT TO:<gone@"; "." ends the letter */
    const char *answer;  /* "550 no such mailbox"; NULL: hang up; "": be silent */
};

struct fake_smtp;

/* `answers` ends with a NULL command and is borrowed; NULL: all is well. */
struct fake_smtp *fake_smtp_new(const struct fake_smtp_answer *answers);
/* From the next line on; as for fake_smtp_new. */
void fake_smtp_answer_so(struct fake_smtp *server, const struct fake_smtp_answer *answers);
void fake_smtp_free(struct fake_smtp *server);
int fake_smtp_port(const struct fake_smtp *server);
/* All lines that came, with their line ends. To be read when the mail is done. */
const char *fake_smtp_heard(const struct fake_smtp *server);

#endif

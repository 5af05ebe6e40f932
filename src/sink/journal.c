/* SPDX-License-Identifier: Apache-2.0 */
/* A journal: JSON lines, appended to a file or standard output, one write for each line. */
#include "sink/internal.h"


#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_journal(const char *path)
{
    if (!strcmp(path, "-")) return dup(STDOUT_FILENO);
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
}

static void send_line(struct sending *sending, const struct event *event)
{
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    cJSON *object = words_object(event, sending->sender);
    json_print(object, &line);
    cJSON_Delete(object);
    buf_add_char(&line, '\n');
    sending->descriptor = open_journal(sending_settings(sending)->path.value);
    if (sending->descriptor < 0) {
        sending_end(sending, SINK_AGAIN, 0, "the file cannot be opened: %s", strerror(errno));
        return;
    }
    ssize_t written = write(sending->descriptor, line.data, line.length);
    if (written == (ssize_t)line.length)
        sending_end(sending, SINK_DELIVERED, 0, "%s", "");
    else
        sending_end(sending, SINK_AGAIN, 0, "the line cannot be written: %s",
                    written < 0 ? strerror(errno) : "not all of it");
}

const struct sink_kind sink_journal = {
    .name = "journal", .shape = &journal_shape, .send = send_line};

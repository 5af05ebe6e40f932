/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: each event as one line of JSON at the end of a file, or on standard output ("-"). One
 * write per line; a line that was cut short (a full disk, a crash) is ended before the next. It
 * does not rotate: rename the file away, the next event makes a new one.
 */
#include "base/file.h"
#include "sink/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct journal_settings {
    char *path;
};

struct journal_load {
    char *path;
    char *line; /* with its line feed, and one in front of it that is mostly left out */
    size_t length;
    int64_t timeout_us;
};

static void load_path(struct loader *loader, const struct yaml_node *node, void *object)
{
    struct journal_settings *settings = ((struct sink *)object)->settings;
    AUTO_FREE char *path = NULL;
    if (!load_text(loader, node, "path", &path)) return;
    AUTO_FREE char *directory = path_directory(source_name(node->place.source));
    settings->path = strcmp(path, "-") ? path_join(directory, path) : take(path);
}

static const struct key_rule rules[] = {
    {"path", load_path, true, &text_shape,
     "a file, relative to the configuration's; `-`: standard output"},
    {0},
};
const struct shape journal_shape = {.kind = SHAPE_MAPPING, .name = "journal", .rules = rules};

static void settings_release(void *object)
{
    free(((struct journal_settings *)object)->path);
}

static void load_free(void *object)
{
    struct journal_load *load = object;
    free(load->path);
    free(load->line);
    free(load);
}

/* Whether what stands there ends in the middle of a line. */
static bool is_torn(const char *path)
{
    struct stat about;
    char last = '\n';
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return false;
    if (!fstat(descriptor, &about) && S_ISREG(about.st_mode) && about.st_size &&
        pread(descriptor, &last, 1, about.st_size - 1) != 1)
        last = '\n';
    close(descriptor);
    return last != '\n';
}

static bool write_line(int descriptor, const char *line, size_t length, int64_t timeout_us)
{
    struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
    for (size_t at = 0; at < length;) {
        if (poll(&ready, 1, (int)(timeout_us / US_PER_MS)) != 1) {
            errno = ETIMEDOUT;
            return false;
        }
        ssize_t written = write(descriptor, line + at, length - at);
        if (written < 0 && errno != EINTR && errno != EAGAIN) return false;
        if (written > 0) at += (size_t)written;
    }
    return true;
}

static void work(void *object, struct errand_report *report)
{
    const struct journal_load *load = object;
    bool out = !strcmp(load->path, "-");
    int descriptor =
        out ? STDOUT_FILENO
            : open(load->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                   S_IRUSR | S_IWUSR);
    size_t skip = descriptor >= 0 && !out && is_torn(load->path) ? 0 : 1;
    bool good = descriptor >= 0 &&
                write_line(descriptor, load->line + skip, load->length - skip, load->timeout_us);
    report->outcome = good ? SINK_DELIVERED : SINK_AGAIN;
    if (!good)
        snprintf(report->why, sizeof report->why, "cannot write %s: %.100s",
                 out ? "to standard output" : "the journal", strerrordesc_np(errno));
    if (!out && descriptor >= 0) close(descriptor);
}

static void send_line(struct sending *sending)
{
    const struct journal_settings *settings = sending->sink->settings;
    AUTO_BUF line = BUF_INIT(BUF_OWN_CAP);
    buf_add_char(&line, '\n');
    event_print(&sending->event, &line);
    buf_add_char(&line, '\n');
    struct journal_load *load = NEW(struct journal_load);
    load->path = xstrdup(settings->path);
    load->length = line.length;
    load->line = buf_take(&line);
    load->timeout_us = sending->sink->timeout_us;
    sending_by_errand(sending, work, load, load_free);
}

static void where(const struct sink *sink, struct buf *out)
{
    const struct journal_settings *settings = sink->settings;
    buf_add_text(out, strcmp(settings->path, "-") ? settings->path : "standard output");
}

const struct sink_kind journal_kind = {
    .name = "journal",
    .rules = rules,
    .settings_size = sizeof(struct journal_settings),
    .release = settings_release,
    .where = where,
    .send = send_line,
    .timeout_us = 10 * US_PER_SECOND,
};

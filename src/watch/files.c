/* SPDX-License-Identifier: Apache-2.0 */
/* See files.h. */
#include "watch/files.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

struct file_watch {
    struct loop *loop;
    int descriptor;
    struct watch *watch;
    struct timer quiet;
    void (*changed)(void *context);
    void *context;
};

/* What people write for us; a database or a log in the same directory is none of it. */
static bool is_ours(const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".csv"};
    struct view text = view_of(name);
    if (*name == '.') return false;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (view_ends_with(text, view_of(endings[i]))) return true;
    return false;
}

static void on_ready(void *context, int descriptor, int what)
{
    struct file_watch *watch = context;
    _Alignas(struct inotify_event) char events[4096];
    ssize_t length;
    (void)what;
    while ((length = read(descriptor, events, sizeof events)) > 0) {
        for (const char *at = events; at < events + length;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            if (event->len && is_ours(event->name))
                timer_set(&watch->quiet, loop_now_us(watch->loop) + FILE_WATCH_QUIET_US);
            at += sizeof(struct inotify_event) + event->len;
        }
    }
}

static void on_quiet(void *context)
{
    struct file_watch *watch = context;
    watch->changed(watch->context);
}

static bool open_descriptor(struct file_watch *watch)
{
    watch->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->descriptor < 0) return false;
    watch->watch = watch_new(watch->loop, watch->descriptor, on_ready, watch);
    watch_set(watch->watch, WATCH_READ);
    return true;
}

static void close_descriptor(struct file_watch *watch)
{
    if (watch->descriptor < 0) return;
    watch_free(watch->watch);
    close(watch->descriptor);
    watch->descriptor = -1;
}

struct file_watch *file_watch_new(struct loop *loop, void (*changed)(void *context), void *context)
{
    struct file_watch *watch = NEW(struct file_watch);
    watch->loop = loop;
    watch->changed = changed;
    watch->context = context;
    timer_init(&watch->quiet, loop, on_quiet, watch);
    if (open_descriptor(watch)) return watch;
    free(watch);
    return NULL;
}

void file_watch_set(struct file_watch *watch, const struct path_list *paths)
{
    const uint32_t mask = IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE;
    close_descriptor(watch);
    if (!open_descriptor(watch)) return;
    for (size_t i = 0; i < paths->count; i++) {
        AUTO_FREE char *directory = file_is_directory(paths->items[i])
                                        ? xstrdup(paths->items[i])
                                        : path_directory(paths->items[i]);
        (void)inotify_add_watch(watch->descriptor, directory, mask);
    }
}

void file_watch_free(struct file_watch *watch)
{
    if (!watch) return;
    timer_cancel(&watch->quiet);
    close_descriptor(watch);
    free(watch);
}

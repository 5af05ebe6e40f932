/* SPDX-License-Identifier: Apache-2.0 */
/* See files.h. */
#include "watch/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* What counts in a directory, besides the names that were asked for. */
enum interest { IN_NAMES = 0, IN_FILES = 1, IN_DIRECTORIES = 2 };

struct looked_at {
    int id; /* inotify's */
    unsigned interest;
};

struct file_watch {
    struct loop *loop;
    int descriptor;
    struct watch *watch;
    struct timer quiet;
    void (*changed)(void *context);
    void *context;
    struct path_list names; /* of what was asked for, without directories */
    VEC(struct looked_at) directories;
};

static struct looked_at *find_directory(struct file_watch *watch, int id)
{
    vec_each(directory, &watch->directories) {
        if (directory->id == id) return directory;
    }
    return NULL;
}

/* What people write for us, or turn to another place; a database or a log in the same directory is
 * none of it. Kubernetes turns "..data". */
static bool is_ours(struct file_watch *watch, const struct inotify_event *event)
{
    static const char *const endings[] = {".yaml", ".yml", ".csv"};
    const struct looked_at *directory = find_directory(watch, event->wd);
    struct view text = view_of(event->name);
    if (!directory) return false;
    if (view_is(text, "..data")) return true;
    vec_each(name, &watch->names) {
        if (view_is(text, *name)) return true;
    }
    if (*event->name == '.') return false;
    if (event->mask & IN_ISDIR) return directory->interest & IN_DIRECTORIES;
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (view_ends_with(text, view_of(endings[i]))) return directory->interest & IN_FILES;
    return false;
}

static void take_events(struct file_watch *watch)
{
    _Alignas(struct inotify_event) char events[4096];
    ssize_t length;
    if (watch->descriptor < 0) return;
    while ((length = read(watch->descriptor, events, sizeof events)) > 0) {
        for (const char *at = events; at < events + length;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            if (event->mask & IN_Q_OVERFLOW || (event->len && is_ours(watch, event)))
                timer_set(&watch->quiet, loop_now_us(watch->loop) + FILE_WATCH_QUIET_US);
            at += sizeof(struct inotify_event) + event->len;
        }
    }
}

static void on_ready(void *context, int descriptor, int what)
{
    (void)descriptor;
    (void)what;
    take_events(context);
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

static bool look_at(struct file_watch *watch, const char *path, unsigned interest,
                    struct error *error)
{
    const uint32_t mask = IN_CLOSE_WRITE | IN_MOVE | IN_CREATE | IN_DELETE;
    int id = inotify_add_watch(watch->descriptor, path, mask);
    if (id < 0 && (errno == ENOENT || errno == ENOTDIR)) return true;
    if (id < 0) return error_set(error, "changes in %s are not noticed: %s", path, strerror(errno));
    struct looked_at *directory = find_directory(watch, id);
    if (!directory) {
        directory = vec_add(&watch->directories);
        *directory = (struct looked_at){.id = id};
    }
    directory->interest |= interest;
    return true;
}

#define DEEPEST 16 /* as journeys are looked for */

static bool look_below(struct file_watch *watch, const char *directory, int depth,
                       struct error *error)
{
    bool good = look_at(watch, directory, IN_FILES | IN_DIRECTORIES, error);
    DIR *stream = good && depth < DEEPEST ? opendir(directory) : NULL;
    for (struct dirent *entry; good && stream && (entry = readdir(stream));) {
        if (*entry->d_name == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        AUTO_FREE char *path = path_join(directory, entry->d_name);
        if (file_is_directory(path)) good = look_below(watch, path, depth + 1, error);
    }
    if (stream) closedir(stream);
    return good;
}

static void forget_paths(struct file_watch *watch)
{
    path_list_release(&watch->names);
    watch->names = (struct path_list){0};
    vec_release(&watch->directories);
}

bool file_watch_set(struct file_watch *watch, const struct path_list *paths, struct error *error)
{
    bool good = true;
    take_events(watch); /* nothing that was noticed is lost */
    close_descriptor(watch);
    forget_paths(watch);
    if (!open_descriptor(watch))
        return error_set(error, "changes of files are not noticed: %s", strerror(errno));
    for (size_t i = 0; i < paths->count && good; i++) {
        const char *path = paths->items[i], *slash = strrchr(path, '/');
        AUTO_FREE char *directory = path_directory(path);
        vec_push(&watch->names, xstrdup(slash ? slash + 1 : path));
        bool deep = file_is_directory(path);
        good = look_at(watch, directory, deep ? IN_NAMES : IN_FILES, error);
        if (good && deep) good = look_below(watch, path, 0, error);
    }
    return good;
}

void file_watch_free(struct file_watch *watch)
{
    if (!watch) return;
    timer_cancel(&watch->quiet);
    close_descriptor(watch);
    forget_paths(watch);
    free(watch);
}

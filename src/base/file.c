/* SPDX-License-Identifier: Apache-2.0 */
/* See file.h. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX 10000
#define LIST_MAX_DEPTH 16

static void close_descriptor(const int *descriptor)
{
    if (*descriptor > STDERR_FILENO) close(*descriptor);
}
#define AUTO_CLOSE __attribute__((cleanup(close_descriptor))) int

bool file_read(const char *path, struct buf *out, struct error *error)
{
    bool standard_input = !strcmp(path, "-");
    AUTO_CLOSE descriptor =
        standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status))
        return error_set(error, "cannot read %s: %s", path, strerror(errno));
    if (!standard_input && !S_ISREG(status.st_mode))
        return error_set(error, "cannot read %s: it is no regular file", path);
    char bytes[16384];
    for (;;) {
        ssize_t got = read(descriptor, bytes, sizeof(bytes));
        if (got == 0) return true;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_set(error, "cannot read %s: %s", path, strerror(errno));
        if (!buf_add(out, bytes, (size_t)got)) {
            return error_set(error, "cannot read %s: it is larger than %zu bytes", path, out->cap);
        }
    }
}

static bool write_all(int descriptor, struct view bytes)
{
    while (bytes.length) {
        ssize_t written = write(descriptor, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = view_from(bytes, (size_t)written);
    }
    return true;
}

/* What nothing may be renamed over: devices, pipes, links that lead nowhere yet. */
static bool wants_writing_into(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0) return !S_ISREG(status.st_mode);
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static bool write_into(const char *path, struct view bytes, uint32_t mode, struct error *error)
{
    AUTO_CLOSE descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, (mode_t)mode);
    if (descriptor >= 0 && write_all(descriptor, bytes)) return true;
    return error_set(error, "cannot write %s: %s", path, strerror(errno));
}

static bool write_over(const char *path, struct view bytes, uint32_t mode, struct error *error)
{
    AUTO_FREE char *target = realpath(path, NULL); /* a link stays one */
    if (!target) target = xstrdup(path);
    AUTO_FREE char *beside = xasprintf("%s.XXXXXX", target);
    AUTO_CLOSE descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0) return error_set(error, "cannot write %s: %s", path, strerror(errno));
    bool written = write_all(descriptor, bytes) && fchmod(descriptor, (mode_t)mode) == 0 &&
                   fsync(descriptor) == 0 && rename(beside, target) == 0;
    if (written) return true;
    error_set(error, "cannot write %s: %s", path, strerror(errno));
    unlink(beside);
    return false;
}

bool file_write(const char *path, struct view bytes, uint32_t mode, struct error *error)
{
    return wants_writing_into(path) ? write_into(path, bytes, mode, error)
                                    : write_over(path, bytes, mode, error);
}

bool file_write_new(const char *path, struct view bytes, uint32_t mode, struct error *error)
{
    AUTO_CLOSE descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (descriptor < 0) return error_set(error, "cannot write %s: %s", path, strerror(errno));
    if (write_all(descriptor, bytes)) return true;
    error_set(error, "cannot write %s: %s", path, strerror(errno));
    unlink(path);
    return false;
}

bool file_can_be_written(const char *path, struct error *error)
{
    AUTO_FREE char *directory = path_directory(path);
    if (!*path) return error_set(error, "cannot write a file without a name");
    if (file_is_directory(path))
        return error_set(error, "cannot write %s: it is a directory", path);
    const char *asked = wants_writing_into(path) ? path : directory;
    if (access(asked, W_OK) == 0 || (asked == path && errno == ENOENT)) return true;
    return error_set(error, "cannot write %s: %s", path, strerror(errno));
}

bool file_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void file_reserve_standard(void)
{
    int descriptor; /* the lowest one that is free */
    do descriptor = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0) close(descriptor);
}

bool file_make_directory(const char *path, struct error *error)
{
    AUTO_FREE char *partial = xstrdup(path);
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0700) && errno != EEXIST) break;
        *slash = '/';
    }
    if (mkdir(path, 0700) == 0 || file_is_directory(path)) return true;
    return error_set(error, "cannot make the directory %s: %s", path, strerror(errno));
}

/* --- Listing */

static bool has_suffix(const char *name, const char *const *suffixes)
{
    for (; *suffixes; suffixes++) {
        if (view_ends_with(view_of(name), view_of(*suffixes))) return true;
    }
    return false;
}

static bool list_into(const char *directory, const char *const *suffixes, int depth,
                      struct path_list *paths, struct error *error)
{
    if (depth > LIST_MAX_DEPTH)
        return error_set(error, "cannot list %s: it is more than %d directories deep", directory,
                         LIST_MAX_DEPTH);
    DIR *stream = opendir(directory);
    if (!stream) return error_set(error, "cannot list %s: %s", directory, strerror(errno));
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        char *path = path_join(directory, entry->d_name);
        struct stat status;
        if (lstat(path, &status)) status.st_mode = 0; /* gone meanwhile */
        if (S_ISDIR(status.st_mode)) {
            good = list_into(path, suffixes, depth + 1, paths, error);
        } else if (S_ISREG(status.st_mode) && has_suffix(entry->d_name, suffixes)) {
            good = paths->count < LIST_MAX ||
                   error_set(error, "cannot list %s: with it there are more than %d files",
                             directory, LIST_MAX);
            if (good) vec_push(paths, take(path));
        }
        free(path);
    }
    closedir(stream);
    return good;
}

static int compare_paths(const void *a, const void *b)
{
    const char *left = NULL, *right = NULL;
    memcpy(&left, a, sizeof(left));
    memcpy(&right, b, sizeof(right));
    return strcmp(left, right);
}

bool file_list(const char *directory, const char *const *suffixes, struct path_list *ret_paths,
               struct error *error)
{
    struct path_list paths = {0};
    if (!list_into(directory, suffixes, 0, &paths, error)) {
        path_list_release(&paths);
        return false;
    }
    if (paths.count) qsort(paths.items, paths.count, sizeof(*paths.items), compare_paths);
    *ret_paths = paths;
    return true;
}

void path_list_release(struct path_list *paths)
{
    vec_each(path, paths) free(*path);
    vec_release(paths);
}

/* --- Paths */

char *path_join(const char *directory, const char *name)
{
    if (name[0] == '/' || !strcmp(directory, ".")) return xstrdup(name);
    size_t length = strlen(directory);
    bool slash = length && directory[length - 1] == '/';
    return xasprintf("%s%s%s", directory, slash ? "" : "/", name);
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return xstrdup(".");
    return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

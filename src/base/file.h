/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files and paths. Nothing here is called while the loop runs but for evidence at the end. */
#ifndef SHOPPER_BASE_FILE_H
#define SHOPPER_BASE_FILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

/* Reads a whole regular file (or standard input for "-"), up to out->cap bytes. */
bool file_read(const char *path, struct buf *out, struct error *error) MUST_CHECK;
/* Writes beside and renames over, so that a reader sees the old or the new whole; a link goes on
 * leading there. What is no regular file (a device, a pipe) is written into. `mode` as open(2). */
bool file_write(const char *path, struct view bytes, uint32_t mode, struct error *error) MUST_CHECK;
/* Where nothing is yet. It does not wait for the disk: for use while the loop runs. */
bool file_write_new(const char *path, struct view bytes, uint32_t mode,
                    struct error *error) MUST_CHECK;
/* Whether file_write has a chance, before there is anything to be written. */
bool file_can_be_written(const char *path, struct error *error) MUST_CHECK;
bool file_make_directory(const char *path,
                         struct error *error) MUST_CHECK; /* with its parents, 0700 */
bool file_is_directory(const char *path);
/* For the start of a program: where standard input, output or error is closed, something is opened
 * that neither gives nor takes. Else the next file or socket would be in its place, and what people
 * are told would go there. */
void file_reserve_standard(void);

struct path_list {
    char **items;
    size_t count, capacity; /* a VEC of owned paths */
};
/* Paths of regular files in a directory, recursively, whose name ends with one of the
 * NULL-terminated `suffixes`; sorted by bytes; hidden names and links that leave the directory are
 * passed over; at most 10,000 files and 16 levels. */
bool file_list(const char *directory, const char *const *suffixes, struct path_list *ret_paths,
               struct error *error) MUST_CHECK;
void path_list_release(struct path_list *paths);

/* "dir" + "name" gives "dir/name"; an absolute name stays as it is. The caller frees. */
char *path_join(const char *directory, const char *name) MUST_CHECK;
char *path_directory(const char *path) MUST_CHECK; /* "." for a bare name */

#endif

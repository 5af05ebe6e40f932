/* SPDX-License-Identifier: Apache-2.0 */
/* Notices when files or the contents of directories change (inotify), and says so once they have
 * been quiet for a moment: an editor writes a file in several steps. */
#ifndef SHOPPER_WATCH_FILES_H
#define SHOPPER_WATCH_FILES_H

#include "base/file.h"
#include "loop/loop.h"

struct file_watch;

#define FILE_WATCH_QUIET_US (300 * US_PER_MS)

/* NULL: the kernel has no watch left; then only a signal reloads. */
struct file_watch *file_watch_new(struct loop *loop, void (*changed)(void *context),
                                  void *context) MUST_CHECK;
/* From now on these; those that are not there are passed over. A file is watched through its
 * directory, since editors replace files; a directory with all below it, and as a name in its own,
 * since links are turned to another release. False: not all of it can be watched; error says why.
 */
bool file_watch_set(struct file_watch *watch, const struct path_list *paths,
                    struct error *error) MUST_CHECK;
void file_watch_free(struct file_watch *watch);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* See child.h. The input lies in a memory file, so nothing has to be fed; the end shows on a pidfd.
 */
#include "loop/child.h"

#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
    pid_t process;
    int descriptor; /* a pidfd */
    struct watch *watch;
    struct timer timeout;
    bool too_slow;
    void (*done)(void *context, enum child_end end, int number);
    void *context;
};

static void child_free(struct child *child)
{
    timer_cancel(&child->timeout);
    watch_free(child->watch);
    close(child->descriptor);
    free(child);
}

static void on_end(void *context, int descriptor, int what)
{
    struct child *child = context;
    int status = 0;
    (void)descriptor;
    (void)what;
    pid_t ended = waitpid(child->process, &status, WNOHANG);
    if (!ended || (ended < 0 && errno == EINTR)) return;
    if (ended < 0) status = SIGKILL; /* somebody else took its end: nobody knows how it went */
    enum child_end end = child->too_slow       ? CHILD_TOO_SLOW
                         : WIFSIGNALED(status) ? CHILD_KILLED
                                               : CHILD_EXITED;
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    void (*done)(void *, enum child_end, int) = child->done;
    void *whose = child->context;
    child_free(child);
    done(whose, end, number);
}

static void on_timeout(void *context)
{
    struct child *child = context;
    child->too_slow = true;
    kill(-child->process, SIGKILL);
}

static int input_file(struct view input)
{
    int descriptor = memfd_create("event", MFD_CLOEXEC);
    if (descriptor < 0) return -1;
    for (size_t at = 0; at < input.length;) {
        ssize_t written = write(descriptor, input.data + at, input.length - at);
        if (written <= 0) {
            close(descriptor);
            return -1;
        }
        at += (size_t)written;
    }
    lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

static int spawn(const struct child_options *options, int input, pid_t *ret_process)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(ret_process, options->arguments[0], &files, &attributes,
                             options->arguments, options->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

struct child *child_start(struct loop *loop, const struct child_options *options,
                          void (*done)(void *context, enum child_end end, int number),
                          void *context, struct error *error)
{
    pid_t process;
    int input = input_file(options->input);
    if (input < 0) {
        error_set(error, "no room for its input: %s", strerror(errno));
        return NULL;
    }
    int failed = spawn(options, input, &process);
    close(input);
    if (failed) {
        error_set(error, "cannot start %s: %s", options->arguments[0], strerror(failed));
        return NULL;
    }
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (descriptor < 0) { /* no descriptor is free */
        error_set(error, "cannot watch %s: %s", options->arguments[0], strerror(errno));
        kill(-process, SIGKILL);
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR) continue;
        return NULL;
    }
    struct child *child = NEW(struct child);
    child->process = process;
    child->descriptor = descriptor;
    child->done = done;
    child->context = context;
    timer_init(&child->timeout, loop, on_timeout, child);
    timer_set(&child->timeout, loop_now_us(loop) + options->timeout_us);
    child->watch = watch_new(loop, child->descriptor, on_end, child);
    watch_set(child->watch, WATCH_READ);
    return child;
}

void child_kill(struct child *child)
{
    if (!child) return;
    kill(-child->process, SIGKILL);
    while (waitpid(child->process, NULL, 0) < 0 && errno == EINTR) continue;
    child_free(child);
}

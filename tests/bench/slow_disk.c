/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that stalls, to be preloaded (LD_PRELOAD): while the file that $SLOW_DISK names is there,
 * fsync and fdatasync sleep for two seconds before they sync, and add a line to that file.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STALL_S = 2 };

int fsync(int descriptor);
int fdatasync(int descriptor);

static void stall(void)
{
    const char *path = getenv("SLOW_DISK");
    int mark = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
    if (mark < 0) return;
    if (write(mark, "stalled\n", 8) < 0) abort();
    close(mark);
    sleep(STALL_S);
}

int fsync(int descriptor)
{
    stall();
    return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor)
{
    stall();
    return (int)syscall(SYS_fdatasync, descriptor);
}

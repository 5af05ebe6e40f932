/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program spent from start to exit, it and all whom it started, even those who left it for a
 * life of their own: "CPU-MS WALL-MS PEAK-KB", the peak being that of the biggest process. Exits as
 * the program did. It is this small because a process inherits the peak of the one that started it:
 * a shell or an interpreter would hide what lies below its own.
 *
 *   bench-spent FILE PROGRAM ARGUMENT...
 */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct spent {
    double cpu_ms, wall_ms;
    long peak_kb;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double to_ms(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* Waits until nobody is left. The program's own end is what a user waits for. */
static int wait_for_all(pid_t program, struct spent *ret_spent)
{
    const double began = now_ms();
    int code = 1;
    for (;;) {
        struct rusage used;
        int status = 0;
        pid_t who = wait4(-1, &status, 0, &used);
        if (who < 0 && errno == EINTR) continue;
        if (who < 0) return code;
        ret_spent->cpu_ms += to_ms(used.ru_utime) + to_ms(used.ru_stime);
        if (used.ru_maxrss > ret_spent->peak_kb) ret_spent->peak_kb = used.ru_maxrss;
        if (who != program) continue;
        ret_spent->wall_ms = now_ms() - began;
        code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: bench-spent FILE PROGRAM ARGUMENT...\n", stderr);
        return 2;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    pid_t program = fork();
    if (program == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (program < 0) return 2;
    struct spent spent = {0};
    int code = wait_for_all(program, &spent);
    FILE *file = fopen(argv[1], "w");
    if (!file) return 2;
    fprintf(file, "%.3f %.3f %ld\n", spent.cpu_ms, spent.wall_ms, spent.peak_kb);
    return fclose(file) ? 2 : code;
}

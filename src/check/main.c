/* SPDX-License-Identifier: Apache-2.0 */
/* check_shopper: see check.h. Whatever happens, one line on standard output and a plugin's exit
 * code; also where a file or a disk holds it up for longer than -t. */
#include "check/check.h"

#include "base/clock.h"
#include "base/file.h"
#include "text/quantity.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GRACE_US US_PER_SECOND /* a walk minds -t itself; what reads a store cannot */

static void print_line(enum nagios_state state, const char *what, struct buf *out)
{
    struct nagios_output output;
    nagios_init(&output);
    output.state = state;
    buf_add_text(&output.text, what);
    nagios_print(&output, out);
    nagios_release(&output);
}

static int say_unknown(const char *what)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    print_line(NAGIOS_UNKNOWN, what, &text);
    fputs(buf_text(&text), stdout);
    return NAGIOS_UNKNOWN;
}

/* --- The alarm: for when nothing else can end it */

struct last_words {
    struct buf line;
    int code;
    timer_t timer;
    bool set;
};

static void on_alarm(int number, siginfo_t *info, void *context)
{
    const struct last_words *words = info->si_value.sival_ptr;
    (void)number;
    (void)context;
    if (info->si_code != SI_TIMER) return; /* somebody's kill -ALRM */
    (void)!write(STDOUT_FILENO, words->line.data, words->line.length);
    _exit(words->code);
}

static void alarm_set(const struct check_settings *settings, struct last_words *words)
{
    struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    int64_t after_us = settings->timeout_us + (settings->file ? GRACE_US : 0);
    const struct itimerspec when = {.it_value = {.tv_sec = (time_t)(after_us / US_PER_SECOND),
                                                 .tv_nsec = after_us % US_PER_SECOND * 1000}};
    AUTO_BUF what = BUF_INIT(BUF_OWN_CAP);
    sigset_t signals;
    buf_add_text(&what, "timed out after ");
    quantity_print_duration(settings->timeout_us, &what);
    buf_add_text(&what, settings->file ? "" : ": the store does not answer");
    *words =
        (struct last_words){.line = BUF_INIT(BUF_OWN_CAP), .code = (int)settings->timeout_state};
    print_line(settings->timeout_state, buf_text(&what), &words->line);
    event.sigev_value.sival_ptr = words;
    sigemptyset(&action.sa_mask);
    sigemptyset(&signals);
    sigaddset(&signals, SIGALRM);
    words->set = sigaction(SIGALRM, &action, NULL) == 0 &&
                 sigprocmask(SIG_UNBLOCK, &signals, NULL) == 0 &&
                 timer_create(CLOCK_MONOTONIC, &event, &words->timer) == 0 &&
                 timer_settime(words->timer, 0, &when, NULL) == 0;
}

static void alarm_release(struct last_words *words)
{
    if (words->set) timer_delete(words->timer);
    buf_release(&words->line);
}

/* --- */

/* The module is looked for where this program's run path says. It stays loaded until the end. */
static bool see(struct check_settings *settings, struct check_answer *answer, struct error *error)
{
    AUTO_FREE char *file = xasprintf(CHECK_MODULE, settings->file ? "walk" : "state");
    void *module = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    void *symbol = module ? dlsym(module, CHECK_FUNCTION) : NULL;
    check_function *function = NULL;
    if (!symbol) return error_set(error, "cannot load a part of this program: %s", dlerror());
    memcpy(&function, &symbol, sizeof(symbol)); /* as POSIX has it; ISO C does not */
    return function(settings, answer, error);
}

static int check(struct check_settings *settings)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    struct check_answer answer;
    struct last_words words;
    check_answer_init(&answer);
    alarm_set(settings, &words);
    bool good = see(settings, &answer, &error);
    alarm_release(&words);
    int code = NAGIOS_UNKNOWN;
    if (good) {
        check_conclude(&answer);
        nagios_print(&answer.output, &text);
        fputs(buf_text(&text), stdout);
        code = (int)answer.output.state;
    } else {
        say_unknown(error_text(&error));
    }
    check_answer_release(&answer);
    return code;
}

static int say_help(void)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    options_help(&command_check, &text);
    fputs(buf_text(&text), stdout);
    return NAGIOS_UNKNOWN; /* as the guidelines have it */
}

int main(int argc, char **argv)
{
    file_reserve_standard();
    AUTO_ERROR error = ERROR_NONE;
    struct check_settings settings;
    if (options_want_help(&command_check, argc, argv)) return say_help();
    int code = NAGIOS_UNKNOWN;
    if (!check_settings_read(argc, argv, &settings, &error))
        say_unknown(error_text(&error));
    else if (settings.version)
        puts("check_shopper " SHOPPER_VERSION);
    else
        code = check(&settings);
    check_settings_release(&settings);
    return fflush(stdout) == 0 ? code : NAGIOS_UNKNOWN;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* check_shopper: see check.h. Whatever happens, one line on standard output and a plugin's exit
 * code. */
#include "check/check.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int say_unknown(const char *what)
{
    AUTO_BUF text = BUF_INIT(BUF_OWN_CAP);
    struct nagios_output output;
    nagios_init(&output);
    output.state = NAGIOS_UNKNOWN;
    buf_add_text(&output.text, what);
    nagios_print(&output, &text);
    nagios_release(&output);
    fputs(buf_text(&text), stdout);
    return NAGIOS_UNKNOWN;
}

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
    check_answer_init(&answer);
    bool good = see(settings, &answer, &error);
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
    AUTO_ERROR error = ERROR_NONE;
    struct check_settings settings;
    if (options_want_help(argc, argv)) return say_help();
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

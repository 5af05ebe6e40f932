/* SPDX-License-Identifier: Apache-2.0 */
/* See run_settings.h. */
#include "app/run_settings.h"

#include "base/codec.h"
#include "base/file.h"
#include "base/vec.h"
#include "http/url.h"
#include "text/quantity.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct run_settings, name)

const struct option_row run_options_table[] = {
    {"persona", 'p', "NAME", OPTION_LIST, FIELD(personas), "only as this persona; repeatable"},
    {"personas", 0, "FILE", OPTION_TEXT, FIELD(personas_file),
     "personas of your own, beside the built-in ones"},
    {"stage", 's', "STAGE", OPTION_LIST, FIELD(stages),
     "only journeys that have this stage; repeatable"},
    {"var", 0, "NAME=VALUE", OPTION_LIST, FIELD(set), "set a variable; repeatable"},
    {"base", 'b', "URL", OPTION_TEXT, FIELD(base), "the shop, instead of the journey's base"},
    {"repeat", 'n', "N", OPTION_NUMBER, FIELD(repeat), "walk each journey N times"},
    {"parallel", 'j', "N", OPTION_NUMBER, FIELD(parallel),
     "at most N shoppers at once (default: all)"},
    {"deadline", 'd', "TIME", OPTION_DURATION, FIELD(deadline_us),
     "of a run, instead of the journey's"},
    {"report", 'r', "FORMAT[:FILE]", OPTION_LIST, FIELD(reports),
     "text, json, junit, tap or har; repeatable; no FILE, or -: standard output"},
    {"evidence", 'e', "DIRECTORY", OPTION_TEXT, FIELD(evidence),
     "write a HAR file for each failed run there"},
    {"cacert", 0, "FILE", OPTION_TEXT, FIELD(ca_file),
     "trust these certificates instead of the system's"},
    {"crl", 0, "FILE", OPTION_TEXT, FIELD(crl_file),
     "refuse the certificates that these lists revoke"},
    {"cert", 0, "FILE", OPTION_TEXT, FIELD(certificate), "show this client certificate (PEM)"},
    {"key", 0, "FILE", OPTION_TEXT, FIELD(private_key),
     "the client certificate's private key (PEM, without a passphrase)"},
    {"insecure", 'k', NULL, OPTION_FLAG, FIELD(insecure),
     "verify no certificate: a stolen session would pass unseen"},
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_LIST, FIELD(resolve),
     "look this name up here; repeatable"},
    {"strict", 0, NULL, OPTION_FLAG, FIELD(strict), "degraded is a failure, too"},
    {"verbose", 'v', NULL, OPTION_COUNTER, FIELD(verbosity),
     "say more; -vv phases, -vvv headers and the engine's log"},
    {"quiet", 'q', NULL, OPTION_FLAG, FIELD(quiet), "say nothing of what passed"},
    {"no-color", 0, NULL, OPTION_FLAG, FIELD(no_color), "no colours (also: NO_COLOR)"},
    {0},
};

/* --- Reports */

bool report_wish(const char *wish, enum report_format *ret_format, const char **ret_file,
                 struct error *error)
{
    const char *colon = strchr(wish, ':');
    AUTO_FREE char *word = colon ? xstrndup(wish, (size_t)(colon - wish)) : xstrdup(wish);
    *ret_file = colon && strcmp(colon, ":-") != 0 ? colon + 1 : NULL;
    if (report_format_find(word, ret_format)) return true;
    return error_set(error, "there is no report format '%s': text, json, junit, tap or har", word);
}

/* The latter would take the former's place. */
static bool has_file_twice(const struct text_list *reports, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(reports->items[i], ':');
        if (colon && !strcmp(colon + 1, file)) return true;
    }
    return false;
}

static bool reports_are_good(struct run_settings *settings, struct error *error)
{
    const struct text_list *reports = &settings->reports;
    for (size_t i = 0; i < reports->count; i++) {
        enum report_format format;
        const char *file = NULL;
        if (!report_wish(reports->items[i], &format, &file, error)) return false;
        if (format == REPORT_HAR) settings->wants_har = true;
        if (format == REPORT_TEXT) settings->wants_text = true;
        if (file && !file_can_be_written(file, error)) return false;
        if (file && has_file_twice(reports, i, file))
            return error_set(error, "two reports cannot share the file %s", file);
        if (!file && settings->to_output)
            return error_set(error, "two reports cannot share standard output: give one a FILE");
        if (!file) settings->to_output = true;
    }
    return true;
}

/* --- Good or not */

static bool pem_is_good(const char *option, const char *file, struct error *error)
{
    AUTO_BUF text = BUF_INIT((size_t)64 << 20);
    if (!file) return true;
    if (!file_read(file, &text, error)) return error_wrap(error, "--%s", option);
    if (view_find(buf_view(&text), VIEW_LITERAL("-----BEGIN ")) != SIZE_MAX) return true;
    return error_set(error, "--%s: %s is no PEM file", option, file);
}

static bool is_address(struct view text)
{
    char bytes[sizeof(struct in6_addr)];
    if (text.length > 2 && text.data[0] == '[' && text.data[text.length - 1] == ']')
        text = view_slice(text, 1, text.length - 2);
    AUTO_FREE char *address = xstrndup(text.data, text.length);
    return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

/* HOST:PORT:ADDRESS; of addresses there may be several, with commas between. */
static bool resolve_is_good(const char *text, struct error *error)
{
    struct view rest = view_of(text), host = VIEW_NONE, port = VIEW_NONE, address = VIEW_NONE;
    (void)view_split(&rest, ':', &host);
    (void)view_split(&rest, ':', &port);
    bool good = host.length && port.length && rest.length &&
                strspn(port.data, "0123456789") == port.length && port.length <= 5 &&
                strtol(port.data, NULL, 10) <= UINT16_MAX;
    while (good && view_split(&rest, ',', &address)) good = is_address(address);
    return good || error_set(error, "--resolve: '%s' is not HOST:PORT:ADDRESS", text);
}

/* What curl would notice only when it connects. */
bool run_settings_are_good(struct run_settings *settings, struct error *error)
{
    struct url base = {0};
    if (settings->base && !url_resolve(NULL, settings->base, &base, error))
        return error_wrap(error, "--base");
    url_release(&base);
    for (size_t i = 0; i < settings->resolve.count; i++)
        if (!resolve_is_good(settings->resolve.items[i], error)) return false;
    if (!settings->deadline_us) return error_set(error, "--deadline: a run needs some time");
    if (settings->deadline_us < 0) settings->deadline_us = 0;
    return set_values_are_good(&settings->set, error) && reports_are_good(settings, error) &&
           pem_is_good("cacert", settings->ca_file, error) &&
           pem_is_good("crl", settings->crl_file, error) &&
           pem_is_good("cert", settings->certificate, error) &&
           pem_is_good("key", settings->private_key, error);
}

/* --- The same again */

static void add_option(struct buf *out, const char *name, const char *value)
{
    if (!value) return;
    buf_addf(out, " --%s ", name);
    codec_add_shell(out, view_of(value));
}

void run_settings_write_again(const struct run_settings *settings, struct buf *out)
{
    AUTO_BUF deadline = BUF_INIT(BUF_OWN_CAP);
    if (settings->deadline_us) quantity_write_duration(settings->deadline_us, &deadline);
    buf_add_text(out, "shopper run");
    add_option(out, "base", settings->base);
    vec_each(value, &settings->set) add_option(out, "var", *value);
    add_option(out, "personas", settings->personas_file);
    add_option(out, "deadline", settings->deadline_us ? buf_text(&deadline) : NULL);
    vec_each(address, &settings->resolve) add_option(out, "resolve", *address);
    add_option(out, "cacert", settings->ca_file);
    add_option(out, "crl", settings->crl_file);
    add_option(out, "cert", settings->certificate);
    add_option(out, "key", settings->private_key);
    if (settings->insecure) buf_add_text(out, " --insecure");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* See secrets.h. */
#include "run/secrets.h"

#include "base/file.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_secret_file(const char *path, struct buf *out, struct error *error)
{
    if (!file_read(path, out, error)) return false;
    if (out->length && out->data[out->length - 1] == '\n') buf_truncate(out, out->length - 1);
    if (out->length && out->data[out->length - 1] == '\r') buf_truncate(out, out->length - 1);
    return true;
}

static bool read_any(const struct secret_spec *spec, const char *beside, struct buf *out,
                     struct error *error)
{
    switch (spec->kind) {
    case SECRET_ENVIRONMENT: {
        const char *text = getenv(spec->from);
        if (!text) return error_set(error, "the environment variable %s is not set", spec->from);
        return buf_add_text(out, text) || error_set(error, "%s is too long", spec->from);
    }
    case SECRET_FILE: {
        AUTO_FREE char *directory = path_directory(beside);
        AUTO_FREE char *path = path_join(directory, spec->from);
        return read_secret_file(path, out, error);
    }
    case SECRET_CREDENTIAL: {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        if (!directory) return error_set(error, "there is no $CREDENTIALS_DIRECTORY");
        AUTO_FREE char *path = path_join(directory, spec->from);
        return read_secret_file(path, out, error);
    }
    }
    return false;
}

/* Nobody means to send an empty password: it would be told as the shop's failure. */
bool secret_read(const struct secret_spec *spec, const char *beside, struct buf *out,
                 struct error *error)
{
    size_t length = out->length;
    return read_any(spec, beside, out, error) &&
           (out->length > length || error_set(error, "%s is empty", spec->from));
}

static void make_known(struct redactor *redactor, const char *name, struct view value,
                       struct place place, struct diags *diags)
{
    if (redactor_add(redactor, name, value)) return;
    diag_warning(diags, DIAG_BAD_VALUE, place,
                 "'%s' is shorter than %d bytes, so reports do not hide it", name, REDACT_MINIMUM);
}

static bool resolve_secret(const struct journey *journey, const struct secret_spec *spec,
                           const char *prefix, struct redactor *redactor, struct buf *out,
                           struct diags *diags)
{
    AUTO_ERROR error = ERROR_NONE;
    if (!secret_read(spec, journey->path, out, &error)) {
        diag_error(diags, DIAG_UNREADABLE, spec->place, "the secret '%s' cannot be had: %s",
                   spec->name, error_text(&error));
        return false;
    }
    AUTO_FREE char *name = xjoin(prefix, ".", spec->name, NULL);
    make_known(redactor, name, buf_view(out), spec->place, diags);
    return true;
}

static bool resolve_environment(const struct journey *journey, struct variables *variables,
                                struct diags *diags)
{
    bool good = true;
    vec_each(wanted, &journey->environment) {
        const char *text = getenv(wanted->name);
        if (!text) {
            diag_error(diags, DIAG_UNSET_NAME, wanted->place,
                       "the environment variable %s is not set", wanted->name);
            good = false;
            continue;
        }
        AUTO_FREE char *name = xjoin("env.", wanted->name, NULL);
        variables_set_text(variables, name, text);
    }
    return good;
}

bool secrets_resolve(const struct journey *journey, struct variables *variables,
                     struct redactor *redactor, struct diags *diags)
{
    bool good = resolve_environment(journey, variables, diags);
    for (size_t i = 0; i < journey->secret_count; i++) {
        const struct secret_spec *spec = &journey->secrets[i];
        AUTO_BUF secret = BUF_INIT(SECRET_MAX_BYTES);
        if (!resolve_secret(journey, spec, "secret", redactor, &secret, diags)) {
            good = false;
            continue;
        }
        AUTO_FREE char *name = xjoin("secret.", spec->name, NULL);
        variables_set(variables, name, value_text(buf_view(&secret)));
        explicit_bzero(secret.data, secret.length);
    }
    for (size_t i = 0; i < journey->used_count; i++) {
        if (!secrets_resolve(journey->used[i], variables, redactor, diags)) good = false;
    }
    return good;
}

/* --- Accounts */

static void account_add(struct account *account, struct view name, struct view value)
{
    size_t count = account->field_count;
    account->fields = xrealloc(account->fields, (count + 1) * sizeof(*account->fields));
    account->fields[count].name = xstrndup(name.data, name.length);
    account->fields[count].value = xstrndup(value.data ? value.data : "", value.length);
    account->field_count++;
}

static void account_release(struct account *account)
{
    for (size_t i = 0; i < account->field_count; i++) {
        explicit_bzero(account->fields[i].value, strlen(account->fields[i].value));
        free(account->fields[i].name);
        free(account->fields[i].value);
    }
    free(account->fields);
}

void account_list_release(struct account_list *accounts)
{
    vec_each(account, accounts) account_release(account);
    vec_release(accounts);
}

/* --- CSV (RFC 4180), one line a record */

/* Of a quoted field, its quotes off. False: it has no end. */
static bool csv_quoted(struct view line, size_t *at, struct buf *out)
{
    for (size_t i = 1; i < line.length; i++) {
        bool quote = line.data[i] == '"', doubled = i + 1 < line.length && line.data[i + 1] == '"';
        *at = i + 1;
        if (quote && !doubled) return true;
        if (quote) i++;
        buf_add_char(out, line.data[i]);
    }
    return false;
}

/* One field off the line; after the last, rest->data is NULL. */
static bool csv_field(struct view *rest, size_t number, struct buf *out, struct error *error)
{
    struct view line = *rest;
    size_t i = 0;
    buf_clear(out);
    if (line.length && line.data[0] == '"') {
        if (!csv_quoted(line, &i, out))
            return error_set(error, "line %zu has a quote that nothing closes", number);
        if (i < line.length && line.data[i] != ',')
            return error_set(error, "line %zu has text behind a closing quote", number);
    } else {
        for (; i < line.length && line.data[i] != ','; i++) buf_add_char(out, line.data[i]);
    }
    *rest = i < line.length ? view_from(line, i + 1) : VIEW_NONE;
    return true;
}

static bool csv_names(struct view header, struct account *ret_names, struct error *error)
{
    AUTO_BUF name = BUF_INIT(SECRET_MAX_BYTES);
    if (view_find_char(header, ',') == SIZE_MAX && view_find_char(header, ';') != SIZE_MAX)
        return error_set(error, "its fields stand between ';', and not between ','");
    while (header.data) {
        if (!csv_field(&header, 1, &name, error)) return false;
        struct view trimmed = view_trim(buf_view(&name));
        if (!trimmed.length) return error_set(error, "its first line has a field without a name");
        for (size_t i = 0; i < ret_names->field_count; i++) {
            if (view_is(trimmed, ret_names->fields[i].name)) {
                return error_set(error, "its first line has the field %.*s twice",
                                 VIEW_PRINTF(trimmed));
            }
        }
        account_add(ret_names, trimmed, VIEW_NONE);
    }
    return true;
}

static bool csv_account(struct view line, size_t number, const struct account *names,
                        struct account *account, struct error *error)
{
    AUTO_BUF value = BUF_INIT(SECRET_MAX_BYTES);
    for (size_t i = 0; i < names->field_count; i++) {
        const char *name = names->fields[i].name;
        if (!line.data) return error_set(error, "line %zu has fewer fields than the first", number);
        if (!csv_field(&line, number, &value, error)) return false;
        account_add(account, view_of(name), buf_view(&value));
    }
    return !line.data || error_set(error, "line %zu has more fields than the first", number);
}

static bool csv_accounts(struct view text, struct account_list *accounts, struct error *error)
{
    struct view header = VIEW_NONE, line = VIEW_NONE;
    struct account names = {0};
    if (view_starts_with(text, VIEW_LITERAL("\xEF\xBB\xBF"))) text = view_from(text, 3);
    if (!view_split(&text, '\n', &header) || !view_trim(header).length)
        return error_set(error, "it is empty");
    bool good = csv_names(view_trim(header), &names, error);
    for (size_t number = 2; good && view_split(&text, '\n', &line); number++) {
        line = view_trim(line);
        if (!line.length) continue;
        good = csv_account(line, number, &names, vec_add(accounts), error);
    }
    account_release(&names);
    return good && (accounts->count || error_set(error, "it holds no account"));
}

static void make_accounts_known(const struct account_list *accounts, struct redactor *redactor,
                                struct place place, struct diags *diags)
{
    vec_each(account, accounts) {
        for (size_t i = 0; i < account->field_count; i++) {
            AUTO_FREE char *name = xjoin("account.", account->fields[i].name, NULL);
            make_known(redactor, name, view_of(account->fields[i].value), place, diags);
        }
    }
}

static char *accounts_path(const struct journey *journey)
{
    AUTO_FREE char *directory = path_directory(journey->path);
    return path_join(directory, journey->accounts.file);
}

static bool read_accounts(const struct journey *journey, struct account_list *accounts,
                          struct diags *diags)
{
    AUTO_FREE char *path = accounts_path(journey);
    AUTO_BUF text = BUF_INIT((size_t)4 << 20);
    AUTO_ERROR error = ERROR_NONE;
    bool good = file_read(path, &text, &error) && csv_accounts(buf_view(&text), accounts, &error);
    if (!good) {
        diag_error(diags, DIAG_UNREADABLE, journey->accounts.place,
                   "the accounts cannot be read from %s: %s", path, error_text(&error));
    }
    if (text.data) explicit_bzero(text.data, text.length);
    return good;
}

static bool file_accounts(const struct journey *journey, struct account_list *accounts,
                          struct redactor *redactor, struct diags *diags)
{
    bool good = read_accounts(journey, accounts, diags);
    make_accounts_known(accounts, redactor, journey->accounts.place, diags);
    return good;
}

/* The names are not listed: where the first line is missing they are somebody's password. */
static void say_missing(const struct journey *journey, const struct account *account,
                        const struct named_place *field, struct diags *diags)
{
    VEC(const char *) candidates = {0};
    for (size_t i = 0; i < account->field_count; i++)
        vec_push(&candidates, account->fields[i].name);
    vec_push(&candidates, NULL);
    diag_suggest(diag_error(diags, DIAG_UNSET_NAME, field->place,
                            "the first line of %s names no field '%s'", journey->accounts.file,
                            field->name),
                 view_of(field->name), candidates.items);
    vec_release(&candidates);
}

static bool account_has(const struct account *account, const char *name)
{
    for (size_t i = 0; i < account->field_count; i++) {
        if (!strcmp(account->fields[i].name, name)) return true;
    }
    return false;
}

bool accounts_have_fields(const struct journey *journey, const struct account_list *accounts,
                          struct diags *diags)
{
    bool good = true;
    vec_each(field, &journey->accounts.fields) {
        /* All have the fields of the first line. */
        if (!accounts->count || account_has(&accounts->items[0], field->name)) continue;
        say_missing(journey, &accounts->items[0], field, diags);
        good = false;
    }
    return good;
}

void accounts_check(const struct journey *journey, struct diags *diags)
{
    AUTO_FREE char *path = journey->accounts.file ? accounts_path(journey) : NULL;
    struct account_list accounts = {0};
    if (!path || access(path, R_OK)) return;
    if (read_accounts(journey, &accounts, diags))
        (void)!accounts_have_fields(journey, &accounts, diags);
    account_list_release(&accounts);
}

bool accounts_resolve(const struct journey *journey, struct account_list *ret_accounts,
                      struct redactor *redactor, struct diags *diags)
{
    if (journey->accounts.file) return file_accounts(journey, ret_accounts, redactor, diags);
    for (size_t i = 0; i < journey->accounts.count; i++) {
        const struct account_spec *spec = &journey->accounts.list[i];
        struct account *account = vec_add(ret_accounts);
        for (size_t k = 0; k < spec->field_count; k++) {
            AUTO_BUF value = BUF_INIT(SECRET_MAX_BYTES);
            if (!resolve_secret(journey, &spec->fields[k], "account", redactor, &value, diags)) {
                return false;
            }
            account->fields = xrealloc(account->fields, (k + 1) * sizeof(*account->fields));
            account->fields[k].name = xstrdup(spec->fields[k].name);
            account->fields[k].value = buf_take(&value);
            account->field_count++;
        }
    }
    return true;
}

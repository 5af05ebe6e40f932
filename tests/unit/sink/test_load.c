/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks as the configuration names them. */
#include "sink_test.h"

#include "base/file.h"

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* One line per diagnostic, and nothing of the hint. */
static void said(const struct sink_probe *probe, struct buf *out)
{
    for (size_t i = 0; i < probe->diags.count; i++)
        buf_addf(out, "%s: %s\n", probe->diags.items[i].level == DIAG_ERROR ? "error" : "warning",
                 probe->diags.items[i].message);
}

static void assert_said(const struct sink_probe *probe, const char *part)
{
    AUTO_BUF all = BUF_INIT(BUF_OWN_CAP);
    said(probe, &all);
    if (!strstr(buf_text(&all), part)) fail_msg("'%s' is not in: %s", part, buf_text(&all));
    note_diags(probe);
}

static void sink_of_every_kind_is_loaded(void **state)
{
    struct sink_probe *probe = *state;
    static const char yaml[] =
        "j: {journal: {path: events.jsonl}}\n"
        "w: {webhook: {url: {env: SHOPPER_TEST_URL}, secrets: [{env: SHOPPER_TEST_SECRET}], "
        "authorization: {env: SHOPPER_TEST_URL}}}\n"
        "a: {alertmanager: {url: 'https://alerts.example', authorization: {file: token}}}\n"
        "p: {pagerduty: {routing_key: {credential: pager}}}\n"
        "s: {slack: {url: {env: SHOPPER_TEST_URL}}}\n"
        "e: {email: {server: 'smtp://mail.example:587', from: a@b.example, to: [c@d.example]}}\n"
        "l: {syslog: {to: 'udp://log.example:514', facility: local7}}\n"
        "x: {exec: {command: [/bin/true, one], environment: {TOKEN: {env: SHOPPER_TEST_URL}}}, "
        "severity: 2, stages: [checkout, login], owners: payments, give_up_after: 2h, timeout: "
        "5s}\n";
    load_sinks(probe, yaml);
    assert_int_equal(probe->diags.count, 0);
    assert_int_equal(probe->list.count, 8);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(sink_kind_name(&probe->list.items[i]), sink_kinds[i]->name);
    const struct sink *sink = sink_list_find(&probe->list, "x");
    assert_int_equal(sink->worst_only, 2);
    assert_string_equal(sink->stages[1], "login");
    assert_null(sink->stages[2]);
    assert_string_equal(sink->owners[0], "payments");
    assert_int_equal(sink->give_up_after_us, 7200 * US_PER_SECOND);
    assert_int_equal(sink->timeout_us, 5 * US_PER_SECOND);
    sink = sink_list_find(&probe->list, "j");
    assert_int_equal(sink->worst_only, 4);
    assert_null(sink->stages);
    assert_int_equal(sink->give_up_after_us, 86400 * US_PER_SECOND);
    assert_null(sink_list_find(&probe->list, "z"));
}

/* Whatever stands in a list, no secret does: nor more of a URL than its scheme and host. */
static void list_shows_where_a_sink_goes_and_what_it_is_told(void **state)
{
    struct sink_probe *probe = *state;
    static const struct {
        const char *yaml, *where, *what;
    } cases[] = {
        {"journal: {path: /var/log/shopper.jsonl}", "/var/log/shopper.jsonl", "all severities"},
        {"journal: {path: '-'}, severity: 1", "standard output", "SEV1"},
        {"webhook: {url: 'https://hook.example:8443/T0/B0?key=abc'}, severity: 2",
         "https://hook.example:8443", "SEV1 and SEV2"},
        {"webhook: {url: {env: HOOK}}, severity: 3, stages: checkout", "{env: HOOK}",
         "SEV1 to SEV3; stage checkout"},
        {"alertmanager: {url: {file: /run/alerts}}, stages: [login, checkout]",
         "{file: /run/alerts}", "all severities; stages login, checkout"},
        {"pagerduty: {routing_key: abc}, owners: [payments, prober], severity: 2",
         "https://events.pagerduty.com", "SEV1 and SEV2; owners payments, prober"},
        {"pagerduty: {routing_key: {credential: k}, url: 'https://events.eu.pagerduty.com/v2'}",
         "https://events.eu.pagerduty.com", "all severities"},
        {"slack: {url: 'https://hooks.slack.example/services/T000/B111/secret'}",
         "https://hooks.slack.example", "all severities"},
        {"email: {server: 'smtp://mail.example:587', from: a@b.example, to: [c@d.example, {env: "
         "E}]}",
         "c@d.example, {env: E} by smtp://mail.example:587", "all severities"},
        {"syslog: {to: 'udp://log.example:514'}", "udp://log.example:514", "all severities"},
        {"exec: {command: [/bin/siren, --token, abc]}, owners: [ops]", "/bin/siren",
         "all severities; owner ops"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_FREE char *yaml = xasprintf("x: {%s}\n", cases[i].yaml);
        AUTO_BUF where = BUF_INIT(BUF_OWN_CAP), what = BUF_INIT(BUF_OWN_CAP);
        load_sinks(probe, yaml);
        assert_int_equal(probe->diags.errors, 0);
        const struct sink *sink = sink_list_find(&probe->list, "x");
        sink_print_where(sink, &where);
        sink_print_what(sink, &what);
        AUTO_FREE char *line = xasprintf("%s to %s", buf_text(&what), buf_text(&where));
        golden_note(line);
        assert_string_equal(buf_text(&where), cases[i].where);
        assert_string_equal(buf_text(&what), cases[i].what);
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
        probe = *state;
    }
}

static void secret_is_read_from_where_it_is(void **state)
{
    struct sink_probe *probe = *state;
    AUTO_FREE char *token = path_join(probe->directory, "token");
    AUTO_FREE char *pager = path_join(probe->directory, "pager");
    setenv("SHOPPER_TEST_URL", "https://hooks.example/T0/B0", 1);
    setenv("CREDENTIALS_DIRECTORY", probe->directory, 1);
    assert_true(file_write(token, VIEW_LITERAL("Bearer abc\n"), 0600, NULL));
    assert_true(file_write(pager, VIEW_LITERAL("key"), 0600, NULL));
    load_sinks(probe,
               "a: {alertmanager: {url: 'https://a.example', authorization: {file: token}}}\n"
               "p: {pagerduty: {routing_key: {credential: pager}}}\n"
               "s: {slack: {url: {env: SHOPPER_TEST_URL}}}\n");
    assert_true(sinks_resolve(&probe->list, &probe->diags));
    assert_true(sinks_resolve(&probe->list, &probe->diags)); /* anew, at a reload */
    assert_int_equal(probe->diags.count, 0);
    assert_string_equal(probe->list.items[0].texts.items[1]->value, "Bearer abc");
    assert_string_equal(probe->list.items[1].texts.items[0]->value, "key");
    assert_string_equal(probe->list.items[2].texts.items[0]->value, "https://hooks.example/T0/B0");
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void secret_that_is_missing_or_wrong_is_said_but_not_shown(void **state)
{
    struct sink_probe *probe = *state;
    setenv("SHOPPER_TEST_SECRET", "whsec_c2hvcnQ=", 1);
    setenv("SHOPPER_TEST_URL", "ftp://user:hidden@hooks.example", 1);
    setenv("SHOPPER_TEST_EMPTY", "", 1);
    unsetenv("SHOPPER_TEST_NONE");
    unsetenv("CREDENTIALS_DIRECTORY");
    load_sinks(probe,
               "w: {webhook: {url: 'https://w.example', secrets: [{env: SHOPPER_TEST_SECRET}]}}\n"
               "s: {slack: {url: {env: SHOPPER_TEST_URL}}}\n"
               "t: {slack: {url: {env: SHOPPER_TEST_NONE}}}\n"
               "u: {slack: {url: {env: SHOPPER_TEST_EMPTY}}}\n"
               "f: {slack: {url: {file: nowhere}}}\n"
               "p: {pagerduty: {routing_key: {credential: pager}}}\n"
               "n: {slack: {url: {file: nul}}}\n");
    AUTO_FREE char *nul = path_join(probe->directory, "nul");
    assert_true(file_write(nul, VIEW_LITERAL("https://a\0b"), 0600, NULL));
    assert_int_equal(probe->diags.count, 0);
    assert_false(sinks_resolve(&probe->list, &probe->diags));
    assert_int_equal(probe->diags.errors, 7);
    assert_said(probe, "error: secrets is \"whsec_\" with 24 to 64 bytes in base64");
    assert_said(probe, "error: url is no URL that begins with http:// or https://");
    assert_said(probe, "error: url cannot be had: the environment variable SHOPPER_TEST_NONE");
    assert_said(probe, "error: url is empty");
    assert_said(probe, "error: routing_key cannot be had: there is no $CREDENTIALS_DIRECTORY");
    AUTO_BUF all = BUF_INIT(BUF_OWN_CAP);
    said(probe, &all);
    assert_null(strstr(buf_text(&all), "hidden"));
    assert_null(strstr(buf_text(&all), "c2hvcnQ"));
}

static void what_is_dangerous_is_warned_of(void **state)
{
    struct sink_probe *probe = *state;
    load_sinks(probe,
               "w: {webhook: {url: 'https://w.example', secrets: " SECRET ", insecure: true}}\n"
               "v: {webhook: {url: 'https://w.example'}}\n"
               "e: {email: {server: 'smtp://m', from: a@b, to: c@d, plain: true}}\n");
    assert_int_equal(probe->diags.errors, 0);
    assert_int_equal(probe->diags.warnings, 4);
    assert_said(probe, "warning: the sink 'w' verifies NO certificate");
    assert_said(probe, "warning: secrets is a secret and stands here for all to read");
    assert_said(probe, "warning: nothing signs what the sink 'v' sends");
    assert_said(probe, "warning: the sink 'e' sends mail, and its password if it has one, "
                       "WITHOUT encryption");
    assert_true(probe->list.items[0].insecure);
    assert_false(probe->list.items[1].insecure);
}

static void secret_that_is_written_out_is_not_printed(void **state)
{
    static const char *const table[] = {
        "w: {webhook: {url: 'https://w.example', secrets: whsec_hunter2}}\n",
        "w: {webhook: {url: 'https://w.example', authorization: \"Bearer hunter2\\x01\"}}\n",
        "w: {webhook: {url: 'https://w.example', authorization: Bearer hunter2, no: 1}}\n",
        "p: {pagerduty: {routing_key: hunter2}}\n",
        "s: {slack: {url: 'https://w.example/hunter2'}}\n",
        "s: {slack: {url: 'ftp://w.example/hunter2'}}\n",
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct sink_probe *probe = *state;
        AUTO_BUF printed = BUF_INIT(BUF_OWN_CAP);
        load_sinks(probe, table[i]);
        assert_true(probe->diags.count > 0);
        diags_print(&probe->diags, &printed, false);
        if (strstr(buf_text(&printed), "hunter2")) fail_msg("%s", buf_text(&printed));
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
    }
}

static void what_is_wrong_is_refused(void **state)
{
    static const struct {
        const char *yaml, *error;
    } table[] = {
        {"[]", "sinks must be a mapping"},
        {"{x: 1}", "a sink must be a mapping"},
        {"{x: {}}", "the sink 'x' says not what it is"},
        {"{x: {slak: {}}}", "unknown key 'slak'"},
        {"{'a b': {journal: {path: p}}}", "a sink's name has letters"},
        {"{x: {journal: {path: p}, slack: {url: 'http://h'}}}", "is a journal already"},
        {"{x: {journal: {}}}", "journal needs the key 'path'"},
        {"{x: {journal: p}}", "journal must be a mapping"},
        {"{x: {journal: {path: p}, severity: 5}}", "severity is 1 to 4, or sev1 to sev4"},
        {"{x: {journal: {path: p}, stages: []}}", "stages is an empty list"},
        {"{x: {journal: {path: p}, give_up_after: 0s}}", "give_up_after must be from a second"},
        {"{x: {journal: {path: p}, timeout: 1h}}", "timeout must be from a second to 5 minutes"},
        {"{x: {webhook: {url: 'ftp://h'}}}", "url is no URL"},
        {"{x: {webhook: {url: 'http://h', secrets: []}}}", "secrets is an empty list"},
        {"{x: {webhook: {url: 'http://h', secrets: whsec_c2hvcnQ=}}}", "24 to 64 bytes"},
        {"{x: {webhook: {url: 'http://h', authorization: \"a\\nb: c\"}}}", "a control character"},
        {"{x: {webhook: {url: {env: A, file: b}}}}", "exactly one of `env`"},
        {"{x: {webhook: {url: {}}}}", "exactly one of `env`"},
        {"{x: {webhook: {url: {enf: A}}}}", "unknown key 'enf'"},
        {"{x: {webhook: {url: [a]}}}", "url must be text"},
        {"{x: {slack: {url: 'http://h', insecure: maybe}}}", "insecure must be true or false"},
        {"{x: {pagerduty: {routing_key: 'a b'}}}", "characters that no key has"},
        {"{x: {email: {server: 'http://m', from: a@b, to: c@d}}}", "server is smtp://HOST:PORT"},
        {"{x: {email: {server: 'smtp://u:p@m', from: a@b, to: c@d}}}", "server is smtp://"},
        {"{x: {email: {server: 'smtp://m', from: ab, to: c@d}}}", "from is no mail address"},
        {"{x: {email: {server: 'smtp://m', from: a@b, to: \"c@d\\r\\nBcc: e@f\"}}}",
         "to is no mail"},
        {"{x: {email: {server: 'smtp://m', from: a@b, to: 'c@d, e@f'}}}", "to is no mail address"},
        {"{x: {email: {server: 'smtp://m', from: a@b, to: 'c@d@e'}}}", "to is no mail address"},
        {"{x: {email: {server: 'smtp://m', from: a@b, to: c@d, user: u}}}", "go together"},
        {"{x: {email: {server: 'smtps://m', from: a@b, to: c@d, plain: true}}}", "never `plain`"},
        {"{x: {syslog: {to: 'udp://h'}}}", "to is udp://HOST:PORT"},
        {"{x: {syslog: {to: 'udp://h:99999999'}}}", "to is udp://HOST:PORT"},
        {"{x: {syslog: {to: 'unix:relative'}}}", "to is udp://HOST:PORT"},
        {"{x: {syslog: {to: 'tls://h:1'}}}", "to is udp://HOST:PORT"},
        {"{x: {syslog: {to: 'udp://h:1', facility: local9}}}", "there is no facility 'local9'"},
        {"{x: {exec: {command: [notify]}}}", "named by its whole path, not 'notify'"},
        {"{x: {exec: {command: []}}}", "command is an empty list"},
        {"{x: {exec: {command: [/p], environment: {SHOPPER_X: a}}}}", "SHOPPER_... is taken"},
        {"{x: {exec: {command: [/p], environment: {'A=B': a}}}}", "a variable's name"},
        {"{x: {exec: {command: [/p], environment: [a]}}}", "a mapping of names"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct sink_probe *probe = *state;
        load_sinks(probe, table[i].yaml);
        assert_said(probe, table[i].error);
        assert_true(probe->diags.errors > 0);
        assert_int_equal(probe->list.count, 0);
        assert_int_equal(sink_teardown(state), 0);
        assert_int_equal(sink_setup(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SINK_TEST(sink_of_every_kind_is_loaded),
        SINK_TEST(list_shows_where_a_sink_goes_and_what_it_is_told),
        SINK_TEST(secret_is_read_from_where_it_is),
        SINK_TEST(secret_that_is_missing_or_wrong_is_said_but_not_shown),
        SINK_TEST(what_is_dangerous_is_warned_of),
        SINK_TEST(secret_that_is_written_out_is_not_printed),
        SINK_TEST(what_is_wrong_is_refused),
        PIN_MESSAGES("sink/load.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

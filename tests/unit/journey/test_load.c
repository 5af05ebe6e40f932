/* SPDX-License-Identifier: Apache-2.0 */
/* Loading journeys: what a good one becomes, and every message that a wrong one gets (pinned in
 * tests/golden/journey/). */
#include "base/clock.h"
#include "base/file.h"
#include "journey/journey.h"
#include "journey/operand.h"
#include "journey/persona.h"
#include "journey/program.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "journey: j\nbase: http://shop.test\nsteps:\n"
#define STEP HEAD "  - name: a\n    get: /a\n"

static void add_messages(const char *text, struct buf *out)
{
    struct diags diags = DIAGS_INIT;
    struct journey *journey = journey_load_text("j.yaml", view_of(text), NULL, &diags);
    diags_sort(&diags);
    diags_print(&diags, out, false);
    buf_add_text(out, journey ? "loaded\n\n" : "\n");
    journey_free(journey);
    diags_release(&diags);
}

static void expect_messages(const char *golden, const char *const *texts, size_t count)
{
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    for (size_t i = 0; i < count; i++) add_messages(texts[i], &out);
    golden_check(golden, buf_view(&out));
    buf_release(&out);
}
#define EXPECT_MESSAGES(golden, ...)                                                               \
    expect_messages(golden, (const char *const[]){__VA_ARGS__},                                    \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static struct journey *load_good(const char *text)
{
    struct diags diags = DIAGS_INIT;
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    struct journey *journey = journey_load_text("j.yaml", view_of(text), NULL, &diags);
    diags_print(&diags, &out, false);
    if (!journey) print_error("%s", buf_text(&out));
    buf_release(&out);
    diags_release(&diags);
    assert_non_null(journey);
    return journey;
}

/* Whoever writes journeys need not know how YAML is parsed. */
static void what_is_no_yaml_is_told_with_what_is_meant(void **state)
{
    (void)state;
    EXPECT_MESSAGES("journey/yaml.txt", STEP "    check: [{json: $.a['b'], equals: 1}]\n",
                    STEP "    check: [{regex: a{2}, exists: true}]\n",
                    STEP "    check:\n      - status: 200\n        message: the page: broken\n",
                    HEAD "  - name: a\n    get: @x\n", HEAD "  - name: a\n  get: /\n",
                    HEAD "  - name: a\n    get: /\n   check: x\n", HEAD "  -name: a\n   get: /\n",
                    HEAD "  - name: \"a\n    get: /\n", HEAD "  - name: a\n    get: \"\\d\"\n",
                    HEAD "\t- name: a\n", HEAD "  - name: caf\xe9\n", HEAD "  - name: \x01\n",
                    HEAD "  - name: \"a\\0\"\n", HEAD "  - *a\n", HEAD "  - &a [*a]\n",
                    HEAD "  - !foo {name: a}\n", HEAD "  - {? [a] : b}\n",
                    HEAD "  - {<<: 3, name: a}\n", HEAD "  - {name: a, get: /}\n---\nsecond: 1\n",
                    "\xff\xfej\n", STEP "    check:\n      - css: #id\n",
                    STEP "    timeout: # later\n", STEP "    stall: ~\n");
}

static void what_explodes_is_told(void **state)
{
    (void)state;
    AUTO_BUF deep = BUF_INIT(BUF_OWN_CAP), many = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF laughs = BUF_INIT(BUF_OWN_CAP), copied = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&deep, "vars: {a: ");
    for (int i = 0; i < 200; i++) buf_add_char(&deep, '[');
    buf_add_text(&laughs, "a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (char c = 'b'; c < 'i'; c++)
        buf_addf(&laughs, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1,
                 c - 1, c - 1, c - 1, c - 1, c - 1);
    buf_add_text(&copied, "a: &a ");
    for (int i = 0; i < 100000; i++) buf_add_text(&copied, "words ");
    buf_add_text(&copied, "\nb: [");
    for (int i = 0; i < 2000; i++) buf_add_text(&copied, "*a, ");
    buf_add_text(&copied, "*a]\n");
    AUTO_BUF nested = BUF_INIT(BUF_OWN_CAP), sum = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&nested, STEP "    query: {a: \"${");
    for (int i = 0; i < 200; i++) buf_add_char(&nested, '(');
    buf_add_text(&nested, "}\"}\n");
    buf_add_text(&sum, STEP "    query: {a: \"${1");
    for (int i = 0; i < 2000; i++) buf_add_text(&sum, "+1");
    buf_add_text(&sum, "}\"}\n");
    buf_add_text(&many, HEAD);
    for (int i = 0; i < 501; i++) buf_addf(&many, "  - {name: a%d, get: /}\n", i);
    EXPECT_MESSAGES("journey/bounds.txt", buf_text(&deep), buf_text(&laughs), buf_text(&copied),
                    buf_text(&nested), buf_text(&sum), buf_text(&many));
}

static void wrong_tops_are_told(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/top.txt", "", "- a\n", "journey: a\n", "jorney: a\nbase: http://x\nsteps: []\n",
        "journey: a\nbase: http://x\npersonas: []\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://x\npersonas: [iphone, desktop, iphone]\nsteps:\n  - {name: a, "
        "get: "
        "/}\n",
        "journey: a\nbase: http://\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: HTTP://x\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: ftp://x\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: \"http://[::1\"\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://me:hidden@x/\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://[zz]/\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://a!b/\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://x:99999/\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: //x\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\njourney: b\nbase: http://x\nsteps:\n  - {name: a, get: /}\n", "journey: [a\n",
        "journey: a\nbase: http://x\ndeadline: 40\nsteps:\n  - {name: a, get: /}\n",
        "journey: a\nbase: http://x\nsecrets: {password: hunter2}\nsteps:\n  - {name: a, get: "
        "/}\n");
}

static void wrong_steps_are_told(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/steps.txt", HEAD "  - name: a\n", HEAD "  - get: /a\n",
        HEAD "  - {name: a, get: /, post: /}\n", HEAD "  - {name: a, gte: /}\n",
        HEAD "  - {name: a, pause: 3}\n", HEAD "  - {name: a, pause: 3s, check: [status: 200]}\n",
        HEAD "  - {name: a, post: /, json: {a: 1}, form: {b: 2}}\n",
        STEP "    timeout: 10 minutes\n", STEP "    severity: high\n",
        STEP "    fresh: conection\n", STEP "    until: {every: 1s}\n",
        STEP "    only: {at_most: 200}\n", STEP "    each: \"${x}\"\n", STEP "    follow: -1\n",
        STEP "    find: {get: /o, json: $.id}\n",
        STEP "    creates: {o: {json: $.id}}\n    find: {get: /}\n    undo: {get: /, only: {}}\n",
        STEP "    creates: {o: {json: $.id}}\n    find: {json: $.id}\n    undo: {get: /}\n",
        STEP "    creates: {o: {json: $.id}}\n    find: /o\n    undo: {get: /}\n",
        STEP "    auth: {basic: {user: a, password: b}, bearer: c}\n",
        STEP "    auth: {basic: {user: [a], password: [b]}}\n", STEP "    multipart: [a]\n",
        STEP "    multipart: {a: {file: /nowhere, type: [b]}}\n", STEP "    query: [a]\n",
        HEAD "  - {name: [a], stage: [b], get: [c]}\n", "journey: j\nbase: http://x\nsteps: a\n",
        STEP "    stage: login\n    undo: [a]\n", HEAD "  - {name: a, use: nowhere.yaml}\n",
        STEP "    headers: {\"X Y\": 1}\n",
        HEAD "  - {name: a, get: \"http://shop.test:70000/a\"}\n",
        HEAD "  - {name: a, get: \"//[::1/a\"}\n");
}

/* What follows from a slip of the pen is not told besides. */
static void one_mistake_is_one_message(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/once.txt", HEAD "  - {name: a, gett: /x}\n", HEAD "  - {nmae: a, get: /x}\n",
        HEAD "  - {name: a, fetch: /x}\n", STEP "    check: [{prise: {json: $.p}}]\n",
        STEP "    until: {withn: 5s}\n", STEP "    creates: {o: {jsn: $.id}}\n    undo: {get: /}\n",
        STEP "    creates: {o: {json: $.id}}\n    find: {gte: /, json: $.id}\n    undo: {get: /}\n",
        "journey: j\nbase: http://x\nschedule: {evry: 1m}\nsteps:\n  - {name: a, get: /}\n",
        "journey: j\nbase: http://x\naccounts: {fiel: a.csv}\nsteps:\n  - {name: a, get: /}\n",
        "journey: j\nbase: http://x\nvras: {a: 1, b: 2}\nsteps:\n"
        "  - {name: a, get: \"/${a}\", query: {b: \"${b}\"}}\n",
        STEP "    captre: {id: {json: $.id}}\n  - {name: b, get: \"/${id}\"}\n",
        HEAD "  - {name: a, use: nowhere.yaml}\n  - {name: b, get: \"/${token}\"}\n");
}

static void hosts_that_are_not_allowed_are_told(void **state)
{
    (void)state;
#define ALLOW                                                                                      \
    "journey: j\nbase: http://shop.test\nallow_hosts: [pay.test, \"*.cdn.test\"]\nsteps:\n"
    EXPECT_MESSAGES(
        "journey/hosts.txt", HEAD "  - {name: a, get: \"https://pay.test/a\"}\n",
        HEAD "  - {name: a, post: \"//Pay.test/orders/${run.id}\"}\n",
        HEAD "  - {name: a, get: /, creates: {o: {json: $.id}}, undo: {delete: "
             "\"https://admin.test/\"}}\n",
        STEP "finally:\n  - {name: a, get: \"https://pay.test/a\"}\n",
        HEAD "  - {name: a, get: \"https://SHOP.test:8443/a\"}\n"
             "  - {name: b, get: \"https://${run.id}/a\"}\n"
             "  - {name: c, get: \"/to?url=https://pay.test/\"}\n",
        ALLOW "  - {name: a, get: \"https://pay.test/a\"}\n"
              "  - {name: b, get: \"https://a.cdn.test/a\"}\n",
        ALLOW "  - {name: b, get: \"https://cdn.test/a\"}\n",
        "journey: j\nbase: ${env.SHOP}\nsteps:\n  - {name: a, get: \"https://pay.test/a\"}\n",
        "journey: j\nbase: https://shop.${env.ZONE}/\nsteps:\n  - {name: a, get: "
        "\"https://pay.test/a\"}\n",
        "journey: j\nbase: https://shop.test/${env.LANGUAGE}/\nsteps:\n  - {name: a, get: "
        "\"https://pay.test/a\"}\n");
}

static void wrong_checks_are_told(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/checks.txt", STEP "    check: [status]\n", STEP "    check: [{statsu: 200}]\n",
        STEP "    check: [{equals: 3}]\n", STEP "    check: [{json: $.a, css: b}]\n",
        STEP "    check: [{json: \"$.a[\", equals: 1}]\n", STEP "    check: [{css: \"a[b\"}]\n",
        STEP "    check: [{xpath: \"//a[\"}]\n", STEP "    check: [{regex: \"a(\"}]\n",
        STEP "    check: [{body: {matches: \"x[\"}}]\n",
        STEP "    check: [{price: {json: $.p, currency: EURO}}]\n",
        STEP "    check: [{price: {json: $.p}, more_than: 0}]\n",
        STEP "    check: [{duration: {at_most: 2}}]\n",
        STEP "    check: [{json: $.a, type: strng}]\n", STEP "    check: [{form: \"#f\"}]\n",
        STEP "    check: [{json: $.a, exists: maybe}]\n",
        STEP "    capture: {a: {json: $.a, attr: b}}\n", STEP "    capture: {a-b: {json: $.a}}\n",
        STEP "    check: [{css: a, field: b}]\n", STEP "    check: [{css: a, group: b}]\n",
        STEP "    check: [{certificate: age}]\n", STEP "    when: {status: 200}\n",
        STEP "    check: [{status: 200, message: [a]}]\n",
        STEP "    check: [{size: {at_most: big}}]\n",
        STEP "    check: [{json: $.a, equals: {b: c}}]\n", STEP "    check: [3]\n",
        STEP "    capture: {a: nothing}\n", STEP "    capture: a\n",
        STEP "    creates: order\n    undo: {delete: /}\n",
        STEP "    creates: {order: $.id}\n    undo: {delete: /}\n",
        STEP "    capture: {a: {body: , decode: base64}}\n");
}

static void what_can_never_hold_is_told(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/never.txt", STEP "    check: [{status: banana}]\n",
        STEP "    check: [{status: [200, 99999]}]\n", STEP "    check: [{status: {at_most: x}}]\n",
        STEP "    check: [{status: \"200\"}, {status: {less_than: 1000}}, {status: {not: 404}}]\n",
        STEP "    check: [{redirects: -1}]\n", STEP "    check: [{css: a, count: 1.5}]\n",
        STEP "    check: [{css: a, count: {equals: -1, at_least: many}}]\n",
        STEP "    check: [{css: a, count: {at_least: 1}}, {css: b, count: 0}]\n",
        STEP "    check: [{price: {json: $.p, more_than: abc}}]\n",
        STEP "    check: [{price: {json: $.p, currency: EUR, equals: $5}}]\n",
        STEP "    check: [{price: {json: $.p, currency: EUR, equals: \"12,50 €\"}}]\n",
        STEP "    check: [{duration: 3s}]\n", STEP "    timeout: 0s\n",
        STEP "    until: {within: 0s}\n", STEP "    until: {within: 5s, every: 0s}\n",
        STEP "    until: {within: 1s, every: 2s}\n", STEP "    each: {line: abc}\n",
        STEP "    each: {line: [a, b]}\n", HEAD "  - {name: a, get: \"ftp://shop.test/\"}\n",
        HEAD "  - {name: a, get: \"/to?url=ftp://x\"}\n",
        "journey: j\nbase: http://x\ndeadline: 0s\nsteps:\n  - {name: a, get: /}\n",
        "journey: j\nbase: http://x\ndefaults: {timeout: 0s}\nsteps:\n  - {name: a, get: /}\n");
}

static void file_that_is_no_journey_is_not_quoted(void **state)
{
    (void)state;
    char path[] = "/tmp/shopper-used-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, "hunter2\n", 8), 8);
    close(file);
    AUTO_FREE char *text = xasprintf(HEAD "  - {name: a, use: %s}\n", path);
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    add_messages(text, &out);
    unlink(path);
    assert_null(strstr(buf_text(&out), "hunter2"));
    assert_non_null(strstr(buf_text(&out), "is no journey"));
    assert_non_null(strstr(buf_text(&out), "j.yaml:4:"));
    golden_note(buf_text(&out));
}

/* A file that is used, in a directory of its own. */
struct lent {
    char directory[32];
    char *path;
};

static void lent_make(struct lent *lent, const char *text)
{
    strcpy(lent->directory, "/tmp/shopper-lent-XXXXXX");
    assert_non_null(mkdtemp(lent->directory));
    lent->path = path_join(lent->directory, "lent.yaml");
    assert_true(file_write(lent->path, view_of(text), 0600, NULL));
}

static void lent_remove(struct lent *lent)
{
    unlink(lent->path);
    rmdir(lent->directory);
    free(lent->path);
}

/* What is said of a journey with these steps beside the lent file, without its quotes. */
static void expect_said(const struct lent *lent, const char *steps, const char *const *wanted)
{
    struct diags diags = DIAGS_INIT;
    AUTO_FREE char *name = path_join(lent->directory, "j.yaml");
    AUTO_FREE char *text = xasprintf("journey: j\nbase: http://shop.test\nsteps:\n%s", steps);
    struct journey *journey = journey_load_text(name, view_of(text), NULL, &diags);
    diags_sort(&diags);
    for (size_t i = 0; i < diags.count || wanted[i]; i++) {
        if (i >= diags.count) fail_msg("nothing says '%s'", wanted[i]);
        const struct diag *diag = &diags.items[i];
        AUTO_FREE char *said =
            xasprintf("%u:%u %s: %s; %s", diag->place.line, diag->place.column,
                      diag_code_text(diag->code), diag->message, diag->hint ? diag->hint : "");
        golden_note(said);
        if (!wanted[i] || strcmp(said, wanted[i]) != 0)
            fail_msg("'%s' instead of '%s'", said, wanted[i] ? wanted[i] : "nothing");
    }
    assert_true((journey != NULL) == !wanted[0]);
    journey_free(journey);
    diags_release(&diags);
}
#define EXPECT_SAID(lent, steps, ...) expect_said(lent, steps, (const char *const[]){__VA_ARGS__})

static void variable_that_the_used_file_does_not_read_is_told(void **state)
{
    (void)state;
    struct lent lent;
    lent_make(&lent,
              "journey: lent\nbase: http://shop.test\nvars: {sku: MUG, colour: red, size: 1}\n"
              "steps:\n  - {name: a, get: \"/${sku}\", check: [{var: size, equals: 1}]}\n"
              "finally:\n  - {name: b, get: \"/${run.id}\", query: {c: \"${colour}\"}}\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml, with: {sku: A, colour: blue, size: 2}}\n",
                NULL);
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml, with: {suk: A}}\n",
                "4:38 J024: 'lent.yaml' reads no 'suk'; did you mean 'sku'?", NULL);
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml, with: {other: A, run.id: 1}}\n",
                "4:38 J024: 'lent.yaml' reads no 'other'; ",
                "4:48 J015: a variable's name has letters, digits and '_': 'run.id'; ", NULL);
    lent_remove(&lent);
    lent_make(&lent, "journey: lent\nbase: http://shop.test\nvars: {sku: MUG, which: sku}\n"
                     "steps:\n  - {name: a, get: /, check: [{var: \"${which}\"}]}\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml, with: {sku: A}}\n", NULL); /* it may */
    lent_remove(&lent);
}

static void files_that_use_each_other_end(void **state)
{
    (void)state;
    struct lent lent;
    lent_make(&lent, "journey: lent\nbase: http://shop.test\nsteps: [{name: a, use: lent.yaml}]\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml}\n", "3:24 J040: 'lent.yaml' uses itself; ",
                NULL);
    lent_remove(&lent);
}

static void accounts_are_those_of_the_journey_that_is_walked(void **state)
{
    (void)state;
    struct lent lent;
    lent_make(&lent, "journey: lent\nbase: http://shop.test\naccounts: [{user: {env: A}}]\n"
                     "steps:\n  - {name: a, get: \"/${account.user}\"}\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml}\n",
                "5:24 J021: 'account.user' is used before anything sets it; a run leases from the "
                "`accounts` of its own journey, not of a file that it uses",
                NULL);
    lent_remove(&lent);
}

static void host_of_a_used_file_is_held_against_who_uses_it(void **state)
{
    (void)state;
    struct lent lent;
    lent_make(&lent, "journey: lent\nbase: http://other.test\n"
                     "steps:\n  - {name: a, get: \"http://other.test/\"}\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml}\n",
                "4:28 J036: other.test is neither the base's host, shop.test, nor one of "
                "`allow_hosts`; allow it at the top: "
                "allow_hosts: [other.test]",
                NULL);
    lent_remove(&lent);
    lent_make(&lent, "journey: lent\nbase: http://other.test\nallow_hosts: [other.test]\n"
                     "steps:\n  - {name: a, get: \"http://other.test/\"}\n");
    EXPECT_SAID(&lent, "  - {name: u, use: lent.yaml}\n", NULL);
    lent_remove(&lent);
}

static void wrong_names_are_told(void **state)
{
    (void)state;
    EXPECT_MESSAGES(
        "journey/names.txt", STEP "    query: {a: \"${nothing}\"}\n",
        STEP "    query: {a: \"${secret.x}\", b: \"${run.nothing}\", c: \"${run.trace}\"}\n",
        "journey: j\nbase: http://x\nvars: {sku: MUG}\nsteps:\n  - {name: a, get: \"/${sk}\"}\n",
        STEP "    query: {a: \"${1 + }\", b: \"${..}\", c: \"${1.2.3}\"}\n",
        "journey: j\nbase: http://x\nvars: {sku: MUG}\nsteps:\n  - {name: a, get: \"/${x.y}\"}\n",
        STEP "    query: {a: \"${\"}\n", STEP "    query: {a: \"${}\"}\n",
        STEP "    query: {a: \"${1 +}\"}\n", STEP "    query: {a: \"${(1}\"}\n",
        STEP "    query: {a: \"x ${a b} y\"}\n", STEP "    query: {a: \"${a.}\"}\n",
        HEAD
        "  - {name: a, get: \"/${later}\"}\n  - {name: b, get: /, capture: {later: {json: $.a}}}\n",
        STEP "    check: [{var: later}]\n", STEP "    name: \"${x}\"\n",
        "journey: j\nbase: http://x\naccounts: [{user: {env: A}, pin: {env: B}}, {user: {env: "
        "C}}]\n"
        "steps:\n  - {name: a, get: \"/${account.user}\"}\n"
        "  - {name: b, get: \"/${account.pin}\"}\n  - {name: c, get: \"/${account.usr}\"}\n"
        "  - {name: d, get: /, check: [{var: account.user}, {var: account.pin}]}\n");
}

static void wrong_settings_are_told(void **state)
{
    (void)state;
#define TOP(line) "journey: j\nbase: http://shop.test\n" line "\nsteps:\n  - {name: a, get: /}\n"
    EXPECT_MESSAGES(
        "journey/settings.txt", TOP("schedule: {every: 1m, cron: \"* * * * *\"}"),
        TOP("schedule: {}"), TOP("schedule: {cron: \"* * * * * *\"}"),
        TOP("schedule: {cron: \"61 * * * *\"}"), TOP("schedule: {cron: \"0 0 30 2 *\"}"),
        TOP("schedule: {cron: \"0 0 * * mo\"}"), TOP("schedule: {cron: \"@dayly\"}"),
        TOP("schedule: {every: 1m, timezone: Europe/Berlni}"),
        TOP("schedule: {every: 1m, overlap: both}"), TOP("confirm: {failures: 0}"),
        TOP("objective: {availability: 99.9}"), TOP("objective: {availability: 100%}"),
        TOP("objective: {availability: 99%, latency: {p96: 1s}}"), TOP("secrets: {a: {envv: A}}"),
        TOP("secrets: {a: {env: A, file: B}}"), TOP("accounts: {when_busy: wait}"),
        TOP("accounts: []"), TOP("allow_hosts: [\"https://pay.example/\"]"),
        TOP("allow_hosts: [\"*pay.example\"]"), TOP("allow_hosts: [\"*\"]"),
        TOP("allow_hosts: [\"*.\"]"), TOP("allow_hosts: [shop.test, \"a b\"]"),
        TOP("defaults: {timeout: 10}"), TOP("description: [a]"), TOP("owner: {}"),
        TOP("runbook: [a]"), TOP("owner: \"${run.id}\""), TOP("personas: [{a: b}]"),
        TOP("vars: [a]"), TOP("vars: {a-b: 1, b: {c: d}}"), TOP("secrets: [a]"),
        TOP("secrets: {a-b: {env: A}, c: [d], d: {env: [A]}}"), TOP("accounts: [a]"),
        TOP("accounts: {file: [a]}"), TOP("schedule: {every: 500ms}"),
        TOP("schedule: {cron: \"* * *\"}"), TOP("schedule: {cron: \"* * 9-3 * *\"}"),
        TOP("schedule: {cron: \"*/0 * * * *\"}"), TOP("confirm: {reprobe_after: 3}"),
        TOP("objective: {availability: 99%, latency: 3s}"),
        TOP("objective: {availability: 99%, latency: {p95: fast}}"), TOP("deadline: 99999999h"));
}

static void wrong_personas_are_told(void **state)
{
    (void)state;
    struct diags diags = DIAGS_INIT;
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP);
    struct lent lent;
    struct personas *personas = personas_new();
    static const char *const files[] = {
        "[a]\n", "kiosk: 3\nb: {user_agnet: a}\nc: {http: 3}\nd: {headers: [a]}\n",
        "e: {user_agent: \"two\\nlines\", headers: {X-A: \"a\\nb\"}}\n"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        lent_make(&lent, files[i]);
        assert_false(personas_load(personas, lent.path, &diags));
        lent_remove(&lent);
    }
    struct journey *journey = load_good(TOP("personas: pixel"));
    personas_lint(personas, journey, &diags);
    assert_null(personas_require(personas, journey, "pixel", &diags));
    diags_print(&diags, &out, false);
    golden_note(buf_text(&out));
    journey_free(journey);
    personas_free(personas);
    diags_release(&diags);
}

static void example_journey_is_loaded_whole(void **state)
{
    (void)state;
    struct journey *journey = load_good(
        "journey: checkout\nowner: team\nbase: ${env.SHOP_URL}\nallow_hosts: [Pay.Example]\n"
        "personas: [desktop, iphone]\nschedule: {cron: \"*/5 7-23 * * Mon-Fri\", timezone: "
        "Europe/Berlin, jitter: 5s}\n"
        "deadline: 40s\nconfirm: {failures: 3, reprobe_after: [1s]}\n"
        "objective: {availability: 99.9%, window: 30d, latency: {p95: 8s}}\n"
        "secrets: {email: {env: SHOP_EMAIL}}\nvars: {sku: MUG-42}\ndefaults: {timeout: 5s, stall: "
        "2s}\n"
        "steps:\n  - name: look\n    stage: price-view\n    get: /product/${sku}\n"
        "    check:\n      - status: [200, 203]\n      - duration: {at_most: 1.5s}\n"
        "    capture:\n      price: {price: {css: \"[itemprop=price]\", attr: content, currency: "
        "EUR}}\n"
        "  - name: order\n    post: /o\n    json: {mail: \"${secret.email}\", n: 1}\n    creates: "
        "{order: {json: $.id}}\n"
        "    undo: {delete: \"/o/${order}\", check: [status: 204]}\n"
        "finally:\n  - {name: bye, post: /logout}\n");
    assert_string_equal(journey->allow_hosts[0], "pay.example");
    assert_int_equal(journey->persona_count, 2);
    assert_int_equal(journey->deadline_us, 40 * US_PER_SECOND);
    assert_int_equal(journey->confirm.failures, 3);
    assert_int_equal(journey->objective.latency[0].percentile, 95);
    assert_int_equal(journey->environment.count, 1);
    assert_int_equal(journey->steps[0].timeout_us, 5 * US_PER_SECOND);
    assert_true(journey->steps[0].checks_status);
    assert_int_equal(journey->steps[0].checks[1].predicates[0].expected.constant.duration_us,
                     1500 * US_PER_MS);
    assert_true(journey->steps[0].captures[0].price.present);
    assert_int_equal(journey->steps[1].undo_count, 1);
    assert_true(journey_has_stage(journey, "price-view"));
    journey_free(journey);
}

static void steps_are_lowered_to_a_flat_list(void **state)
{
    (void)state;
    static const char *const names[] = {
#define X(name, help) #name,
        INSTRUCTIONS(X)
#undef X
    };
    struct journey *journey =
        load_good(HEAD "  - {name: a, get: /, capture: {l: {json: \"$[*]\", all: true}}}\n"
                       "  - {name: b, get: /, each: {x: \"${l}\"}}\n  - {name: c, pause: 1s}\n");
    struct buf out = BUF_INIT(BUF_OWN_CAP);
    const struct instruction_list *list = &journey->program->steps;
    for (size_t i = 0; i < list->count; i++)
        buf_addf(&out, "%s%s", i ? " " : "", names[list->items[i].code]);
    assert_string_equal(buf_text(&out), "BEGIN FETCH JUDGE CAPTURE END EACH BEGIN FETCH JUDGE "
                                        "CAPTURE END NEXT BEGIN PAUSE END STOP");
    assert_int_equal(list->items[11].target, 6);
    assert_int_equal(list->items[5].target, 12);
    buf_release(&out);
    journey_free(journey);
}

static void only_named_operation_is_found_in_a_query(void **state)
{
    (void)state;
    struct journey *journey = load_good(
        HEAD "  - {name: a, post: /, graphql: {query: \"query Me { me { query name } }\"}}\n"
             "  - {name: b, post: /, graphql: {query: \"mutation($a: Int) { b }\"}}\n"
             "  - {name: c, post: /, graphql: {query: \"query A { a } query B { b }\"}}\n"
             "  - {name: d, post: /, graphql: {query: \"fragment F on X { query } query D { ...F "
             "}\"}}\n");
    assert_string_equal(journey->steps[0].body.operation_name, "Me");
    assert_null(journey->steps[1].body.operation_name);
    assert_null(journey->steps[2].body.operation_name);
    assert_string_equal(journey->steps[3].body.operation_name, "D");
    journey_free(journey);
}

static void severity_is_a_word_or_a_number(void **state)
{
    static const char *const words[] = {"sev3", "3", "\"3\""};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        AUTO_FREE char *text = xasprintf(STEP "    severity: %s\n", words[i]);
        struct journey *journey = load_good(text);
        assert_int_equal(journey->steps[0].severity, 3);
        journey_free(journey);
    }
}

static const struct value *long_number(void *context, const char *name, struct buf *reason)
{
    (void)name;
    (void)reason;
    return context;
}

static void numbers_that_are_too_long_are_sent_as_numbers(void **state)
{
    (void)state;
    struct value captured = value_text(VIEW_LITERAL("98765432109876543210"));
    captured.text.is_number = true;
    const struct expander expander = {
        .lookup = long_number, .context = &captured, .cap_bytes = 1000};
    AUTO_BUF out = BUF_INIT(4096), reason = BUF_INIT(1024);
    struct journey *journey =
        load_good(HEAD "  - name: a\n    post: /a\n"
                       "    json: [12345678901234567890, -1e400, 0012, 12:30, 1e, "
                       "\"12345678901234567890\", \"${run.id}\"]\n");
    assert_true(body_json(journey->steps[0].body.json, &expander, &out, &reason));
    assert_string_equal(buf_text(&out), "[12345678901234567890,-1e400,\"0012\",\"12:30\",\"1e\","
                                        "\"12345678901234567890\",98765432109876543210]");
    journey_free(journey);
    value_release(&captured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_yaml_is_told_with_what_is_meant),
        cmocka_unit_test(what_explodes_is_told),
        cmocka_unit_test(wrong_tops_are_told),
        cmocka_unit_test(wrong_steps_are_told),
        cmocka_unit_test(one_mistake_is_one_message),
        cmocka_unit_test(hosts_that_are_not_allowed_are_told),
        cmocka_unit_test(wrong_checks_are_told),
        cmocka_unit_test(what_can_never_hold_is_told),
        cmocka_unit_test(file_that_is_no_journey_is_not_quoted),
        cmocka_unit_test(variable_that_the_used_file_does_not_read_is_told),
        cmocka_unit_test(accounts_are_those_of_the_journey_that_is_walked),
        cmocka_unit_test(host_of_a_used_file_is_held_against_who_uses_it),
        cmocka_unit_test(wrong_names_are_told),
        cmocka_unit_test(wrong_personas_are_told),
        cmocka_unit_test(files_that_use_each_other_end),
        cmocka_unit_test(wrong_settings_are_told),
        cmocka_unit_test(example_journey_is_loaded_whole),
        cmocka_unit_test(steps_are_lowered_to_a_flat_list),
        cmocka_unit_test(only_named_operation_is_found_in_a_query),
        cmocka_unit_test(severity_is_a_word_or_a_number),
        cmocka_unit_test(numbers_that_are_too_long_are_sent_as_numbers),
        PIN_MESSAGES("journey/files.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

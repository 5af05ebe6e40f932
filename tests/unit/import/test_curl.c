/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of curl as browsers copy them and people type them. */
#include "import/import.h"
#include "journey/journey.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct sample {
    const char *command;
    const char *has[6];   /* parts of the journey */
    const char *lacks[4]; /* parts that it must not have */
    const char *note;     /* a part of what is said; NULL: nothing is asked */
};

static const struct sample samples[] = {
    /* Chrome, bash */
    {"curl 'https://shop.example/api/cart' \\\n  -H 'accept: application/json' \\\n"
     "  -H 'content-type: application/json' \\\n  -H 'sec-ch-ua: \"Chromium\";v=\"120\"' \\\n"
     "  -b 'sid=0123456789abcdef' \\\n"
     "  --data-raw $'{\"sku\":\"MUG-42\",\"note\":\"it\\'s \\u0021 \\u00e4\"}' \\\n  --compressed",
     {"post: /api/cart\n", "json: {sku: MUG-42, note: \"it's ! \xc3\xa4\"}", "follow: 0",
      "headers: {Accept: application/json}"},
     {"sec-ch-ua", "0123456789abcdef", "Cookie"},
     "cookies are left out"},
    {"curl -X DELETE https://shop.example/cart/1", {"name: remove from the cart"}, {NULL}, NULL},
    {"curl -X DELETE https://shop.example/notes/1", {"name: delete /notes/1"}, {NULL}, NULL},
    {"curl https://shop.example/api/price -d sku=MUG-42",
     {"name: ask for the price"},
     {NULL},
     NULL},
    /* Firefox */
    {"curl 'https://shop.example/login' -X POST -H 'User-Agent: Mozilla/5.0' -H 'Origin: "
     "https://shop.example' -H 'Content-Type: application/x-www-form-urlencoded' --data-raw "
     "'email=me%40shop.example&password=open+sesame'",
     {"stage: login", "form: {email: \"${secret.email}\", password: \"${secret.password}\"}",
      "password: {env: SHOP_PASSWORD}"},
     {"sesame", "me@shop.example", "Mozilla", "Origin"},
     "SHOP_PASSWORD"},
    /* Safari */
    {"curl 'https://shop.example/product/MUG-42' \\\n-X 'GET' \\\n-H 'Accept: text/html' \\\n"
     "-H 'Accept-Language: de-DE' --insecure",
     {"get: /product/MUG-42\n", "base: ${env.SHOP_URL}"},
     {"Accept", "insecure"},
     "-k is not taken over"},
    {"curl -G https://shop.example/s -d q=mug --data-urlencode 'b=c d' -L",
     {"get: /s\n", "query: {q: mug, b: c d}"},
     {"follow"},
     NULL},
    {"curl https://shop.example//cdn.example/s", {"get: /.//cdn.example/s\n"}, {"get: //"}, NULL},
    {"curl -u me:hunter22 shop.example/a",
     {"auth: {basic: {user: \"${secret.user}\", password: \"${secret.password}\"}}",
      "recorded at http://shop.example"},
     {"hunter22", "bWU6aHVudGVyMjI"},
     NULL},
    {"curl -H 'X-Api-Key: k-12345678' -H \"Authorization: Bearer tok-12345678\" https://a.example/",
     {"X-Api-Key: \"${secret.x_api_key}\"", "auth: {bearer: \"${secret.token}\"}"},
     {"12345678"},
     NULL},
    {"curl https://me:hunter%32%32@a.example/a",
     {"auth: {basic: {user: \"${secret.user}\", password: \"${secret.password}\"}}"},
     {"hunter"},
     NULL},
    {"curl https://a.example/graphql --json '{\"query\":\"mutation L($e:String!,$p:String!){login("
     "email:$e,password:$p){t}}\",\"variables\":{\"e\":\"a@b.example\",\"p\":\"hunter22\"}}'",
     {"{e: \"${secret.email}\", p: \"${secret.password}\"}"},
     {"hunter22", "a@b"},
     NULL},
    {"curl -sSXPUT https://a.example/x --json '{\"a\":[1,null]}' -e https://a.example/b",
     {"put: /x\n", "json: {a: [1, null]}", "Accept: application/json"},
     {0},
     NULL},
    {"curl -F note=hi -F 'photo=@mug.png;type=image/png' https://a.example/up",
     {"multipart: {note: hi, photo: \"\"}", "# photo was a file", "{file: mug.png}"},
     {0},
     NULL},
    {"curl https://me@b.example:hunter22@a.example/a",
     {"auth: {basic: {user: \"${secret.user}\", password: \"${secret.password}\"}}",
      "recorded at https://a.example\n"},
     {"hunter"},
     NULL},
    {"curl https://sk_test_12345678@a.example/a",
     {"auth: {basic: {user: \"${secret.user}\", password: \"\"}}"},
     {"sk_test"},
     "set SHOP_USER"},
    /* Chrome puts a backslash before what curl would read as a pattern. */
    {"curl 'https://a.example/s?f\\[a\\]=1&g\\{b\\}=2'",
     {"query: {\"f[a]\": 1, \"g{b}\": 2}"},
     {"\\\\"},
     NULL},
    {"curl -g 'https://a.example/s?f\\[a]=1'", {"query: {'f\\[a]': 1}"}, {0}, NULL},
    {"curl https://a.example/graphql --json '{\"query\":\"query me { me { id } }\"}'",
     {"graphql: {query: \"query me { me { id } }\"}"},
     {0},
     NULL},
    {"curl https://a.example/up -F 'a=\"x;y \\\"z\\\"\";type=text/plain' -F 'b=c;type=text/plain'",
     {"multipart: {a: 'x;y \"z\"', b: c}"},
     {0},
     NULL},
    {"curl https://a.example/p -H 'content-type: application/vnd.api+json' -d '{\"a\": 1}'",
     {"headers: {Content-Type: application/vnd.api+json}", "json: {a: 1}"},
     {0},
     NULL},
    {"curl https://a.example/p -H 'content-type: application/json; charset=utf-8' -d '{\"a\": 1}'",
     {"json: {a: 1}"},
     {"Content-Type"},
     NULL},
    {"curl https://a.example/p -X POST -H 'content-type: application/json'",
     {"post: /p", "headers: {Content-Type: application/json}"},
     {0},
     NULL},
    {"curl -I https://a.example", {"head: /\n"}, {0}, NULL},
    {"curl -x http://me:pw@proxy.example https://a.example",
     {"get: /\n"},
     {"proxy"},
     "--proxy is left out"},
    {"$ /usr/bin/curl -- https://a.example", {"get: /\n"}, {0}, NULL},
    {"curl --http2-prior-knowledge --tlsv1.2 -q https://a.example --url-query 'a=b c' "
     "--url-query +d=%20",
     {"query: {a: b c, d: \" \"}"},
     {0},
     NULL},
    {"curl -X DELETE 'https://a.example/cart/${id}'", {"delete: /cart/$${id}"}, {0}, NULL},
    {0},
};

static const char *missing(const struct sample *sample, const char *text, const char *notes)
{
    for (size_t i = 0; i < COUNT_OF(sample->has) && sample->has[i]; i++) {
        if (!strstr(text, sample->has[i])) return sample->has[i];
    }
    for (size_t i = 0; i < COUNT_OF(sample->lacks) && sample->lacks[i]; i++) {
        if (strstr(text, sample->lacks[i])) return sample->lacks[i];
    }
    return sample->note && !strstr(notes, sample->note) ? sample->note : NULL;
}

/* What a journey says to people. */
static void note_prose(struct view journey)
{
    struct view rest = journey, line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) {
        AUTO_FREE char *text = xstrndup(line.data, line.length);
        if (strchr(text, '#') || strstr(text, "name:")) golden_note(text);
    }
}

static void assert_good(const struct sample *sample)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(65536);
    struct diags diags = DIAGS_INIT;
    const struct import_options options = {0};
    const struct load_options load = {.lint = true};
    bool good = import_curl(view_of(sample->command), &options, &out, &notes, &diags);
    struct journey *journey =
        good ? journey_load_text("/nowhere/a.yaml", buf_view(&out), &load, &diags) : NULL;
    diags_print(&diags, &said, false);
    if (notes.length) golden_note(buf_text(&notes));
    note_prose(buf_view(&out));
    const char *wrong = missing(sample, buf_text(&out), buf_text(&notes));
    if (!journey || diags.warnings || wrong)
        fail_msg("%s\n%s\n%s\n%s: %s", sample->command, buf_text(&out), buf_text(&notes),
                 wrong ? wrong : "", buf_text(&said));
    journey_free(journey);
    diags_release(&diags);
}

static void command_becomes_a_journey_that_loads(void **state)
{
    (void)state;
    for (size_t i = 0; samples[i].command; i++) assert_good(&samples[i]);
}

static const struct {
    const char *command, *said;
} wrong[] = {
    {"", "command:1:1: error: this is no curl command"},
    {"wget https://a.example", "command:1:1: error: this is no curl command"},
    {"curl", "command:1:1: error: the command has no URL"},
    {"curl 'https://a.example", "command:1:6: error: this quote is never closed"},
    {"curl \\\n \"https://a.example", "command:2:2: error: this quote is never closed"},
    {"curl $'a", "command:1:6: error: this quote is never closed"},
    {"curl https://a.example/?a=1&b=2", "command:1:28: error: a bare '&'"},
    {"curl https://a.example | jq .", "command:1:24: error: this is more than one curl command"},
    {"curl https://a.example -H \"A: $TOKEN\"", "command:1:31: error: the shell would put"},
    {"curl $(cat url)", "command:1:6: error: the shell would put"},
    {"curl ^\"https://a.example^\"", "command:1:6: error: this is quoted for the Windows shell"},
    {"curl.exe \"https://a.example\" ^\r\n -H \"A: b\"",
     "command:1:30: error: this is quoted for the Windows shell"},
    {"curl https://a.example --heder 'A: b'", "did you mean 'header'?"},
    {"curl https://a.example -y", "command:1:24: error: an option of curl that is not known"},
    {"curl https://a.example -H", "command:1:24: error: this option needs a value"},
    {"curl https://a.example -H nothing", "command:1:27: error: a header needs a name"},
    {"curl https://a.example -d @body.json", "command:1:27: error: the body stands in a file"},
    {"curl https://a.example https://b.example", "command:1:24: error: a second URL"},
    {"curl https://a.example -X BREW", "command:1:27: error: a journey has no step"},
    {"curl ftp://a.example", "command:1:6: error: this is no URL"},
    {"curl https://a.example -F x", "command:1:27: error: a part needs a name"},
    {"curl https://a.example -u me", "command:1:27: error: curl would ask for the password"},
    {"curl --digest -u me:pw https://a.example", "command:1:6: error: a journey signs in with"},
    {"curl -T a https://a.example", "command:1:9: error: the body stands in a file"},
    {"curl a \\", "nothing follows this backslash"},
    {"curl https://a.example -H @headers.txt", "headers out of a file"},
    {"curl https://a.example -H 'a b: c'", "no name of a header"},
    {"curl https://a.example --next https://b.example", "one request at a time"},
    {"curl https://a.example -b a=b --jsno {}", "did you mean 'json'?"},
    {"curl https://a.example 'a", "this quote is never closed"},
    {0},
};

static void command_that_is_wrong_is_an_error_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; wrong[i].command; i++) {
        AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(65536);
        struct diags diags = DIAGS_INIT;
        const struct import_options options = {0};
        bool good = import_curl(view_of(wrong[i].command), &options, &out, &notes, &diags);
        diags_print(&diags, &said, false);
        diags_release(&diags);
        golden_note(buf_text(&said));
        if (good || out.length || !strstr(buf_text(&said), wrong[i].said))
            fail_msg("%s: %s", wrong[i].command, buf_text(&said));
    }
}

static void assert_refused(struct view command, const char *why)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(65536);
    struct diags diags = DIAGS_INIT;
    const struct import_options options = {0};
    assert_false(import_curl(command, &options, &out, &notes, &diags));
    diags_print(&diags, &said, false);
    diags_release(&diags);
    assert_non_null(strstr(buf_text(&said), why));
    golden_note(why); /* without what was shown of it */
}

static void command_that_is_too_long_or_holds_a_nul_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF command = BUF_INIT((size_t)2 << 20);
    assert_refused(VIEW_LITERAL("curl a\0b"), "a NUL stands in the command");
    buf_add_text(&command, "curl");
    while (command.length < 100000) buf_add_text(&command, " a");
    assert_refused(buf_view(&command), "the command has too many words");
    while (command.length <= (size_t)1 << 20) buf_add_text(&command, " a");
    assert_refused(buf_view(&command), "the command is larger than 1 MB");
}

static void secret_is_quoted_by_no_message(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "curl https://a.example -H 'Authorization: Bearer hunter22' --heder",
        "curl https://a.example -u me:hunter22 --heder",
        "curl https://a.example -d 'password=hunter22' --heder",
        "curl https://a.example -b 'a=hunter22' --heder",
        "curl https://me:hunter22@a.example/ --heder",
        "curl https://a.example -F 'password=hunter22' --heder",
        "curl https://a.example -U me:hunter22 --heder",
        "curl https://a.example --proxy-user me:hunter22 --heder",
        "curl https://a.example -x me:hunter22@proxy.example --heder",
        "curl https://a.example -E me.pem:hunter22 --heder",
        "curl https://a.example --pass hunter22 --heder"};
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(65536);
        struct diags diags = DIAGS_INIT;
        const struct import_options options = {0};
        assert_false(import_curl(view_of(commands[i]), &options, &out, &notes, &diags));
        diags_print(&diags, &said, false);
        diags_release(&diags);
        assert_non_null(strstr(buf_text(&said), "did you mean 'header'?"));
        assert_null(strstr(buf_text(&said), "hunter22"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_becomes_a_journey_that_loads),
        cmocka_unit_test(secret_is_quoted_by_no_message),
        cmocka_unit_test(command_that_is_wrong_is_an_error_with_its_place),
        cmocka_unit_test(command_that_is_too_long_or_holds_a_nul_is_an_error),
        PIN_MESSAGES("import/curl.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

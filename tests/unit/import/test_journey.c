/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole recordings become journeys: what is in them, what is not, and that each loads without an
 * error or a warning. The entries are written short here; make_har() spells them out.
 */
#include "answer/json.h"
#include "base/codec.h"
#include "import/import.h"
#include "journey/journey.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define SHOP "https://shop.example"
#define HTML "text/html; charset=utf-8"
#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

struct entry {
    const char *method, *url;
    const char *headers; /* "Name: value\nName: value" of the request */
    const char *type, *body;
    int status;
    const char *answer_headers, *answer_type, *answer;
};

struct sample {
    const char *about;
    struct entry entries[12];
    const char *has[12];  /* parts of the journey, in this order */
    const char *lacks[8]; /* parts that it must not have */
};

/* --- Spelling out */

static void add_headers(cJSON *message, const char *text)
{
    cJSON *list = cJSON_AddArrayToObject(message, "headers");
    struct view rest = view_of(text), line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) {
        struct view name = VIEW_NONE;
        cJSON *header = cJSON_CreateObject();
        (void)view_split(&line, ':', &name);
        AUTO_FREE char *key = xstrndup(name.data, name.length);
        AUTO_FREE char *value = xstrndup(view_trim(line).data, view_trim(line).length);
        cJSON_AddStringToObject(header, "name", key);
        cJSON_AddStringToObject(header, "value", value);
        cJSON_AddItemToArray(list, header);
    }
}

static cJSON *make_entry(const struct entry *entry)
{
    cJSON *node = cJSON_CreateObject();
    cJSON *request = cJSON_AddObjectToObject(node, "request");
    cJSON *response = cJSON_AddObjectToObject(node, "response");
    cJSON *content = cJSON_AddObjectToObject(response, "content");
    cJSON_AddStringToObject(request, "method", entry->method);
    cJSON_AddStringToObject(request, "url", entry->url);
    add_headers(request, entry->headers);
    if (entry->body) {
        cJSON *post = cJSON_AddObjectToObject(request, "postData");
        cJSON_AddStringToObject(post, "mimeType", entry->type);
        cJSON_AddStringToObject(post, "text", entry->body);
    }
    cJSON_AddNumberToObject(response, "status", entry->status ? entry->status : 200);
    add_headers(response, entry->answer_headers);
    cJSON_AddStringToObject(content, "mimeType", entry->answer_type ? entry->answer_type : "");
    if (entry->answer) cJSON_AddStringToObject(content, "text", entry->answer);
    return node;
}

static void make_har(const struct sample *sample, struct buf *out)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *entries = cJSON_AddArrayToObject(cJSON_AddObjectToObject(root, "log"), "entries");
    for (size_t i = 0; i < COUNT_OF(sample->entries) && sample->entries[i].method; i++)
        cJSON_AddItemToArray(entries, make_entry(&sample->entries[i]));
    json_print(root, out);
    cJSON_Delete(root);
}

/* --- Recordings */

static const struct sample forms = {
    "a shop of forms and redirects",
    {
        {"GET", SHOP "/", NULL, NULL, NULL, 200, NULL, HTML, "<a href=/login>in</a>"},
        {"GET", SHOP "/style.css", NULL, NULL, NULL, 200, NULL, "text/css", "a{}"},
        {"GET", "https://stranger.example/t.html", NULL, NULL, NULL, 200, NULL, HTML, "x"},
        {"OPTIONS", SHOP "/login", NULL, NULL, NULL, 204, NULL, NULL, NULL},
        {"GET", SHOP "/broken", NULL, NULL, NULL, 404, NULL, HTML, "none"},
        {"GET", SHOP "/login", "Cookie: visit=0123456789abcdef", NULL, NULL, 200, NULL, HTML,
         "<form action=/login><input type=hidden name=_csrf value=tok3n-0001><input name=user>"
         "<input type=password name=pw></form>"},
        {"POST", SHOP "/login", NULL, FORM,
         "_csrf=tok3n-0001&user=me%40shop.example&pw=o%26pen+sesame", 303,
         "Set-Cookie: sid=s3ss10n-secret; Path=/\nLocation: /account", NULL, NULL},
        {"GET", SHOP "/account", NULL, NULL, NULL, 200, NULL, HTML, "<p>me@shop.example</p>"},
        {"GET", SHOP "/product/MUG-42", NULL, NULL, NULL, 200, NULL, HTML,
         "<meta name=csrf-token content=tok3n-0002><span itemprop=price content=12.50>12,50 "
         "\342\202\254"
         "</span><meta itemprop=priceCurrency content=EUR>"},
        {"POST", SHOP "/cart", "X-CSRF-Token: tok3n-0002", FORM, "sku=MUG-42&quantity=2", 200, NULL,
         HTML, "<ul><li data-sku=MUG-42>Mug</li></ul><b id=total>25,00 \342\202\254</b>"},
    },
    {"base: ${env.SHOP_URL}", "SHOP_PASSWORD", "vars: {sku: MUG-42}", "stage: login",
     "csrf: {form: ", "field: _csrf}", "user: \"${secret.email}\", pw: \"${secret.password}\"",
     "{ends_with: /account}", "cookie: sid", "get: /product/${sku}",
     "price: {css: \"[itemprop=price]\", attr: content, currency: EUR, more_than: 0, at_most: 50}",
     "cart: {css: \"[data-sku]\", attr: data-sku, contains: \"${sku}\"}"},
    {"sesame", "me@shop", "tok3n", "s3ss10n", "style.css", "stranger.example/", "0123456789abcdef",
     "/broken"},
};

static const struct sample api = {
    "a single-page application with a bearer token",
    {
        {"POST", "https://api.shop.example/v2/auth/token", "Accept: application/json", JSON,
         "{\"username\":\"admin\",\"password\":\"password\"}", 200, NULL, JSON,
         "{\"data\":{\"accessToken\":\"eyJhbGciOi.J9abc123.xyz789\",\"refresh\":\"r\"}}"},
        {"GET", "https://api.shop.example/v2/products/42",
         "Authorization: Bearer eyJhbGciOi.J9abc123.xyz789", NULL, NULL, 200, NULL, JSON,
         "{\"id\":42,\"price\":{\"amount\":\"19.99\",\"currency\":\"USD\"},"
         "\"variants\":[{\"variantId\":9917}]}"},
        {"POST", "https://api.shop.example/v2/cart",
         "authorization: Bearer eyJhbGciOi.J9abc123.xyz789", JSON,
         "{\"variantId\":9917,\"quantity\":1,\"gift\":null}", 201, NULL, JSON,
         "{\"lines\":[{\"lineId\":\"b7c1\",\"variantId\":9917}],\"total\":19.99}"},
        {"DELETE", "https://api.shop.example/v2/cart/b7c1",
         "Authorization: Bearer eyJhbGciOi.J9abc123.xyz789", NULL, NULL, 204, NULL, NULL, NULL},
    },
    {"json: {username: \"${secret.user}\", password: \"${secret.password}\"}",
     "token: {json: $.data.accessToken}", "auth: {bearer: \"${token}\"}",
     "price: {json: $.price.amount, currency: USD, more_than: 0, at_most: 100}",
     "variant_id: {json: \"$.variants[0].variantId\"}",
     "json: {variantId: \"${variant_id}\", quantity: 1, gift: null}", "status: 201",
     "creates:", "{json: \"$.lines[0].lineId\"}", "undo: {delete: \"/v2/cart/${", NULL},
    {"eyJ", "9917", "b7c1", ": admin", ": password", "data.refresh"},
};

static const struct sample graphql = {
    "GraphQL",
    {
        {"POST", SHOP "/graphql", NULL, JSON,
         "{\"operationName\":\"SignIn\",\"query\":\"mutation SignIn($e: String!, $p: String!) {\\n"
         "  signIn(email: $e, password: $p) { token "
         "}\\n}\",\"variables\":{\"email\":\"a@b.example\","
         "\"password\":\"correct horse\"}}",
         200, "X-Auth-Token: h3ader-t0ken-0001", JSON, "{\"data\":{\"signIn\":{\"ok\":true}}}"},
        {"POST", SHOP "/graphql", "X-Auth-Token: h3ader-t0ken-0001", JSON,
         "{\"query\":\"mutation { addToCart(sku: 1) { lines { id } } }\"}", 200, NULL, JSON,
         "{\"data\":{\"addToCart\":{\"lines\":[{\"id\":1}]}}}"},
        {"POST", SHOP "/graphql", "X-Auth-Token: h3ader-t0ken-0001", JSON,
         "{\"query\":\"mutation { placeOrder { total } }\"}", 200, NULL, JSON,
         "{\"data\":{\"placeOrder\":{\"total\":12.5}}}"},
    },
    {"stage: login", "graphql:", "operation: SignIn", "query: |-", "mutation SignIn",
     "x_auth_token: {header: X-Auth-Token}", "stage: add-to-cart",
     "X-Auth-Token: \"${x_auth_token}\"", "cart: {json: ", "stage: checkout",
     "only: {at_most: 200/day}", "json: $.data.placeOrder.total"},
    {"horse", "a@b", "h3ader"},
};

static const struct sample hidden = {
    "secrets in every disguise",
    {
        {"POST", SHOP "/login?next=/u/me%40b.example", NULL, FORM,
         "email=me%40b.example&password=S3cr%22t%20pass", 200, "Set-Cookie: sid=c00kie-value-1234",
         HTML, "<form><input type=password></form>"},
        {"GET", SHOP "/account/me%40b.example?auth=UzNjciJ0IHBhc3M=&sid=c00kie-value-1234",
         "X-Debug: S3cr\"t pass\nX-Api-Key: k3y-0123456789", NULL, NULL, 200, NULL, HTML, "hello"},
        {"POST", SHOP "/api/order", "Authorization: Basic bWU6aHVudGVyMjI=", JSON,
         "{\"x\":1,\"note\":\"it is S3cr\\\"t "
         "pass!\",\"cardNumber\":\"4111111111111111\","
         "\"cvc\":737}",
         201, NULL, JSON, "{\"id\":\"o-1\",\"apiToken\":\"never-sent-on-1\"}"},
        {"POST", SHOP "/api/order/never-sent-on-1", NULL, "text/plain",
         "raw S3cr\"t pass and 4111111111111111", 200, NULL, JSON, "{}"},
    },
    {"${secret.email}", "${secret.x_api_key}",
     "auth: {basic: {user: \"${secret.user}\", password: \"${secret.password_2}\"}}", NULL},
    {"S3cr", "me@b", "me%40b", "UzNjciJ0", "hunter22", "k3y-0", "4111", "737"},
};

static const struct sample cookies = {
    "tokens that scripts read off cookies, which are URL-encoded",
    {
        {"GET", SHOP "/", NULL, NULL, NULL, 302,
         "Set-Cookie: XSRF-TOKEN=eyJpdiI6Ii9%2BMTIzNDU2Nzg5MCJ9%3D%3D; Path=/\nLocation: /de/",
         NULL, NULL},
        {"GET", SHOP "/de/", NULL, NULL, NULL, 200,
         "Set-Cookie: state=%7B%22apiToken%22%3A%22t0k3n-%2F0123456789%22%7D", HTML,
         "<a href='/basket?k=b4sket%2F0123456789%3D'>basket</a>"},
        {"POST", SHOP "/api/cart",
         "X-XSRF-TOKEN: eyJpdiI6Ii9+MTIzNDU2Nzg5MCJ9==\nX-Api-Token: t0k3n-/0123456789\n"
         "X-Basket-Key: b4sket/0123456789=",
         JSON, "{}", 201, NULL, JSON, "{\"ok\":true}"},
    },
    {"csrf: {cookie: XSRF-TOKEN, decode: url}",
     "x_api_token: {cookie: state, json: $.apiToken, decode: url}",
     "x_basket_key: {regex: ", "decode: url}", "X-XSRF-TOKEN: \"${csrf}\"",
     "X-Api-Token: \"${x_api_token}\"", "X-Basket-Key: \"${x_basket_key}\"", NULL},
    {"eyJpdi", "t0k3n", "b4sket", "secret."},
};

static const struct sample named = {
    "who is named in the address",
    {
        {"GET", "https://b%6Fbby1:l3t-me-in@shop.example/", NULL, NULL, NULL, 200, NULL, HTML,
         "<p>"},
        {"GET", SHOP "/cart", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
    },
    {"auth: {basic: {user: \"${secret.user}\", password: \"${secret.password}\"}}", "get: /cart",
     NULL},
    {"bobby1", "l3t-me"},
};

static const struct sample addresses = {
    "ids that are addresses themselves",
    {
        {"GET", SHOP "/", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/api/carts", NULL, JSON, "{}", 201, NULL, JSON,
         "{\"id\":\"gid://shop/Cart/a1b2c3d4\"}"},
        {"POST", SHOP "/api/carts/gid%3A%2F%2Fshop%2FCart%2Fa1b2c3d4/lines", NULL, JSON,
         "{\"sku\":\"M\"}", 201, NULL, JSON, "{}"},
        {"GET", SHOP "/api/views/gid%3A%2F%2Fshop%2FCart%2Fa1b2c3d4%2Flines", NULL, NULL, NULL, 200,
         NULL, JSON, "{}"},
        {"DELETE", SHOP "/api/carts/gid%3A%2F%2Fshop%2FCart%2Fa1b2c3d4", NULL, NULL, NULL, 204,
         NULL, NULL, NULL},
    },
    {"creates:", "cart: {json: $.id}", "undo: {delete: \"/api/carts/${cart}\"}",
     "post: /api/carts/${cart}/lines", NULL},
    {"/api/carts/gid", "/api/views/${cart}/lines"},
};

static const struct sample told = {
    "secrets that their own name does not tell",
    {
        {"GET", SHOP "/login", NULL, NULL, NULL, 200, NULL, HTML,
         "<form action=/login><input name=u><input type=PassWord name=q7></form>"},
        {"POST", SHOP "/login", NULL, FORM, "u=bobby&q7=by-page-0001", 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/graphql", NULL, JSON,
         "{\"query\":\"mutation L($e: String!, $p: String!) { login(email: $e, password: $p) { t } "
         "}\",\"variables\":{\"e\":\"v@b.example\",\"p\":\"by-variable-02\"}}",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/graphql", NULL, JSON,
         "{\"query\":\"mutation { login(email: \\\"l@b.example\\\", password: "
         "\\\"by-literal-03\\\") { t } }\"}",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/api/a", NULL, JSON,
         "{\"p\":\"{\\\"q\\\":{\\\"password\\\":\\\"in-text-04\\\"}}\",\"f\":[{\"name\":"
         "\"password\",\"value\":\"by-pair-05\"}]}",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/api/b", NULL, FORM,
         "d=%7B%22password%22%3A%22in-form-06%22%7D&x%5B0%5D%5Bname%5D=pass&x%5B0%5D%5Bvalue%5D="
         "by-rows-07&mdp=french-08&contrase%C3%B1a=spanish-09",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/api/c", NULL, "text/xml",
         "<s:l><s:password a=\"b\">in-xml-10</s:password><pass><![CDATA[in-data-11]]></pass></s:l>",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/api/d", NULL, "text/plain", "a|password=in-plain-12;b", 200, NULL, JSON,
         "{}"},
        {"POST", SHOP "/api/pay", NULL, JSON,
         "{\"card\":{\"number\":\"4242 4242 4242 4242\",\"exp\":\"12/29\"}}", 200, NULL, JSON,
         "{}"},
        {"GET", SHOP "/callback?code=oauth-code-13&state=s1", "X-Auth: header-14", NULL, NULL, 200,
         NULL, HTML, "<p>"},
        {"POST", SHOP "/anmelden", NULL, FORM, "w=by-place-15&weiter=1", 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/login/2", NULL, "application/octet-stream", "opaque-16", 200, NULL, HTML,
         "<p>"},
    },
    {"u: bobby", "q7: \"${secret.password}\"", "p: \"${secret.password_2}\"",
     "password: \"${secret.password_3}\"", "${secret.x_auth}", "text: ${secret.login_body}"},
    {"by-", "in-", "french", "spanish", "4242", "12/29", "oauth-code", "header-14"},
};

static const struct sample opaque = {
    "a log-in of one text, a cookie that is JSON",
    {
        {"POST", SHOP "/login", NULL, "application/octet-stream", "opaque-16", 200, NULL, HTML,
         "<p>"},
        {"GET", SHOP "/", "Cookie: s=%7B%22id%22%3A%22cookie-17%22%7D", NULL, NULL, 200, NULL, HTML,
         "<p>"},
        {"GET", SHOP "/k/cookie-17", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/login/more", NULL, JSON,
         "{\"password\":\"password\",\"text\":\"my password: abc7\",\"pin\":737}", 200, NULL, HTML,
         "<p>"},
    },
    {"text: ${secret.login_body}", "text: \"my password: ${secret.password_3}\""},
    {"opaque", "cookie-17", "abc7", "737"},
};

static const struct sample arrived = {
    "ids that only the address one arrives at tells",
    {
        {"POST", SHOP "/basket", NULL, FORM, "sku=A", 303, "Location: /basket/c-abc778899", NULL,
         NULL},
        {"GET", SHOP "/basket/c-abc778899", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/basket/c-abc778899/pay", NULL, FORM, "a=1", 303,
         "Location: /order?id=7788z", NULL, NULL},
        {"GET", SHOP "/order?id=7788z", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/thanks?id=7788z", NULL, FORM, "a=1", 200, NULL, HTML, "<p>"},
    },
    {"basket: {url: null, regex: \"/basket/([A-Za-z0-9._~-]+)\"}", "post: /basket/${basket}/pay",
     "line: {url: null, regex: '/order\\?id=([A-Za-z0-9._~-]+)'}", "query: {id: \"${line}\"}"},
    {"778899", "7788z"},
};

static const struct sample data = {
    "an API, and nothing but what it says",
    {
        {"GET", SHOP "/api/hello", "Authorization: Basic bWU6aHVudGVyMjI=", NULL, NULL, 200, NULL,
         JSON, "{}"},
        {"GET", SHOP "/api/more", NULL, NULL, NULL, 200, NULL, JSON, "{}"},
    },
    {"get: /api/hello", "basic: {user: ", "get: /api/more"},
    {"hunter22"},
};

static const struct sample strangers = {
    "a search engine and a tracker before the shop, whose pages have names of trackers",
    {
        {"GET", "https://search.example/?q=mug", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", "https://ads.example/session", NULL, "text/plain", "x", 200, NULL, HTML, "<p>"},
        {"GET", SHOP "/product/pixel-8-phone", NULL, NULL, NULL, 200, NULL, HTML,
         "<b itemprop=price content=599></b>"},
        {"GET", SHOP "/collections/mugs", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/collect", NULL, "text/plain", "beacon-1", 204, NULL, NULL, NULL},
        {"POST", "https://metrics.shop.example/a", NULL, "text/plain", "beacon-2", 204, NULL, NULL,
         NULL},
        {"POST", SHOP "/cart/add", NULL, FORM, "sku=pixel-8", 200, NULL, HTML, "<p>"},
        {"GET", SHOP "/metrics", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/api/collectibles", NULL, JSON, "{}", 200, NULL, JSON, "{}"},
        {"GET", SHOP "/order-tracking/55", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
    },
    {"journey: shop-example", "get: /product/pixel-8-phone", "get: /collections/mugs",
     "post: /cart/add", "get: /metrics", "post: /api/collectibles", "get: /order-tracking/55"},
    {"search.example", "ads.example", "beacon-1", "beacon-2"},
};

static const struct sample made = {
    "ids that are first sent under a name that is none",
    {
        {"GET", SHOP "/p", NULL, NULL, NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/api/cart/items", NULL, JSON, "{\"sku\":\"A-1000\"}", 201, NULL, JSON,
         "{\"cartId\":\"c-778899\",\"items\":[{\"id\":\"ln-5566\",\"sku\":\"A-1000\"}]}"},
        {"POST", SHOP "/api/checkout", NULL, JSON, "{\"lines\":[\"ln-5566\"],\"sku\":\"A-1000\"}",
         201, NULL, JSON, "{\"ok\":true}"},
        {"DELETE", SHOP "/api/cart/c-778899/items/ln-5566", NULL, NULL, NULL, 204, NULL, NULL,
         NULL},
    },
    {"json: {sku: A-1000}", "creates:", "{json: \"$.items[0].id\"}",
     "undo: {delete: \"/api/cart/${cart}/items/${lines}\"}", "json: {lines: [\"${lines}\"]"},
    {"5566", "778899"},
};

static const struct sample unused = {
    "tokens that nothing written uses, short ones, and signatures",
    {
        {"POST", SHOP "/oauth/token", NULL, FORM, "grant_type=x&refresh_token=rt-0001", 200,
         "Set-Cookie: PHPSESSID=q9z7", JSON, "{\"access_token\":\"at-0123456789abcdef\"}"},
        {"GET", SHOP "/api/me", "Authorization: Bearer at-0123456789abcdef", NULL, NULL, 200, NULL,
         JSON, "{}"},
        {"GET", SHOP "/k?s=q9z7&X-Amz-Signature=sig-5566", NULL, NULL, NULL, 200, NULL, HTML,
         "<p>"},
    },
    {"refresh_token: \"${secret.refresh_token}\"", "get: /k"},
    {"rt-0001", "at-0123", "capture", "q9z7", "sig-5566"},
};

static const struct sample odd = {
    "what another language would stumble over",
    {
        {"GET", SHOP "/a%20b/${x}?q=a%26b&list=1&list=2&empty=&=none", "X-Odd: a: \"b\" #c", NULL,
         NULL, 200, NULL, HTML, "<p>"},
        {"POST", SHOP "/yes", NULL, JSON,
         "{\"true\":\"no\",\"${a}\":\"${b}\",\"n\":12345678901234567890,\"f\":1.50,\"#\":\"c\","
         "\"check\":[{\"a: [b\":1}],\"\":[[],{}]}",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/up", NULL, "multipart/form-data; boundary=X",
         "--X\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"../a.png\"\r\n\r\n\1\2"
         "\r\n--X--",
         200, NULL, JSON, "{}"},
        {"POST", SHOP "/text", NULL, "text/${a}", "<a>\n\t<b/>\n</a>", 200, NULL, JSON, "{}"},
    },
    {"/a%20b/$${x}", "a&b", "[1, 2]", "X-Odd", "\"true\": \"no\"", "12345678901234567890", "photo",
     "# photo was a file", "Content-Type: \"text/$${a}\"", NULL},
    {"c00kie"},
};

static const struct sample *const samples[] = {
    &forms,  &api,     &graphql, &hidden,    &cookies, &named,  &addresses, &told,
    &opaque, &arrived, &data,    &strangers, &made,    &unused, &odd,       NULL};

/* --- Holding against */

/* What a journey says to people: its comments, the names of its steps, its messages. */
static void note_prose(struct view journey)
{
    struct view rest = journey, line = VIEW_NONE;
    while (view_split(&rest, '\n', &line)) {
        AUTO_FREE char *text = xstrndup(line.data, line.length);
        if (strchr(text, '#') || strstr(text, "name:") || strstr(text, "message:"))
            golden_note(text);
    }
}

/* NULL: all is as it should be. */
static const char *wrong_part(const struct sample *sample, const char *text)
{
    const char *at = text;
    for (size_t i = 0; i < COUNT_OF(sample->has) && sample->has[i]; i++) {
        at = strstr(at, sample->has[i]);
        if (!at) return sample->has[i];
    }
    for (size_t i = 0; i < COUNT_OF(sample->lacks) && sample->lacks[i]; i++) {
        if (strstr(text, sample->lacks[i])) return sample->lacks[i];
    }
    return NULL;
}

static void recording_becomes_a_journey_that_loads_without_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; samples[i]; i++) {
        AUTO_BUF har = BUF_INIT(BUF_OWN_CAP), out = BUF_INIT(BUF_OWN_CAP);
        AUTO_BUF notes = BUF_INIT(BUF_OWN_CAP), said = BUF_INIT(BUF_OWN_CAP);
        AUTO_ERROR error = ERROR_NONE;
        const struct import_options options = {.from = "test.har"};
        const struct load_options load = {.lint = true};
        struct diags diags = DIAGS_INIT;
        make_har(samples[i], &har);
        if (!import_har(buf_view(&har), &options, &out, &notes, &error))
            fail_msg("%s: %s", samples[i]->about, error_text(&error));
        struct journey *journey =
            journey_load_text("/nowhere/a.yaml", buf_view(&out), &load, &diags);
        diags_print(&diags, &said, false);
        if (notes.length) golden_note(buf_text(&notes));
        note_prose(buf_view(&out));
        const char *wrong = wrong_part(samples[i], buf_text(&out));
        if (!journey || diags.warnings || wrong)
            fprintf(stderr, "%s: '%s'\n%s\n%s", samples[i]->about, wrong ? wrong : "",
                    buf_text(&out), buf_text(&said));
        assert_true(journey && !diags.warnings && !wrong);
        journey_free(journey);
        diags_release(&diags);
    }
}

/* The password goes through every place of a recording where text can stand. */
static void password_survives_nowhere(void **state)
{
    static const char *const passwords[] = {
        "hunter2-secret",          "p\"w'd\\x{}[]", "a&b=c d+e%25", "1234567",
        "p\303\244ss w\303\266rd", "${run.id}",     "- a: #b",      "true"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(passwords); i++) {
        struct view password = view_of(passwords[i]);
        AUTO_BUF har = BUF_INIT(BUF_OWN_CAP), out = BUF_INIT(BUF_OWN_CAP),
                 notes = BUF_INIT(BUF_OWN_CAP);
        AUTO_BUF form = BUF_INIT(4096), json = BUF_INIT(4096), percent = BUF_INIT(4096),
                 b64 = BUF_INIT(4096);
        AUTO_ERROR error = ERROR_NONE;
        struct diags diags = DIAGS_INIT;
        codec_add_form(&form, password);
        codec_add_json(&json, password);
        codec_add_percent(&percent, password);
        codec_add_base64(&b64, password);
        AUTO_FREE char *login = xasprintf("user=u1&password=%s", buf_text(&form));
        AUTO_FREE char *url = xasprintf(SHOP "/%s/x?%s=%s&b=%s", buf_text(&percent),
                                        buf_text(&percent), buf_text(&percent), buf_text(&b64));
        AUTO_FREE char *header = xasprintf("X-A: %s\nX-B: pre%spost", passwords[i], passwords[i]);
        AUTO_FREE char *body = xasprintf("{\"%s\":\"%s\",\"a\":\"x%sx\"}", buf_text(&json),
                                         buf_text(&json), buf_text(&json));
        const struct sample sample = {
            .entries = {{"POST", SHOP "/login", NULL, FORM, login, 200, NULL, HTML, "<p>"},
                        {"POST", url, header, JSON, body, 200, NULL, JSON, "{}"},
                        {"POST", SHOP "/c", header, "text/plain", header, 200, NULL, JSON, "{}"}}};
        const struct import_options options = {.from = passwords[i], .name = "j"};
        make_har(&sample, &har);
        if (!import_har(buf_view(&har), &options, &out, &notes, &error))
            fail_msg("%s", error_text(&error));
        struct journey *journey =
            journey_load_text("/nowhere/a.yaml", buf_view(&out), NULL, &diags);
        bool word = view_is(password, "true") || view_is(password, "${run.id}");
        const char *const forms_of[] = {passwords[i], buf_text(&form), buf_text(&percent),
                                        buf_text(&json), buf_text(&b64)};
        for (size_t k = 0; k < COUNT_OF(forms_of) && !word; k++) {
            if (strstr(buf_text(&out), forms_of[k]) || strstr(buf_text(&notes), forms_of[k]))
                fail_msg("'%s' is in %s", forms_of[k], buf_text(&out));
        }
        if (!journey) fail_msg("%s", buf_text(&out));
        journey_free(journey);
        diags_release(&diags);
    }
}

static void what_a_journey_cannot_know_is_said(void **state)
{
    static const struct sample sample = {
        .entries = {{"GET", SHOP "/", NULL, NULL, NULL, 200, "Set-Cookie: XSRF-TOKEN=ab%3Dcd998877",
                     HTML, "<p>"},
                    {"POST", SHOP "/api/cart", "X-XSRF-TOKEN: signed-by-a-script-998877", JSON,
                     "{}", 201, NULL, JSON, "{\"cart\":\"c-778899\"}"},
                    {"DELETE", SHOP "/api/cart/c-778899/lines/907", NULL, NULL, NULL, 204, NULL,
                     NULL, NULL}}};
    (void)state;
    AUTO_BUF har = BUF_INIT(BUF_OWN_CAP), out = BUF_INIT(BUF_OWN_CAP);
    AUTO_BUF notes = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    const struct import_options options = {0};
    make_har(&sample, &har);
    assert_true(import_har(buf_view(&har), &options, &out, &notes, &error));
    golden_note(buf_text(&notes));
    assert_non_null(strstr(buf_text(&notes), "x_xsrf_token was made for one visit"));
    assert_non_null(strstr(buf_text(&notes), "the undo of 'add to cart' holds '907'"));
}

static void expect_refusal(struct view har, const char *words)
{
    AUTO_BUF out = BUF_INIT(BUF_OWN_CAP), notes = BUF_INIT(BUF_OWN_CAP);
    AUTO_ERROR error = ERROR_NONE;
    const struct import_options options = {0};
    assert_false(import_har(har, &options, &out, &notes, &error));
    golden_note(error_text(&error));
    assert_non_null(strstr(error_text(&error), words));
    assert_int_equal(out.length, 0);
}

static void recording_without_a_shopper_is_an_error(void **state)
{
    (void)state;
    static const char *const empty[] = {
        "{\"log\":{\"entries\":[]}}",
        "{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a.example/x.png\"}}]}}",
        "{\"log\":{\"entries\":[{\"request\":{\"url\":\"data:,x\"}}]}}",
    };
    for (size_t i = 0; i < COUNT_OF(empty); i++)
        expect_refusal(view_of(empty[i]), "no request of a shopper");
}

static void recording_with_too_many_steps_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF har = BUF_INIT(BUF_OWN_CAP);
    buf_add_text(&har, "{\"log\":{\"entries\":[");
    for (int i = 0; i < 300; i++)
        buf_addf(&har, "%s{\"request\":{\"method\":\"POST\",\"url\":\"https://a.example/%d\"}}",
                 i ? "," : "", i);
    buf_add_text(&har, "]}}");
    expect_refusal(buf_view(&har), "would have 300 steps");
}

static void recording_with_too_many_requests_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF har = BUF_INIT((size_t)1 << 20);
    buf_add_text(&har, "{\"log\":{\"entries\":[");
    for (int i = 0; i < 1001; i++)
        buf_addf(&har, "%s{\"request\":{\"method\":\"POST\",\"url\":\"https://a.example/%d\"}}",
                 i ? "," : "", i);
    buf_add_text(&har, "]}}");
    expect_refusal(buf_view(&har), "more than 1000 requests matter");
}

static void recording_with_too_much_text_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF har = BUF_INIT((size_t)4 << 20);
    buf_add_text(&har, "{\"log\":{\"entries\":[");
    for (int i = 0; i < 150; i++)
        buf_addf(&har,
                 "%s{\"request\":{\"method\":\"POST\",\"url\":\"https://a.example/%d\","
                 "\"postData\":{\"mimeType\":\"text/plain\",\"text\":\"%08000d\"}}}",
                 i ? "," : "", i, i);
    buf_add_text(&har, "]}}");
    expect_refusal(buf_view(&har), "the journey would be larger than 1048576 bytes");
}

static void recording_with_too_many_cookies_is_an_error(void **state)
{
    (void)state;
    AUTO_BUF har = BUF_INIT((size_t)4 << 20);
    buf_add_text(&har, "{\"log\":{\"entries\":[");
    for (int i = 0; i < 21; i++) {
        buf_addf(&har,
                 "%s{\"request\":{\"url\":\"https://a.example/%d\"},\"response\":{\"status\":200,"
                 "\"content\":{\"mimeType\":\"text/html\",\"text\":\"<p>\"},\"headers\":[",
                 i ? "," : "", i);
        for (int k = 0; k < 500; k++)
            buf_addf(&har, "%s{\"name\":\"Set-Cookie\",\"value\":\"c%d=v-%06d-%06d\"}",
                     k ? "," : "", k, i, k);
        buf_add_text(&har, "]}}");
    }
    buf_add_text(&har, "]}}");
    expect_refusal(buf_view(&har), "more than 10000 cookies and secrets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording_becomes_a_journey_that_loads_without_warnings),
        cmocka_unit_test(password_survives_nowhere),
        cmocka_unit_test(what_a_journey_cannot_know_is_said),
        cmocka_unit_test(recording_without_a_shopper_is_an_error),
        cmocka_unit_test(recording_with_too_many_steps_is_an_error),
        cmocka_unit_test(recording_with_too_many_requests_is_an_error),
        cmocka_unit_test(recording_with_too_much_text_is_an_error),
        cmocka_unit_test(recording_with_too_many_cookies_is_an_error),
        PIN_MESSAGES("import/journey.txt"),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

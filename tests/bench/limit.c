/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit that the benchmark measures against: the reference journey's six requests, as many
 * bytes of them as a shopper sends, on libcurl's multi socket interface and libevent, statuses
 * checked and nothing else. It parses no page and keeps no report. Each slot keeps its easy and its
 * share handle from visitor to visitor; a visitor is fresh all the same: no cookie, connection or
 * TLS session of the one before.
 *
 *   bench-limit URL JOURNEYS CONCURRENT [CA-FILE [PER-SECOND]]
 *
 * With PER-SECOND, that many set out in each second, at most CONCURRENT at once; without, the next
 * one sets out when one is back. They set out as a daemon's shoppers do: spread over the second by
 * chance, the same in each, and each on time. Starting some together, late by a millisecond or two,
 * would spare half of the sleeps between, which are the dearest.
 */
#include <curl/curl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>

static const struct {
    const char *path, *type, *body;
    long status;
} requests[] = {
    {"/login", NULL, NULL, 200},
    {"/session", "Content-Type: application/x-www-form-urlencoded",
     "email=shopper%40example.com&password=benchmark&csrf_token=d3b07384d113edec49eaa6238ad5ff00",
     200},
    {"/api/products/42", NULL, NULL, 200},
    {"/api/cart", "Content-Type: application/json", "{\"sku\":\"MUG-42\",\"quantity\":1}", 201},
    {"/api/cart", NULL, NULL, 200},
    {"/api/checkout", "Content-Type: application/json", "{\"mode\":\"test\"}", 201},
};
#define REQUEST_COUNT (sizeof(requests) / sizeof(requests[0]))

/* What every shopper says of itself. curl formats a header byte by byte, about a hundred
 * instructions for each: half of what a request costs. */
static const char *const said[] = {
    ("User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/131.0.0.0 Safari/537.36 MysteryShopper/0.1.0"),
    "Accept: text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.9",
    "X-Synthetic-Shopper: journey=reference; run=01a20938-b69d-717c-9937-b084c717f927",
    "traceparent: 00-5e0bbe55340f697799e9afe1697692d1-bdbf1aacef792fba-01",
};

struct slot {
    struct slot *next_idle;
    CURL *easy;
    CURLSH *share;
    size_t at;
};

struct bench {
    struct event_base *base;
    struct event *timer;
    CURLM *multi;
    CURLU *urls[REQUEST_COUNT];
    struct curl_slist *headers[REQUEST_COUNT];
    X509_STORE *store;
    long left, under_way, failed;
    long per_second; /* 0: as fast as they can */
    struct event *pace;
    int alarm;    /* a timerfd */
    long *phases; /* of each start within a second, in nanoseconds, the earliest first */
    time_t began; /* the second of the first */
    long started;
    struct slot *idle;
};

static size_t discard(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

static CURLcode set_store(CURL *easy, void *ssl_context, void *context)
{
    struct bench *bench = context;
    (void)easy;
    X509_STORE_up_ref(bench->store);
    SSL_CTX_set_cert_store(ssl_context, bench->store);
    SSL_CTX_set_read_ahead(ssl_context, 1);
    return CURLE_OK;
}

static void send_next(struct bench *bench, struct slot *slot)
{
    CURL *easy = slot->easy;
    curl_easy_setopt(easy, CURLOPT_CURLU, bench->urls[slot->at]);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, bench->headers[slot->at]);
    if (requests[slot->at].body)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, requests[slot->at].body);
    else
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    /* The last answer ends the visit's only connection: the share is empty for the next visitor. */
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, slot->at + 1 == REQUEST_COUNT ? 1L : 0L);
    curl_multi_add_handle(bench->multi, easy);
}

static void begin_journey(struct bench *bench, struct slot *slot)
{
    slot->at = 0;
    curl_easy_setopt(slot->easy, CURLOPT_COOKIELIST, "ALL");
    send_next(bench, slot);
}

static void set_up_slot(struct bench *bench, struct slot *slot)
{
    CURLSH *share = curl_share_init();
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    CURL *easy = slot->easy = curl_easy_init();
    slot->share = share;
    curl_easy_setopt(easy, CURLOPT_SHARE, share);
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
    if (!bench->store) return;
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_store);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, bench);
    /* A visitor has one connection; what would be kept could only serve the next visitor. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}

static struct timespec next_start(const struct bench *bench)
{
    return (struct timespec){bench->began + bench->started / bench->per_second,
                             bench->phases[bench->started % bench->per_second]};
}

static bool is_due(struct timespec start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return start.tv_sec < now.tv_sec ||
           (start.tv_sec == now.tv_sec && start.tv_nsec <= now.tv_nsec);
}

/* Those that are due by now, and again when the next one is. */
static void set_out(evutil_socket_t socket, short what, void *context)
{
    struct bench *bench = context;
    (void)socket;
    (void)what;
    while (bench->idle && bench->started < bench->under_way && is_due(next_start(bench))) {
        struct slot *slot = bench->idle;
        bench->idle = slot->next_idle;
        bench->started++;
        begin_journey(bench, slot);
    }
    if (!bench->idle || bench->started == bench->under_way) return;
    const struct itimerspec alarm = {.it_value = next_start(bench)};
    timerfd_settime(bench->alarm, TFD_TIMER_ABSTIME, &alarm, NULL);
}

static void come_back(struct bench *bench, struct slot *slot)
{
    bool were_all_away = !bench->idle;
    slot->next_idle = bench->idle;
    bench->idle = slot;
    if (--bench->left == 0) event_base_loopbreak(bench->base);
    if (were_all_away) set_out(-1, 0, bench);
}

static void end_journey(struct bench *bench, struct slot *slot)
{
    if (bench->pace) {
        come_back(bench, slot);
        return;
    }
    if (--bench->left >= bench->under_way)
        begin_journey(bench, slot);
    else if (--bench->under_way == 0)
        event_base_loopbreak(bench->base);
}

static void take_answers(struct bench *bench)
{
    int queued = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(bench->multi, &queued));) {
        struct slot *slot = NULL;
        long status = 0;
        CURL *easy = message->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        bool good = message->data.result == CURLE_OK && status == requests[slot->at].status;
        curl_multi_remove_handle(bench->multi, easy);
        if (!good) bench->failed++;
        if (good && ++slot->at < REQUEST_COUNT)
            send_next(bench, slot);
        else
            end_journey(bench, slot);
    }
}

static void on_socket(evutil_socket_t socket, short what, void *context)
{
    struct bench *bench = context;
    int running = 0, mask = 0;
    if (what & EV_READ) mask |= CURL_CSELECT_IN;
    if (what & EV_WRITE) mask |= CURL_CSELECT_OUT;
    curl_multi_socket_action(bench->multi, socket, mask, &running);
    take_answers(bench);
}

static void on_timer(evutil_socket_t socket, short what, void *context)
{
    struct bench *bench = context;
    int running = 0;
    (void)socket;
    (void)what;
    curl_multi_socket_action(bench->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_answers(bench);
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *watched)
{
    struct bench *bench = context;
    struct event *event = watched;
    (void)easy;
    if (event) event_free(event);
    event = NULL;
    if (what != CURL_POLL_REMOVE) {
        int kinds = EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
                    (what & CURL_POLL_OUT ? EV_WRITE : 0);
        event = event_new(bench->base, socket, (short)kinds, on_socket, bench);
        event_add(event, NULL);
    }
    curl_multi_assign(bench->multi, socket, event);
    return 0;
}

static int set_timer(CURLM *multi, long after_ms, void *context)
{
    struct bench *bench = context;
    (void)multi;
    const struct timeval after = {after_ms / 1000, after_ms % 1000 * 1000};
    if (after_ms < 0)
        evtimer_del(bench->timer);
    else
        evtimer_add(bench->timer, &after);
    return 0;
}

static bool read_arguments(struct bench *bench, int argc, char **argv)
{
    bench->left = atol(argv[2]);
    bench->under_way = atol(argv[3]);
    if (bench->under_way > bench->left) bench->under_way = bench->left;
    if (bench->under_way < 1) return false;
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        bench->urls[i] = curl_url();
        if (curl_url_set(bench->urls[i], CURLUPART_URL, argv[1], 0)) return false;
        curl_url_set(bench->urls[i], CURLUPART_PATH, requests[i].path, 0);
        struct curl_slist **headers = &bench->headers[i];
        for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
            *headers = curl_slist_append(*headers, said[k]);
        if (requests[i].type) *headers = curl_slist_append(*headers, requests[i].type);
    }
    if (argc > 5) bench->per_second = atol(argv[5]);
    if (argc < 5 || !*argv[4]) return true;
    bench->store = X509_STORE_new();
    return X509_STORE_load_file(bench->store, argv[4]) == 1;
}

static void set_up(struct bench *bench)
{
    bench->base = event_base_new();
    bench->timer = evtimer_new(bench->base, on_timer, bench);
    bench->multi = curl_multi_init();
    curl_multi_setopt(bench->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(bench->multi, CURLMOPT_SOCKETDATA, bench);
    curl_multi_setopt(bench->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(bench->multi, CURLMOPT_TIMERDATA, bench);
}

static int in_order(const void *left, const void *right)
{
    long a = *(const long *)left, b = *(const long *)right;
    return (a > b) - (a < b);
}

static bool set_pace(struct bench *bench, struct slot *slots, size_t count)
{
    bench->phases = calloc((size_t)bench->per_second, sizeof(*bench->phases));
    if (!bench->phases) return false;
    srandom(1);
    for (long i = 0; i < bench->per_second; i++) bench->phases[i] = random() % 1000000000;
    qsort(bench->phases, (size_t)bench->per_second, sizeof(*bench->phases), in_order);
    for (size_t i = 0; i < count; i++) {
        slots[i].next_idle = bench->idle;
        bench->idle = &slots[i];
    }
    bench->under_way = bench->left;
    bench->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    bench->pace =
        event_new(bench->base, bench->alarm, EV_READ | EV_PERSIST | EV_ET, set_out, bench);
    event_add(bench->pace, NULL);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bench->began = now.tv_sec + 1;
    set_out(-1, 0, bench);
    return true;
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (argc < 4 || !read_arguments(&bench, argc, argv)) {
        fputs("usage: bench-limit URL JOURNEYS CONCURRENT [CA-FILE [PER-SECOND]]\n", stderr);
        return 2;
    }
    set_up(&bench);
    size_t count = (size_t)bench.under_way;
    struct slot *slots = calloc(count, sizeof(*slots));
    if (!slots) return 2;
    for (size_t i = 0; i < count; i++) {
        set_up_slot(&bench, &slots[i]);
        if (bench.per_second <= 0) begin_journey(&bench, &slots[i]);
    }
    if (bench.per_second > 0 && !set_pace(&bench, slots, count)) return 2;
    event_base_dispatch(bench.base);
    /* What is left belongs to the process, which ends here. */
    if (bench.failed) fprintf(stderr, "%ld requests failed\n", bench.failed);
    return bench.failed ? 1 : 0;
}

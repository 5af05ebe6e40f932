/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of sinks against real receivers: send_event [--ca FILE] CONFIG SINK, an event's JSON on
 * standard input. CONFIG is a file with `sinks:`. Prints how it went: "delivered", "again 5000 WHY"
 * (milliseconds that the receiver asked for), "refused 0 WHY", or "unwanted" when the event is not
 * meant for that sink. With CONFIG alone it only says what is wrong there. Exit 2: something is.
 */
#include "base/file.h"
#include "loop/loop.h"
#include "sink/sink.h"

#include <stdio.h>
#include <string.h>

static void on_done(void *context, const struct sink_result *result)
{
    static const char *const words[] = {"delivered", "again", "refused", "gone"};
    struct loop *loop = context;
    printf("%s", words[result->outcome]);
    if (result->outcome != SINK_DELIVERED)
        printf(" %lld %s%s%s", (long long)(result->after_us / US_PER_MS), result->why,
               *result->said ? ": " : "", result->said);
    printf("\n");
    loop_stop(loop);
}

static bool load(const char *path, struct sink_list *list, struct diags *diags,
                 struct yaml_document **ret_document, bool resolve)
{
    AUTO_ERROR error = ERROR_NONE;
    struct source *source = source_read(path, &error);
    if (!source) {
        fprintf(stderr, "%s\n", error_text(&error));
        return false;
    }
    *ret_document = yaml_load(source, diags);
    source_free(source);
    if (!*ret_document) return false;
    const struct yaml_node *sinks = yaml_get(yaml_root(*ret_document), "sinks");
    if (!sinks) return false;
    sinks_load(sinks, list, diags);
    return !diags->errors && (!resolve || sinks_resolve(list, diags));
}

static bool tell(const struct sink *sink, const struct event *event, const char *ca_file)
{
    AUTO_ERROR error = ERROR_NONE;
    struct loop *loop = loop_new(NULL, &error);
    if (!loop) return false;
    struct sender_settings settings = {.loop = loop,
                                       .source = "berlin",
                                       .public_url = "https://status.shop.example/",
                                       .ca_file = ca_file};
    struct sender *sender = sender_new(&settings, &error);
    if (!sender) return false;
    struct sending *sending = sink_send(sender, sink, event, on_done, loop);
    (void)sending;
    loop_run(loop);
    sender_free(sender);
    loop_free(loop);
    return true;
}

static int run(const char *path, const char *name, const char *ca_file)
{
    AUTO_ERROR error = ERROR_NONE;
    AUTO_BUF text = BUF_INIT((size_t)16 << 20);
    AUTO_BUF said = BUF_INIT(BUF_OWN_CAP);
    struct diags diags = DIAGS_INIT;
    struct sink_list list = {0};
    struct yaml_document *document = NULL;
    struct event event = {0};
    int code = 2;
    bool loaded = load(path, &list, &diags, &document, name);
    diags_print(&diags, &said, false);
    fputs(buf_text(&said), stderr);
    const struct sink *sink = loaded && name ? sink_list_find(&list, name) : NULL;
    if (!name)
        code = loaded ? 0 : 2;
    else if (loaded && !sink)
        fprintf(stderr, "there is no sink '%s'\n", name);
    else if (loaded &&
             (!file_read("-", &text, &error) || !event_parse(buf_view(&text), &event, &error)))
        fprintf(stderr, "%s\n", error_text(&error));
    else if (loaded && !sink_wants(sink, &event))
        code = printf("unwanted\n") < 0;
    else if (loaded && tell(sink, &event, ca_file))
        code = 0;
    event_release(&event);
    sink_list_release(&list);
    yaml_document_free(document);
    diags_release(&diags);
    return code;
}

int main(int count, char **arguments)
{
    const char *ca_file = NULL;
    if (count == 5 && !strcmp(arguments[1], "--ca")) {
        ca_file = arguments[2];
        arguments += 2;
        count -= 2;
    }
    if (count != 2 && count != 3) {
        fprintf(stderr, "usage: %s [--ca FILE] CONFIG [SINK <EVENT]\n", arguments[0]);
        return 2;
    }
    return run(arguments[1], count == 3 ? arguments[2] : NULL, ca_file);
}

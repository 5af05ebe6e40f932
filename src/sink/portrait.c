/* SPDX-License-Identifier: Apache-2.0 */
/* A sink as people read it in a list: where it goes, and what it is told. No secret, and of a URL
 * no more than its scheme and host. */
#include "http/url.h"
#include "sink/internal.h"

#include <string.h>

void sink_text_show(const struct sink_text *text, struct buf *out)
{
    static const char *const origins[] = {[SINK_TEXT_ENVIRONMENT] = "env",
                                          [SINK_TEXT_FILE] = "file",
                                          [SINK_TEXT_CREDENTIAL] = "credential"};
    if (text->origin != SINK_TEXT_LITERAL)
        buf_addf(out, "{%s: %s}", origins[text->origin], text->said);
    else
        buf_add_text(out, text->is_secret ? "(a secret)" : text->said);
}

void sink_text_show_url(const struct sink_text *text, struct buf *out)
{
    AUTO_FREE char *authority =
        text->origin == SINK_TEXT_LITERAL ? url_authority(text->said) : xstrdup("");
    if (*authority)
        buf_addf(out, "%.*s://%s", (int)strcspn(text->said, ":"), text->said, authority);
    else
        sink_text_show(text, out);
}

void sink_print_where(const struct sink *sink, struct buf *out)
{
    sink->kind->where(sink, out);
}

static void add_words(const char *what, char *const *words, struct buf *out)
{
    if (!words || !*words) return;
    buf_addf(out, "; %s%s", what, words[1] ? "s " : " ");
    for (char *const *word = words; *word; word++)
        buf_addf(out, "%s%s", word == words ? "" : ", ", *word);
}

void sink_print_what(const struct sink *sink, struct buf *out)
{
    if (sink->worst_only >= 4)
        buf_add_text(out, "all severities");
    else if (sink->worst_only == 1)
        buf_add_text(out, "SEV1");
    else
        buf_addf(out, "SEV1 %s SEV%d", sink->worst_only == 2 ? "and" : "to", sink->worst_only);
    add_words("stage", sink->stages, out);
    add_words("owner", sink->owners, out);
}

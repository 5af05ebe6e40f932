/* SPDX-License-Identifier: Apache-2.0 */
/* See html.h. */
#include "serve/html.h"

#include "base/clock.h"
#include "base/codec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOUR_US (3600 * US_PER_SECOND)
#define DAY_US (24 * HOUR_US)

void html_text(struct buf *out, const char *text)
{
    AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
    codec_add_visible(&visible, view_of(text));
    codec_add_xml(out, buf_view(&visible));
}

void html_pre(struct buf *out, const char *text)
{
    struct view rest = view_of(text), line;
    bool first = true;
    while (view_split(&rest, '\n', &line)) {
        AUTO_BUF visible = BUF_INIT(BUF_OWN_CAP);
        if (!first) buf_add_char(out, '\n');
        first = false;
        codec_add_visible(&visible, line);
        codec_add_xml(out, buf_view(&visible));
    }
}

void html_put(struct buf *out, const char *template, ...)
{
    va_list arguments;
    va_start(arguments, template);
    for (const char *c = template; *c; c++) {
        if (*c != '%') {
            buf_add_char(out, *c);
            continue;
        }
        switch (*++c) {
        case 't': html_text(out, va_arg(arguments, const char *)); break;
        case 'u': codec_add_percent(out, view_of(va_arg(arguments, const char *))); break;
        case 'd': buf_addf(out, "%d", va_arg(arguments, int)); break;
        case '%': buf_add_char(out, '%'); break;
        default: bug(__FILE__, __LINE__, template);
        }
    }
    va_end(arguments);
}

void html_duration(struct buf *out, int64_t us)
{
    static const struct {
        int64_t us;
        const char *unit;
    } units[] = {{DAY_US, "d"}, {HOUR_US, "h"}, {60 * US_PER_SECOND, "min"}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (us < units[i].us * 2 && us != units[i].us) continue;
        buf_addf(out, "%lld %s", (long long)(us / units[i].us), units[i].unit);
        return;
    }
    if (us >= 10 * US_PER_SECOND)
        buf_addf(out, "%.0f s", (double)us / 1e6);
    else if (us >= US_PER_SECOND)
        buf_addf(out, "%.1f s", (double)us / 1e6);
    else if (us >= 10 * US_PER_MS)
        buf_addf(out, "%.0f ms", (double)us / 1e3);
    else
        buf_addf(out, "%.1f ms", (double)us / 1e3);
}

void html_time(struct buf *out, int64_t wall_us, int64_t now_us)
{
    char text[CLOCK_RFC3339_SIZE];
    if (!wall_us) return;
    clock_format_rfc3339(wall_us, text);
    int64_t away_us = now_us > wall_us ? now_us - wall_us : wall_us - now_us;
    html_put(out, "<time datetime=\"%t\">", text);
    if (away_us >= DAY_US / 2) buf_addf(out, "%.10s ", text);
    buf_addf(out, "%.8s</time>", text + 11);
}

void html_percent(struct buf *out, double share)
{
    if (share < 0) {
        buf_add_text(out, "no data");
        return;
    }
    /* Never up to 100 % what was not. */
    int hundredths = (int)(share * 10000 + 1e-6);
    if (hundredths >= 10000)
        buf_add_text(out, "100 %");
    else
        buf_addf(out, "%d.%02d %%", hundredths / 100, hundredths % 100);
}

const char *html_stage(const char *stage)
{
    static const struct {
        const char *stage, *words;
    } core[] = {{"login", "log in"},
                {"price-view", "see the price"},
                {"add-to-cart", "add to cart"},
                {"checkout", "check out"}};
    for (size_t i = 0; i < COUNT_OF(core); i++) {
        if (strcmp(core[i].stage, stage) == 0) return core[i].words;
    }
    return stage;
}

void html_link(struct buf *out, const char *text)
{
    struct view view = view_of(text);
    if (view_starts_with_nocase(view, VIEW_LITERAL("https://")) ||
        view_starts_with_nocase(view, VIEW_LITERAL("http://")))
        html_put(out, "<a href=\"%t\" rel=\"noopener noreferrer\">%t</a>", text, text);
    else
        html_text(out, text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Caps on steps with consequences (`only: {at_most: 200/day}`) hold across restarts: a count is
 * written down before the request that it counts (ledger.c), and the rest within a second. */
#include "watch/internal.h"

#include "base/log.h"
#include "run/caps.h"
#include "store/read.h"
#include "watch/ledger.h"

#include <string.h>

#define SAVE_US (1 * US_PER_SECOND)

void daemon_save_caps(struct daemon *daemon)
{
    AUTO_BUF counts = BUF_INIT(BUF_OWN_CAP);
    caps_save(&daemon->engine, &counts);
    if (!strcmp(buf_text(&counts), buf_text(&daemon->saved_caps))) return;
    struct store_batch *batch = store_begin(daemon->store);
    batch_put_state(batch, LEDGER_CAPS_KEY, buf_view(&counts));
    store_commit(batch, NULL, NULL);
    buf_clear(&daemon->saved_caps);
    buf_add_view(&daemon->saved_caps, buf_view(&counts));
}

static void on_save(void *context)
{
    struct daemon *daemon = context;
    daemon_save_caps(daemon);
    timer_set(&daemon->brake, loop_now_us(daemon->settings.loop) + SAVE_US);
}

bool daemon_restore_caps(struct daemon *daemon, struct error *error)
{
    AUTO_BUF counts = BUF_INIT(BUF_OWN_CAP);
    bool found = false;
    if (!store_state(daemon->store, LEDGER_CAPS_KEY, &counts, &found, error)) return false;
    if (found) caps_restore(&daemon->engine, buf_view(&counts));
    timer_set(&daemon->brake, loop_now_us(daemon->settings.loop) + SAVE_US);
    return true;
}

void daemon_brake_begin(struct daemon *daemon)
{
    daemon->saved_caps = BUF_INIT(BUF_OWN_CAP);
    timer_init(&daemon->brake, daemon->settings.loop, on_save, daemon);
}

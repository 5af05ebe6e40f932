/* SPDX-License-Identifier: Apache-2.0 */
/* Words to the service manager, sd_notify(3)'s protocol: one datagram to $NOTIFY_SOCKET. Without a
 * service manager nothing is sent. */
#ifndef SHOPPER_WATCH_NOTIFY_H
#define SHOPPER_WATCH_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(int64_t monotonic_us); /* Type=notify-reload wants to know since when */
void notify_stopping(void);
void notify_alive(void);                /* feeds the watchdog */
void notify_status(const char *status); /* one line for `systemctl status` */
int64_t notify_watchdog_us(void);       /* how often it wants to be fed at the latest; 0: never */

#endif

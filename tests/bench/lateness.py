#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How late shoppers started, from a store: lateness.py STORE EVERY-SECONDS

Prints one line: starts per second, runs that did not pass, missed slots, then p50, p99 and maximum of lateness in ms, and how p50 moved
from the first to the last fifth. A run's slot follows from its journey's name alone (src/watch/beat.h). The first two seconds and the last
one are left out.
"""
import sqlite3
import statistics
import sys

every = int(float(sys.argv[2]) * 1e6)
db = sqlite3.connect(sys.argv[1])


def slot(name):
    hash = 14695981039346656037
    for byte in name.encode():
        hash = (hash ^ byte) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    hash ^= hash >> 33
    hash = hash * 0xFF51AFD7ED558CCD & 0xFFFFFFFFFFFFFFFF
    return (hash ^ hash >> 33) % every


runs = db.execute(
    "SELECT n.name, r.started_us, r.verdict FROM runs r JOIN names n ON n.id = r.journey WHERE NOT r.flags & 2 ORDER BY r.started_us"
).fetchall()
if not runs:
    sys.exit("no run was kept")
begin, end = runs[0][1] + 2000000, runs[-1][1] - 1000000
runs = [run for run in runs if begin <= run[1] < end]
missed = db.execute("SELECT count(*) FROM missed WHERE time_us BETWEEN ? AND ?", (begin, end)).fetchone()[0]
slots = {name: slot(name) for name, _, _ in runs}
late = [(started - slots[name]) % every for name, started, _ in runs]
# A wall clock that was slewed back makes a start seem early; nobody could be so late and not miss the next slot.
late = [(us - every if us > 0.95 * every else us) / 1000 for us in late]
fifth = max(1, len(late) // 5)
drift = statistics.median(late[-fifth:]) - statistics.median(late[:fifth])
order = sorted(late)
print(
    "%.0f %d %d %.2f %.2f %.2f %.2f"
    % (
        len(late) / (end - begin) * 1e6,
        sum(verdict != 0 for _, _, verdict in runs),
        missed,
        order[len(order) // 2],
        order[int(len(order) * 0.99)],
        order[-1],
        drift,
    )
)

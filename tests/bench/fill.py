#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills a store that `shopper daemon` has begun with a long past: fill.py STORE RUNS JOURNEYS DAYS

RUNS runs over the last DAYS days (what retention keeps of single runs), of JOURNEYS journeys named past-001 ... with two personas and six
steps in four stages each; hourly and daily figures for 35 days, of each run, stage and step. One run in 500 failed.
"""
import math
import random
import sqlite3
import sys
import time

path, runs, journeys, days = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
random.seed(1)
personas, figure_days = ["desktop", "iphone"], 35
steps = [("login", "open the login form"), ("login", "log in"), ("price-view", "see the price"),
         ("add-to-cart", "add to cart"), ("add-to-cart", "the cart survives"), ("checkout", "check out")]  # fmt: skip
stages = ["login", "price-view", "add-to-cart", "checkout"]
db = sqlite3.connect(path, isolation_level=None)
db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; BEGIN")


# --- Runs. Their indices are made when all of them are there.
def number(name):
    db.execute("INSERT OR IGNORE INTO names(name) VALUES(?)", (name,))
    return db.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()[0]


names = ["past-%03d" % i for i in range(1, journeys + 1)]
indices = db.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'runs' AND type = 'index' AND sql <> ''").fetchall()
for name, _ in indices:
    db.execute(f"DROP INDEX {name}")
subjects = [(number(name), number(persona)) for name in names for persona in personas]
db.execute("CREATE TEMP TABLE subject(i INTEGER PRIMARY KEY, journey, persona)")
db.executemany("INSERT INTO subject VALUES(?, ?, ?)", ((i, *subject) for i, subject in enumerate(subjects)))
now_us = int(time.time() * 1e6)
begin_us = now_us - int((days - 0.1) * 86400e6)
gap_us = (now_us - begin_us) // runs
words = {word: number(word) for word in ["", "berlin", "status", "checkout", "check out"]}
first = db.execute("SELECT coalesce(max(seq), 0) FROM runs").fetchone()[0]
db.execute(
    f"""WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < {runs} - 1)
    INSERT INTO runs SELECT {first} + 1 + k, printf('%026d', k), s.journey, s.persona, {words["berlin"]}, {begin_us} + k * {gap_us},
    20000 + abs(random() % 30000), CASE k % 500 WHEN 499 THEN 60000000 ELSE 0 END, CASE k % 500 WHEN 499 THEN 2 ELSE 0 END, 0,
    CASE k % 500 WHEN 499 THEN {words["status"]} ELSE {words[""]} END, CASE k % 500 WHEN 499 THEN {words["checkout"]} ELSE {words[""]} END,
    CASE k % 500 WHEN 499 THEN {words["check out"]} ELSE {words[""]} END, printf('%032x', k),
    CASE k % 500 WHEN 499 THEN 'status: expected 201, found 503' ELSE '' END, '' FROM n JOIN subject s ON s.i = n.k % {len(subjects)}"""
)
for _, sql in indices:
    db.execute(sql)
last = first + runs
db.executemany(
    "INSERT OR REPLACE INTO latest(journey, persona, location, run, good) VALUES(?, ?, ?, ?, ?)",
    ((j, p, words["berlin"], last - (last - first - 1 - i) % len(subjects), last - (last - first - 1 - i) % len(subjects))
     for i, (j, p) in enumerate(subjects)),
)  # fmt: skip


# --- Figures
def histogram(count):
    """As src/store/histogram.h prints it."""
    buckets = {}
    for _ in range(count):
        value = int(random.lognormvariate(math.log(8000), 0.4))
        shift = max(0, value.bit_length() - 6)
        index = value if value < 32 else 32 + shift * 32 + ((value >> shift) & 31)
        buckets[index] = buckets.get(index, 0) + 1
    out, before = bytearray([1]), 0
    for index in sorted(buckets):
        for n in (index - before, buckets[index]):
            while n >= 128:
                out.append(n & 127 | 128)
                n >>= 7
            out.append(n)
        before = index
    return bytes(out)


def fill(table, unit_s, per_cell):
    now = now_us // 1000000 // unit_s
    samples = [histogram(max(1, per_cell)) for _ in range(60)]
    bad = max(1, per_cell // 500)
    for series, level in all_series:
        db.executemany(
            f"INSERT OR REPLACE INTO {table} VALUES({series}, ?, {max(1, per_cell) - bad}, 0, {bad if level != 1 else 0}, 0, 0, 0, 0, ?, ?)",
            ((at, bad * 60000000, samples[(at + series) % 60]) for at in range(now - figure_days * 86400 // unit_s, now + 1)),
        )


rows = []
for name in names:
    for persona in personas:
        rows.append((0, name, persona, "", ""))
        rows += [(1, name, persona, stage, "") for stage in stages]
        rows += [(2, name, persona, stage, step) for stage, step in steps]
db.executemany("INSERT OR IGNORE INTO series(level, journey, persona, stage, step) VALUES(?, ?, ?, ?, ?)", rows)
all_series = db.execute("SELECT id, level FROM series WHERE journey GLOB 'past-*' ORDER BY id").fetchall()
per_day = runs // days // len(subjects)
fill("hourly", 3600, per_day // 24)
fill("daily", 86400, per_day)
db.execute("COMMIT")
db.execute("PRAGMA journal_mode=WAL")

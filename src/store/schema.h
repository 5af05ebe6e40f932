/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, and how a store of an earlier version becomes one of this version. For the files of
 * this floor and their tests.
 *
 * A new version is a new entry at the end of the table in schema.c; what was released never
 * changes. Each step is one transaction, with `PRAGMA user_version` inside.
 */
#ifndef SHOPPER_STORE_SCHEMA_H
#define SHOPPER_STORE_SCHEMA_H

#include "base/alloc.h"

#include <sqlite3.h>

#define SCHEMA_VERSION 4                 /* of this program */
#define SCHEMA_APPLICATION_ID 0x53686f70 /* "Shop" */

/* Result codes are SQLite's; on failure the database stands at the last version that was reached.
 */
int schema_migrate(sqlite3 *db, int to_version) MUST_CHECK;
/* histogram_join(a, b), and the aggregate histogram_sum(a). */
int schema_add_functions(sqlite3 *db) MUST_CHECK;

#endif

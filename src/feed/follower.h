/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_FEED_FOLLOWER_H
#define JT_FEED_FOLLOWER_H

#include "base/result.h"
#include "db/db.h"
#include "feed/project.h"
#include "table/table.h"
#include "verify/verify.h"

/* The only writer of the table. Reads the feed in order and projects each change. */
struct jt_follower;

/* Opens its connection to `where` and fills the table from the database. `table` and `verify` outlive it; the policy
 * (through `verify`) turns the names in custom roles into bits. JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_follower_new(
	const char *where, struct jt_table *table, struct jt_verify *verify, struct jt_follower **out);
/* Stops its thread and frees it. NULL is taken. */
void jt_follower_free(struct jt_follower *f);
/* Projects all that is committed: when it returns JT_OK the watermark is at least the head as it was when it was called. If
 * not even the head could be read, the table is left as it is, with its lease; any other error poisons it.
 * Rebuilds the table if the last applied change has another nonce or is beyond the head. Any thread; calls serialise. */
JT_MUST_USE enum jt_result jt_follower_advance(struct jt_follower *f);
/* The same, read on `db`, which the caller alone uses and which is in no transaction. For the committer: SQLite keeps the
 * pages that a connection wrote itself, and drops all of them when another did. */
JT_MUST_USE enum jt_result jt_follower_advance_on(struct jt_follower *f, struct jt_db *db);
/* Projects what the committer read (jt_project_read) inside the transaction that it has now committed: the table shows it
 * without another transaction. JT_STALE, with nothing done, if the table is elsewhere (the follower's thread was quicker) or
 * `next` is NULL: then advance. Another error: the table is poisoned, rebuild. */
JT_MUST_USE enum jt_result jt_follower_apply(struct jt_follower *f, const struct jt_projected *next);
/* Makes sure that the table has room for `next` when it is committed, growing it if it must. JT_OK at once, without a look at
 * the table's room, for what takes none. JT_DISK_FULL, JT_NOMEM, JT_IO: nothing has changed; do not commit it. */
JT_MUST_USE enum jt_result jt_follower_reserve(struct jt_follower *f, const struct jt_projected *next);
/* Starts a thread that looks every `poll_ms` for changes that other processes made (jeton recover, jeton org create). */
JT_MUST_USE enum jt_result jt_follower_start(struct jt_follower *f, unsigned poll_ms);
/* Loads everything again (after a reload of the catalogue). */
JT_MUST_USE enum jt_result jt_follower_rebuild(struct jt_follower *f);

#endif

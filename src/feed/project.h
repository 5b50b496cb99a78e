/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_FEED_PROJECT_H
#define JT_FEED_PROJECT_H

#include "db/db.h"
#include "feed/feed.h"
#include "table/table.h"

/* Changes -> the table: read inside a transaction, applied after it. Knows nothing of threads. */

/* What the table is to show next. */
struct jt_projected;

/* Reads the rows that the changes after transaction `from` name, as `db` shows them now. *out is to be freed with
 * jt_projected_free. JT_TOO_MUCH_WORK above 20,000 changes: rebuilding is cheaper then. JT_NOMEM, JT_MALFORMED, JT_DB. */
JT_MUST_USE enum jt_result jt_project_read(struct jt_db *db, const struct jt_policy *p, uint64_t from,
	const struct jt_head *head, struct jt_projected **out);
/* Tells the table (jt_table_tell) and moves its watermark. JT_STALE, with nothing done: the table is not where it was read from.
 * Another error leaves the table poisoned. One writer. */
JT_MUST_USE enum jt_result jt_project_apply(struct jt_table *table, const struct jt_projected *next);
/* How much room the table must have for it: all zero if it only takes away or changes what is there. */
struct jt_table_sizes jt_projected_needs(const struct jt_table *table, const struct jt_projected *next);
/* NULL is taken. */
void jt_projected_free(struct jt_projected *next);
/* Loads everything into a new file, which then takes the place of the present one. On error that one goes on as it is. */
JT_MUST_USE enum jt_result jt_project_all(
	struct jt_db *db, struct jt_table *table, const struct jt_policy *p, const struct jt_head *head);

#endif

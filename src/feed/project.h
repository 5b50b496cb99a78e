/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_FEED_PROJECT_H
#define JT_FEED_PROJECT_H

#include "db/db.h"
#include "feed/feed.h"
#include "table/table.h"

/* Changes -> the table, inside the reading transaction of the follower. Knows nothing of threads. */

/* Reads the rows that the changes after `from` name, as they are now, then puts them into the table at once: what narrows
 * first, what widens last. JT_TOO_MUCH_WORK, with nothing done, above 20,000 changes: rebuilding is cheaper then. Another
 * error may leave the table half-way: poison it. */
JT_MUST_USE enum jt_result jt_project_changes(
	struct jt_db *db, struct jt_table *table, const struct jt_policy *p, uint64_t from, const struct jt_head *head);
/* Empties the table and loads everything. On error the table is poisoned. */
JT_MUST_USE enum jt_result jt_project_all(
	struct jt_db *db, struct jt_table *table, const struct jt_policy *p, const struct jt_head *head);

#endif

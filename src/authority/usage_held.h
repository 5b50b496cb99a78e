/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_USAGE_HELD_H
#define JT_AUTHORITY_USAGE_HELD_H

#include "authority/tx.h"
#include "store/usage.h"

/* What was drained and is not yet in the database: one entry a token, in bounded memory. Filled by the usage thread, emptied by
 * the committer, oldest first. */
struct jt_usage_held;

#define JT_USAGE_HELD_MAX 65536 /* tokens */
#define JT_USAGE_ROWS_MAX 256   /* of one transaction, so that a revocation never waits for many */

/* JT_NOMEM. */
JT_MUST_USE enum jt_result jt_usage_held_new(struct jt_usage_held **out);
/* NULL is taken. */
void jt_usage_held_free(struct jt_usage_held *h);
/* Adds to what is held of the row's token. JT_BUSY: that many tokens are held already; JT_NOMEM. Any thread. */
JT_MUST_USE enum jt_result jt_usage_hold(struct jt_usage_held *h, const struct jt_usage_row *row);
/* How many tokens are held; any thread. */
size_t jt_usage_held_count(struct jt_usage_held *h);

/* Writes up to JT_USAGE_ROWS_MAX of them, on the committer's thread. JT_DONE: there are none. What was written is kept until
 * jt_usage_settle says whether the transaction was committed; if it was not, it is held again. */
JT_MUST_USE enum jt_result jt_usage_flush(struct jt_usage_held *h, struct jt_tx *tx);
void jt_usage_settle(struct jt_usage_held *h, enum jt_result committed);

#endif

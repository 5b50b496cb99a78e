/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TIDY_H
#define JT_STORE_TIDY_H

#include "db/db.h"

/* What grows and is of no use any more: removes at most `limit` answers kept for replays from before, and says how many. */
JT_MUST_USE enum jt_result jt_tidy_idempotency(struct jt_db *db, int64_t before_s, int64_t limit, int64_t *removed);

#endif

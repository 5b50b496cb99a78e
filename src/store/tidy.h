/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TIDY_H
#define JT_STORE_TIDY_H

#include "db/db.h"

/* What grows and is of no use any more. Each removes at most `limit` rows, of all orgs, and says how many. */

/* Answers kept for replays, from before. */
JT_MUST_USE enum jt_result jt_tidy_idempotency(struct jt_db *db, int64_t before_s, int64_t limit, int64_t *removed);
/* Sessions whose life is over. */
JT_MUST_USE enum jt_result jt_tidy_sessions(struct jt_db *db, int64_t now_s, int64_t limit, int64_t *removed);
/* Links that have expired. */
JT_MUST_USE enum jt_result jt_tidy_links(struct jt_db *db, int64_t now_s, int64_t limit, int64_t *removed);
/* Invitations made before: those whose link has expired. */
JT_MUST_USE enum jt_result jt_tidy_invitations(struct jt_db *db, int64_t before_ns, int64_t limit, int64_t *removed);

#endif

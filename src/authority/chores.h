/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_CHORES_H
#define JT_AUTHORITY_CHORES_H

#include "authority/committer.h"

/* What the committer does of its own accord, on its own thread: folded refusals to the audit log, what is known of tokens' use
 * into the database, and what is of no use any more out of it every few seconds, the heads of the audit chains to the
 * anchor every hour. */
struct jt_chores;

/* JT_NOMEM. */
JT_MUST_USE enum jt_result jt_chores_new(struct jt_authority *au, struct jt_chores **out);
void jt_chores_free(struct jt_chores *c);
/* A job that is due at `mono_ns`, to be run before the others, or NULL; anchors if it is time to. */
struct jt_job *jt_chores_due(struct jt_chores *c, int64_t mono_ns);
/* When the next will be due. */
int64_t jt_chores_next(const struct jt_chores *c);
/* The last jobs, at the end, one after the other, then NULL: all refusals, and all usage; and the last anchor, after them. */
struct jt_job *jt_chores_last(struct jt_chores *c);
void jt_chores_anchor(struct jt_chores *c);

#endif

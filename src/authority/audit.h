/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_AUDIT_H
#define JT_AUTHORITY_AUDIT_H

#include "authority/keys.h"
#include "authority/tx.h"

/* The audit log: each row is written in the transaction of what it tells of, and chained per org (doc/formats/audit.md). */

struct jt_audit_entry {
	const char *operation;   /* the operation's id, as in openapi.yaml, or "recover", "init", ... */
	const char *target_type; /* "token", "user", "role", "team", "app", "org", "invitation", "" */
	const char *target;      /* its id as people see it; "" if none */
	const char *detail;      /* what changed, a JSON object; NULL: "{}". Never a secret */
	const char *outcome;     /* "ok", or the code of a refusal; NULL: "ok" */
	int64_t folded;          /* how many alike; 0: 1 */
};

/* Appends to the chain of `org`. */
JT_MUST_USE enum jt_result jt_audit(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *org, const struct jt_audit_entry *e);

enum jt_audit_state {
	JT_AUDIT_WHOLE,
	JT_AUDIT_CHANGED, /* the row at `seq` is not as it was written */
	JT_AUDIT_MISSING, /* the row at `seq` is not there, or was reordered */
	JT_AUDIT_CUT,     /* rows after `seq` that the anchor or the org's head knows are gone */
	JT_AUDIT_KEYLESS  /* the key file lacks the generation that the row at `seq` needs */
};

/* A chain's verdict. */
struct jt_audit_verdict {
	enum jt_audit_state state;
	int64_t seq; /* the first row that is wrong; WHOLE: the last row */
	int64_t anchored; /* the last row that an anchor vouches for; 0: none. Rows beyond it are not proved to be the last */
	char text[200];
};

/* Walks the chain of one org. `anchor_path` NULL: no anchor file. JT_OK with a verdict, or JT_DB, JT_IO. */
JT_MUST_USE enum jt_result jt_audit_verify(struct jt_db *db, const struct jt_keys *keys, const struct jt_id *org,
	const char *anchor_path, struct jt_audit_verdict *out);
/* Appends every org's head to the anchor file (may be NULL) and to the log. */
JT_MUST_USE enum jt_result jt_audit_anchor(struct jt_db *db, const char *anchor_path);

/* Refusals of authenticated callers, folded in memory to one row a (caller, address, operation, code)
 * and minute. */
struct jt_refusals;
/* JT_NOMEM. */
JT_MUST_USE enum jt_result jt_refusals_new(struct jt_refusals **out);
void jt_refusals_free(struct jt_refusals *r);
/* Any thread; never fails: what does not fit (10,000 entries) is counted in the log. */
void jt_refusals_note(struct jt_refusals *r, const struct jt_actor *who, const char *operation, const char *code);
enum jt_refusals_which { JT_REFUSALS_RIPE, JT_REFUSALS_ALL };
/* Writes those of past minutes, or all. Called by the committer's own job. JT_OK: some were written; JT_DONE: there were
 * none. What was written is kept until jt_refusals_settle says whether the transaction was committed. */
JT_MUST_USE enum jt_result jt_refusals_flush(struct jt_refusals *r, struct jt_tx *tx, enum jt_refusals_which which);
void jt_refusals_settle(struct jt_refusals *r, enum jt_result committed);

#endif

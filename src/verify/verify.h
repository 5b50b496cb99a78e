/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_VERIFY_H
#define JT_VERIFY_VERIFY_H

#include "policy/decide.h"
#include "table/table.h"

/* token + place -> decision, from the table and the policy. The authority's own API authenticates its callers with this; the
 * same in one pass, for other processes, is ask.h. Any thread, no lock but the policy's. While the table cannot be believed
 * nothing is visible; jt_table_poisoned() tells the difference. */
struct jt_verify;

struct jt_place {
	enum jt_place_kind kind;
	struct jt_id team;             /* JT_PLACE_TEAM */
	char app[JT_APP_NAME_MAX + 1]; /* JT_PLACE_APP */
};

/* Who a valid token is. A plain copy, valid as long as one likes; what it may do is asked anew each time. */
struct jt_caller {
	struct jt_id org, token;
	struct jt_id user; /* personal tokens; else none */
	struct jt_id role; /* the token's role, or the user's org role */
	enum jt_kind kind;
	bool owner;        /* a personal token of the org's owner */
	bool limited;      /* a limited integration token */
	bool confined;     /* limited, or a user whose org role has reach `teams` */
	int64_t expires_s; /* of this value; 0: never */
	struct {
		uint64_t instance;
		uint32_t org, token;
	} at; /* where it stands in the table file `instance`; a hint, and what usage is told of */
	uint8_t digest[JT_DIGEST_SIZE]; /* all zero: a caller known by its token id (a session's user) */
};

/* `table` and `policy` outlive it; `brand` is copied. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_verify_new(
	struct jt_table *table, const struct jt_policy *policy, const char *brand, struct jt_verify **out);
void jt_verify_free(struct jt_verify *v);
/* Replaces the policy (SIGHUP). Returns the old one; nobody reads it any more when this returns: the caller frees it. Not
 * from a thread that holds a policy. */
const struct jt_policy *jt_verify_swap(struct jt_verify *v, const struct jt_policy *policy);
/* The policy in force, held until jt_verify_policy_done: a reload waits for it. Calls nest within a thread;
 * done is called by the same thread. */
const struct jt_policy *jt_verify_policy(struct jt_verify *v);
void jt_verify_policy_done(struct jt_verify *v);

/* Steps shape to user active (no org is demanded). JT_STEP_ALLOWED fills *out; JT_STEP_STALE: the table cannot be believed, nobody
 * knows; else *out holds what is known (org and token of a known value, for the log), the rest zero. The time is what the table's writer says it is. */
enum jt_step jt_verify_token(struct jt_verify *v, const char *text, size_t length, struct jt_caller *out);
/* The same for somebody who was let in before: is the very value still good (a caller without a digest: the user still
 * there and active)? Refreshes *who (role, owner, limited, confined); a refusal leaves it as it was. */
enum jt_step jt_verify_again(struct jt_verify *v, struct jt_caller *who);
/* A caller for a user who proved who they are by password: found by the user's id. JT_STEP_UNKNOWN if there is none. The
 * state of the personal token does not matter; out->token is its id, or none if the user has none. */
enum jt_step jt_verify_user(
	struct jt_verify *v, const struct jt_id *org, const struct jt_id *user, struct jt_caller *out);
/* What `who` holds at `place` now, whatever *who says of role, owner and limits; all of it as it was at one moment. A revoked
 * token, a value that was rotated away, an inactive user or org and a place that is not there: not visible, then out->visible is
 * false and the sets are empty. */
void jt_verify_grant(
	struct jt_verify *v, const struct jt_caller *who, const struct jt_place *place, struct jt_grant *out);
/* Several questions whose answers must be of one moment:
 *
 *     for (struct jt_look look = {0}; jt_verify_look(v, &look);) {
 *             ask ...
 *             if (jt_verify_looked(v, &look))
 *                     use what was answered
 *     }
 *     it changes all the time: JT_STALE
 *
 * A look waits while rows are told, and the looks together no longer than some tenths of a second. */
struct jt_look {
	uint64_t moment;
	unsigned times;
};
/* A look begins; false: there were too many. */
bool jt_verify_look(struct jt_verify *v, struct jt_look *look);
/* Has nothing changed since it began? */
bool jt_verify_looked(struct jt_verify *v, const struct jt_look *look);
/* What a managed or custom role of the org grants: its scopes (uncut) and reach. JT_NOT_FOUND; JT_STALE
 * if the table is poisoned. */
JT_MUST_USE enum jt_result jt_verify_role(struct jt_verify *v, const struct jt_id *org, const struct jt_id *role,
	struct jt_scopes *scopes, enum jt_reach *reach);
/* The teams that a confined caller's answers are cut down to: a new array, to be freed; *count may be 0, and
 * *teams then NULL. Teams that no longer exist are not among them. JT_NOMEM; JT_STALE if the table is poisoned. */
JT_MUST_USE enum jt_result jt_verify_teams(
	struct jt_verify *v, const struct jt_caller *who, struct jt_id **teams, size_t *count);

#endif

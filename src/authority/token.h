/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_TOKEN_H
#define JT_AUTHORITY_TOKEN_H

#include "authority/rules.h"
#include "store/token.h"
#include "store/trace.h"

/* The life of an integration token (RULES.md "Life of a token"). The org is the caller's. Each mutation writes its audit row
 * and its change in the caller's transaction. */

#define JT_VALID_FOR_MAX_S 3153600000LL
#define JT_OVERLAP_MAX_S 604800LL

/* What somebody wants to have issued. */
struct jt_token_order {
	const char *label, *description; /* description NULL: "" */
	const char *role;                /* an id or an alias */
	const char *token_type;          /* NULL: as the role says */
	int64_t valid_for_s;             /* 0: left out */
	bool limited;                    /* `teams` was given */
	const struct jt_id *team;        /* 1 to JT_TOKEN_TEAMS_MAX, no two alike */
	size_t teams;
};

/* A token as it is shown. */
struct jt_token_shown {
	struct jt_token_row row;
	struct jt_id team[JT_TOKEN_TEAMS_MAX];
	size_t teams;
	char value[JT_TOKEN_SIZE]; /* when it was issued or rotated: wipe it; else "" */
};

/* JT_SERVICE_CI_ONLY, JT_ROLE_NOT_APPLICABLE, JT_OWNER_ONLY, JT_CANNOT_EXCEED_SELF, JT_VALIDATION (a lifetime above the
 * maximum), JT_NOT_FOUND (a team that is not there, or not visible to the caller). */
JT_MUST_USE enum jt_result jt_token_issue(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_token_order *order, struct jt_token_shown *out, struct jt_why *why);
/* A new value; the one before goes on for `overlap_s` seconds (0: not at all), those before it end. As issuing, and
 * JT_NOT_FOUND, JT_NOT_ROTATABLE. */
JT_MUST_USE enum jt_result jt_token_rotate(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	int64_t overlap_s, struct jt_token_shown *out, struct jt_why *why);
/* NULL leaves label or description as it is. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_describe(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	const char *label, const char *description, struct jt_token_shown *out, struct jt_why *why);

enum jt_cascade { JT_CASCADE_NO, JT_CASCADE_YES };
/* Kills all values. With cascade, those CI tokens too that a service token issued. JT_NOT_FOUND: there is none, or it is
 * revoked already. */
JT_MUST_USE enum jt_result jt_token_revoke(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_cascade cascade, struct jt_why *why);

/* Each as jt_token_revoke would, without cascade. done[i]: it was killed; false: there is none, or it is revoked already. No id may
 * come twice. */
JT_MUST_USE enum jt_result jt_token_revoke_all(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, size_t count, bool *done);

/* Kills the token that one of its values belongs to: whoever holds a value may (RFC 7009). `who` becomes that token. JT_NOT_FOUND:
 * the value is of no token, or dead for good; who->caller is then what is known of it. JT_STALE: nobody can say. */
JT_MUST_USE enum jt_result jt_token_surrender(struct jt_tx *tx, struct jt_actor *who, const char *value, size_t length);

/* Kills all that the user issued; how many, in *revoked. JT_MISSING_SCOPE: the caller may not delete tokens. */
JT_MUST_USE enum jt_result jt_token_revoke_made(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, int64_t *revoked, struct jt_why *why);

/* One that is not revoked, as the caller may see it: a service token sees what it issued. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_show(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	struct jt_token_shown *out, struct jt_why *why);

/* What is known of a token's use. */
struct jt_token_used {
	int64_t uses;               /* a lower bound */
	int64_t last_used_s;        /* to the minute; 0: never, that anybody knows */
	struct jt_scopes exercised; /* of those that the catalogue has */
	struct jt_trace trace;
	struct jt_scopes never; /* what it holds now, in the org or in any of its teams, without those exercised */
};
/* As jt_token_show. What an expired token holds is what it would hold. */
JT_MUST_USE enum jt_result jt_token_usage(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	struct jt_token_used *out, struct jt_why *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_TOKEN_RULES_H
#define JT_AUTHORITY_TOKEN_RULES_H

#include "authority/token.h"

/* The rules of issuing, one named step each; rotating walks through the same. */

/* What a role makes of a token. */
struct jt_token_role {
	struct jt_id id;
	enum jt_kind kind;
	bool for_teams;          /* a custom team role: only with teams */
	const char *token_type;  /* when it is left out */
	struct jt_scopes scopes; /* cut to the kind: what the token can ever hold through it */
};

/* The kind follows from the role: a managed token role has its own, a custom role makes `custom`. JT_ROLE_NOT_APPLICABLE. */
JT_MUST_USE enum jt_result jt_token_rule_role(
	struct jt_tx *tx, const struct jt_id *org, const char *role, struct jt_token_role *out, struct jt_why *why);
/* A team role needs teams. JT_ROLE_NOT_APPLICABLE. */
JT_MUST_USE enum jt_result jt_token_rule_team_role(const struct jt_token_role *role, bool limited, struct jt_why *why);
/* A service token gives the CI role only. JT_SERVICE_CI_ONLY; JT_OK for any other caller. */
JT_MUST_USE enum jt_result jt_token_rule_service(
	struct jt_tx *tx, const struct jt_actor *who, const char *role, struct jt_why *why);
/* Every team is there and visible to the caller. JT_NOT_FOUND with "teams[i]: no such team". */
JT_MUST_USE enum jt_result jt_token_rule_teams(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, size_t teams, struct jt_why *why);
/* May the caller give this role there: a service token on its own teams, service tokens by the owner only, the rest under
 * the ceiling. JT_OWNER_ONLY, JT_CANNOT_EXCEED_SELF. */
JT_MUST_USE enum jt_result jt_token_rule_give(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_token_role *role, const struct jt_extent *extent, struct jt_why *why);
/* How long it will live: *lifetime_s (0: for ever) out of what was asked (0: left out), the org's maximum, and a service
 * token's own end. JT_VALIDATION above the maximum, JT_CANNOT_EXCEED_SELF beyond the service token. */
JT_MUST_USE enum jt_result jt_token_rule_lifetime(struct jt_tx *tx, const struct jt_actor *who, enum jt_kind kind,
	int64_t asked_s, int64_t *lifetime_s, struct jt_why *why);

#endif

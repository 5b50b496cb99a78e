/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_USER_H
#define JT_AUTHORITY_USER_H

#include "authority/link.h"
#include "authority/rules.h"
#include "store/account.h"

/* Users: who comes, with which org role, and who goes (RULES.md "Nobody gives what they do not hold"). */

/* May the caller make somebody hold this org role? A Super Admin is made by the owner only (JT_OWNER_ONLY); of any other role
 * everything must be the caller's own in the whole org (JT_CANNOT_EXCEED_SELF): a role with reach `teams` is in force in every
 * team that its user is put into later. JT_ROLE_NOT_APPLICABLE if there is no such role. */
JT_MUST_USE enum jt_result jt_user_may_be(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *role, struct jt_why *why);

struct jt_new_user {
	struct jt_id org, role;
	const char *email;
	const char *name;     /* NULL: what stands before the @ */
	const char *password; /* its hash, or NULL */
	bool password_own;    /* the user set it */
};
/* The account with its personal token; a pending invitation of that e-mail is withdrawn. No rule is asked and no audit row is
 * written: the callers do both. JT_ALREADY_EXISTS. */
JT_MUST_USE enum jt_result jt_user_add(
	struct jt_tx *tx, const struct jt_new_user *order, struct jt_account_row *out, struct jt_why *why);

struct jt_user_order {
	const char *email, *name; /* name may be NULL */
	const char *role;         /* an id or an alias */
	const char *password;     /* its hash; NULL: a set-up link is made */
};
/* JT_ROLE_NOT_APPLICABLE, JT_ALREADY_EXISTS, and as jt_user_may_be. Wipe *link. */
JT_MUST_USE enum jt_result jt_user_create(struct jt_tx *tx, const struct jt_actor *who,
	const struct jt_user_order *order, struct jt_account_row *out, struct jt_new_link *link, struct jt_why *why);

/* Gives a user another org role. What the user holds and what they get must both be the caller's own. Refusals as in
 * jt_rule_over_user and jt_user_may_be. The audit row is written under `operation`. */
JT_MUST_USE enum jt_result jt_user_set_role(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const struct jt_id *id, const struct jt_id *role, struct jt_why *why);
/* Renames (`name` NULL leaves it), disables or enables (`disabled` NULL leaves it). Everybody may rename themselves. */
JT_MUST_USE enum jt_result jt_user_update(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	const char *name, const bool *disabled, struct jt_why *why);
enum jt_user_tokens { JT_USER_TOKENS_STAY, JT_USER_TOKENS_REVOKED };
/* The personal token dies with the user, memberships go. The integration tokens that the user issued stay, or are revoked by a
 * caller who holds tokens:delete. */
JT_MUST_USE enum jt_result jt_user_remove(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_user_tokens tokens, struct jt_why *why);
/* A password, of which `hash` is: the links that could set another end, and every session of the user but `keep` (NULL: none stays). By the user themselves (`own`), if nobody but others
 * had set one or held a link until now: the personal token, which these could have had, is replaced, and *replaced says so. No
 * rule is asked and no audit row is written: the callers do both. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_user_set_password(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user,
	const char *hash, bool own, const struct jt_id *keep, bool *replaced);
/* A link that sets the user's password: a set-up link for who has set none of their own yet, else one to reset it. *purpose gets which.
 * Refusals as in jt_rule_over_user; JT_CONFLICT for who is disabled. Wipe *link. */
JT_MUST_USE enum jt_result jt_user_link(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_link_purpose *purpose, struct jt_new_link *link, struct jt_why *why);
/* A new personal token in place of the user's, which nobody but the user finds. */
JT_MUST_USE enum jt_result jt_user_reset(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const struct jt_id *id, struct jt_why *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TOKEN_H
#define JT_STORE_TOKEN_H

#include "db/db.h"
#include "table/table.h"
#include "token/token.h"

/* Rows of integration tokens, their values and their teams. Personal tokens (store/personal.h) are never found here. */

#define JT_LABEL_SIZE (128 * 4 + 1)
#define JT_DESCRIPTION_SIZE (1024 * 4 + 1)
#define JT_TOKEN_TYPE_SIZE 16

struct jt_token_row {
	struct jt_id org, id, role;
	struct jt_id created_by;       /* the user who issued it; none if a token of no user did */
	struct jt_id created_by_token; /* the token that issued it; none if the operator did */
	enum jt_kind kind;
	char label[JT_LABEL_SIZE];
	char description[JT_DESCRIPTION_SIZE];
	char token_type[JT_TOKEN_TYPE_SIZE];
	bool limited, revoked;
	int64_t created_ns;
	int64_t expires_s;   /* of the current value; 0: never */
	int64_t lifetime_s;  /* what it was issued for; 0: no end */
	int64_t last_used_s; /* read only; 0: not that anybody knows */
};

/* A new token without values and teams. */
JT_MUST_USE enum jt_result jt_token_insert(struct jt_db *db, const struct jt_token_row *row);
/* The gen-th value (from 1). expires_s 0: never. */
JT_MUST_USE enum jt_result jt_token_add_value(struct jt_db *db, const struct jt_id *org, const struct jt_id *token,
	int64_t gen, const uint8_t digest[JT_DIGEST_SIZE], int64_t expires_s);
/* The number of its newest value; 0 if it has none. */
JT_MUST_USE enum jt_result jt_token_newest_value(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t *gen);
/* Removes the values before `gen`. */
JT_MUST_USE enum jt_result jt_token_drop_values(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t gen);
/* Ends one value earlier. */
JT_MUST_USE enum jt_result jt_token_end_value(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, int64_t gen, int64_t expires_s);
/* JT_CONSTRAINT if there is no such team. */
JT_MUST_USE enum jt_result jt_token_add_team(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, const struct jt_id *team);
/* What its teams are called, in the order of their ids: column name. */
JT_MUST_USE enum jt_result jt_token_team_names(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_rows **out);
/* Its teams in the order of their ids. */
JT_MUST_USE enum jt_result jt_token_teams(struct jt_db *db, const struct jt_id *org, const struct jt_id *token,
	struct jt_id out[JT_TOKEN_TEAMS_MAX], size_t *count);

/* An integration token, revoked or not. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_find(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_token_row *out);
/* The label of a token of any kind, revoked or not. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_label(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, char *out, size_t size);
/* Writes label and description. */
JT_MUST_USE enum jt_result jt_token_relabel(struct jt_db *db, const struct jt_token_row *row);
/* When it expires; 0: never. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_expiry(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t *expires_s);
JT_MUST_USE enum jt_result jt_token_set_expiry(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t expires_s);
/* The CI tokens that a token issued and that are not revoked: column id. */
JT_MUST_USE enum jt_result jt_token_issued_by(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *token, struct jt_rows **out);
/* The tokens that a user issued and that are not revoked: column id. */
JT_MUST_USE enum jt_result jt_token_made_by(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *user, struct jt_rows **out);
/* Revokes one that is not revoked. JT_NOT_FOUND if it is, or there is none. */
JT_MUST_USE enum jt_result jt_token_mark_revoked(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, int64_t now_ns);

/* Whether a custom role is for teams only. JT_NOT_FOUND if the org has no such role. */
JT_MUST_USE enum jt_result jt_token_role_for_teams(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *role, bool *for_teams);
/* Whether there is a token of this id, of any kind, live or revoked: JT_OK or JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_token_exists(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);

#endif

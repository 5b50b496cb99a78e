/* SPDX-License-Identifier: Apache-2.0 */
#include "api/cut.h"

#include "store/member.h"
#include "store/token.h"

#include <stdlib.h>
#include <string.h>

#define TEAMS_FEW 16

static enum jt_result teams_of_user(struct jt_tx *tx, const struct jt_caller *who, struct jt_id **teams, size_t *count)
{
	struct jt_rows *rows = NULL;
	size_t room = 0;
	enum jt_result r = jt_member_of_account(tx->db, &who->org, &who->user, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		if (*count == room) {
			size_t wanted = room ? room * 2 : TEAMS_FEW;
			struct jt_id *more = realloc(*teams, wanted * sizeof(*more));

			if (!more) {
				r = JT_NOMEM;
				break;
			}
			*teams = more;
			room = wanted;
		}
		(*teams)[(*count)++] = jt_rows_id(rows, 0);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result teams_of_token(struct jt_tx *tx, const struct jt_caller *who, struct jt_id **teams, size_t *count)
{
	*teams = calloc(JT_TOKEN_TEAMS_MAX, sizeof(**teams));
	return *teams ? jt_token_teams(tx->db, &who->org, &who->token, *teams, count) : JT_NOMEM;
}

static bool holds_in_full(struct jt_call *c)
{
	struct jt_verify *v = jt_authority_verify(c->au);
	const struct jt_scope *scope = jt_policy_scope(jt_verify_policy(v), c->op->scope, strlen(c->op->scope));
	bool full = scope && jt_scopes_has(&c->grant.held, scope->bit);

	jt_verify_policy_done(v);
	return full;
}

enum jt_result jt_api_cut(struct jt_call *c, struct jt_tx *tx, bool *cut, struct jt_id **teams, size_t *count)
{
	const struct jt_caller *who = &c->who.caller;
	enum jt_result r = JT_OK;

	*teams = NULL;
	*count = 0;
	*cut = c->op->scope && !holds_in_full(c);
	if (!*cut)
		return JT_OK;
	r = who->kind == JT_KIND_PERSONAL ? teams_of_user(tx, who, teams, count)
					  : teams_of_token(tx, who, teams, count);
	if (r != JT_OK) {
		free(*teams);
		*teams = NULL;
		*count = 0;
	}
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/authority.h"
#include "authority/note.h"
#include "authority/token.h"
#include "base/clock.h"
#include "store/account.h"
#include "store/projection.h"

#include <stdlib.h>

/* Is it a value that lives, or would live again if its user or org were let in again? */
static bool can_die(enum jt_step step)
{
	return step == JT_STEP_ALLOWED || step == JT_STEP_NOT_YET_VALID || step == JT_STEP_ORG_INACTIVE ||
	       step == JT_STEP_USER_INACTIVE;
}

enum jt_result jt_token_surrender(struct jt_tx *tx, struct jt_actor *who, const char *value, size_t length)
{
	struct jt_caller *whose = &who->caller;
	struct jt_table_token *t = NULL;
	struct jt_id id;
	enum jt_step step = jt_verify_token(tx->verify, value, length, whose);
	enum jt_result r = JT_OK;

	if (!can_die(step))
		return step == JT_STEP_STALE ? JT_STALE : JT_NOT_FOUND;
	t = malloc(sizeof(*t));
	if (!t)
		return JT_NOMEM;
	r = jt_project_token(tx->db, &whose->org, &whose->token, t);
	if (r == JT_OK && t->kind == JT_KIND_PERSONAL) {
		whose->user = t->user;
		r = jt_account_end_token(tx->db, &whose->org, &t->user, tx->now_ns, &id);
	} else if (r == JT_OK) {
		r = jt_token_mark_revoked(tx->db, &whose->org, &whose->token, tx->now_ns);
	}
	free(t);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &whose->org, JT_NOUN_TOKEN, &whose->token);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "revoke_token", "token", &whose->token, json_object());
	return r;
}

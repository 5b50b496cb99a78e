/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/tx.h"

#include <assert.h>

/* At most: what takes away needs nothing, which is found out where room is short. */
static void need(struct jt_table_sizes *n, enum jt_noun noun, size_t key_size)
{
	switch (noun) {
	case JT_NOUN_ORG:
		n->orgs++;
		n->users++;
		break;
	case JT_NOUN_USER:
		n->users++;
		break;
	case JT_NOUN_ROLE:
		n->roles++;
		break;
	case JT_NOUN_TEAM:
		n->teams++;
		break;
	case JT_NOUN_MEMBER:
		n->users++;
		n->members++;
		break;
	case JT_NOUN_APP:
		n->apps++;
		n->text += key_size;
		n->teams++;
		break;
	case JT_NOUN_TOKEN:
		n->tokens++;
		break;
	case JT_NOUN_MARK:
		break;
	}
}

static enum jt_result add(
	struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const void *key, size_t key_size)
{
	enum jt_result r = JT_OK;

	assert(tx->writing);
	r = jt_change_add(tx->db, &tx->head, tx->changes, org, noun, key, key_size);
	if (r == JT_OK) {
		tx->changes++;
		need(&tx->needs, noun, key_size);
	}
	return r;
}

enum jt_result jt_tx_change(
	struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const void *key, size_t key_size)
{
	tx->moves_grants = true;
	return add(tx, org, noun, key, key_size);
}

enum jt_result jt_tx_changed_id(struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const struct jt_id *id)
{
	return jt_tx_change(tx, org, noun, id->b, sizeof(id->b));
}

enum jt_result jt_tx_new_token(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *token, size_t teams)
{
	tx->needs.teams_of_tokens += teams;
	return add(tx, org, JT_NOUN_TOKEN, token->b, sizeof(token->b));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/tx.h"

#include <assert.h>

static enum jt_result add(
	struct jt_tx *tx, const struct jt_id *org, enum jt_noun noun, const void *key, size_t key_size)
{
	enum jt_result r = JT_OK;

	assert(tx->writing);
	r = jt_change_add(tx->db, &tx->head, tx->changes, org, noun, key, key_size);
	if (r == JT_OK)
		tx->changes++;
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

enum jt_result jt_tx_new_token(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *token)
{
	return add(tx, org, JT_NOUN_TOKEN, token->b, sizeof(token->b));
}

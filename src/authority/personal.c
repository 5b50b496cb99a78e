/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/personal.h"

#include "authority/node.h"
#include "base/clock.h"
#include "store/org.h"
#include "store/personal.h"

#include <string.h>

#define SEALED_MAX 256

/* A fresh value with what is kept of it: digest, sealed value, end of life. */
static enum jt_result mint(
	struct jt_tx *tx, struct jt_personal_row *row, struct jt_buf *sealed, char value[JT_TOKEN_SIZE])
{
	int64_t lifetime_s = 0;
	enum jt_result r = jt_org_limit(tx->db, &row->org, JT_KIND_PERSONAL, &lifetime_s);

	if (r != JT_OK)
		return r;
	row->expires_s = lifetime_s ? tx->now_ns / JT_NS_PER_S + lifetime_s : 0;
	jt_token_mint(tx->au->brand, JT_KIND_PERSONAL, value);
	jt_token_digest(value, strlen(value), row->digest);
	if (!tx->au->personal_once)
		r = jt_keys_seal(tx->au->keys, value, strlen(value), &row->id, sealed);
	row->sealed = sealed->data;
	row->sealed_size = sealed->size;
	return r;
}

enum jt_result jt_personal_issue(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	char value[JT_TOKEN_SIZE], struct jt_id *token)
{
	struct jt_personal_row row = {
		.org = *org, .id = jt_id_new(tx->now_ns), .account = *account, .created_ns = tx->now_ns};
	struct jt_buf sealed = {0};
	enum jt_result r = mint(tx, &row, &sealed, value);

	if (r == JT_OK)
		r = jt_personal_insert(tx->db, &row);
	if (r == JT_OK)
		r = jt_tx_new_token(tx, org, &row.id, 0);
	if (r == JT_OK && token)
		*token = row.id;
	if (r != JT_OK)
		jt_secret_wipe(value, JT_TOKEN_SIZE);
	jt_buf_free(&sealed);
	return r;
}

enum jt_result jt_personal_replace(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	char value[JT_TOKEN_SIZE], struct jt_id *token)
{
	struct jt_personal_row row = {.org = *org, .account = *account};
	struct jt_buf sealed = {0};
	enum jt_result r = jt_personal_find(tx->db, org, account, &row.id);

	if (r == JT_NOT_FOUND)
		return jt_personal_issue(tx, org, account, value, token);
	if (r == JT_OK)
		r = mint(tx, &row, &sealed, value);
	if (r == JT_OK)
		r = jt_personal_set_value(tx->db, &row);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_TOKEN, &row.id);
	if (r == JT_OK && token)
		*token = row.id;
	if (r != JT_OK)
		jt_secret_wipe(value, JT_TOKEN_SIZE);
	jt_buf_free(&sealed);
	return r;
}

enum jt_result jt_personal_reveal(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account,
	struct jt_secret **value, struct jt_id *token)
{
	uint8_t sealed[SEALED_MAX];
	size_t size = 0;
	struct jt_id id;
	enum jt_result r = jt_personal_find(tx->db, org, account, &id);

	*value = NULL;
	if (r == JT_OK)
		r = jt_personal_sealed(tx->db, org, &id, sealed, sizeof(sealed), &size);
	if (r == JT_OK && size == 0)
		r = JT_GONE;
	if (r == JT_OK)
		r = jt_keys_open(tx->au->keys, sealed, size, &id, value);
	if (r == JT_OK && token)
		*token = id;
	return r;
}

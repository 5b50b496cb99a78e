/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/audit.h"

#include "authority/chain.h"
#include "authority/node.h"

#include <string.h>

static const char *const ACTORS[] = {[JT_ACTOR_TOKEN] = "token",
	[JT_ACTOR_OPERATOR] = "operator",
	[JT_ACTOR_LINK] = "link",
	[JT_ACTOR_PASSWORD] = "password",
	[JT_ACTOR_SESSION] = "session"};

static void put_text(struct jt_buf *b, const char *text)
{
	jt_buf_put_blob(b, text, strlen(text));
}

enum jt_result jt_chain_mac(const struct jt_keys *keys, const uint8_t before[JT_MAC_SIZE],
	const struct jt_audit_row *row, uint8_t out[JT_MAC_SIZE])
{
	struct jt_buf b = {0};
	enum jt_result r = JT_OK;

	jt_buf_put(&b, before, JT_CHAIN_MAC_SIZE);
	jt_buf_put(&b, row->org.b, sizeof(row->org.b));
	jt_buf_put_u64(&b, (uint64_t)row->seq);
	jt_buf_put_u64(&b, (uint64_t)row->time_ns);
	put_text(&b, row->actor);
	jt_buf_put(&b, row->token.b, sizeof(row->token.b));
	jt_buf_put(&b, row->account.b, sizeof(row->account.b));
	put_text(&b, row->address);
	put_text(&b, row->request);
	put_text(&b, row->operation);
	put_text(&b, row->target_type);
	put_text(&b, row->target);
	put_text(&b, row->detail);
	put_text(&b, row->outcome);
	jt_buf_put_u64(&b, (uint64_t)row->folded);
	jt_buf_put_u64(&b, (uint64_t)row->key_gen);
	r = jt_buf_check(&b);
	if (r == JT_OK)
		r = jt_keys_audit_mac(keys, (uint32_t)row->key_gen, b.data, b.size, out);
	jt_buf_free(&b);
	return r;
}

enum jt_result jt_audit(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *org, const struct jt_audit_entry *e)
{
	struct jt_audit_row row = {.org = *org,
		.time_ns = tx->now_ns,
		.actor = ACTORS[who->how],
		.token = who->how == JT_ACTOR_SESSION ? who->session : who->caller.token,
		.account = who->caller.user,
		.address = who->address,
		.request = who->request,
		.operation = e->operation,
		.target_type = e->target_type != NULL ? e->target_type : "",
		.target = e->target != NULL ? e->target : "",
		.detail = e->detail != NULL ? e->detail : "{}",
		.outcome = e->outcome != NULL ? e->outcome : "ok",
		.folded = e->folded > 0 ? e->folded : 1,
		.key_gen = jt_keys_newest(tx->au->keys)};
	uint8_t before[JT_CHAIN_MAC_SIZE];
	enum jt_result r = jt_chain_get(tx->db, org, &row.seq, before);

	if (r != JT_OK)
		return r;
	row.seq++;
	r = jt_chain_mac(tx->au->keys, before, &row, row.mac);
	if (r == JT_OK)
		r = jt_audit_insert(tx->db, &row);
	return r == JT_OK ? jt_chain_set(tx->db, org, row.seq, row.mac) : r;
}

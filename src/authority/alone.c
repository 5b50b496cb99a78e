/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"
#include "base/clock.h"
#include "base/secret.h"

enum jt_result jt_write_alone(struct jt_authority *au,
	enum jt_result (*step)(struct jt_tx *tx, void *context, struct jt_why *why), void *context, struct jt_why *why)
{
	struct jt_tx tx = {.au = au, .db = au->db, .policy = au->policy, .writing = true, .now_ns = jt_clock_ns()};
	struct jt_head was = {0};
	uint64_t nonce = 0;
	enum jt_result r = jt_db_begin_write(au->db);

	if (r != JT_OK)
		return r;
	jt_secret_random(&nonce, sizeof(nonce));
	r = jt_head_read(au->db, &was);
	if (r == JT_OK)
		r = jt_head_take(au->db, &was, nonce, &tx.head);
	if (r == JT_OK)
		r = step(&tx, context, why);
	if (r == JT_OK && tx.changes == 0)
		r = jt_change_mark(au->db, &tx.head);
	if (r == JT_OK)
		r = jt_db_commit(au->db);
	jt_db_rollback(au->db);
	return r;
}

struct jt_actor jt_operator(const struct jt_id *org)
{
	struct jt_actor who = {.how = JT_ACTOR_OPERATOR, .address = "local"};

	if (org)
		who.caller.org = *org;
	return who;
}

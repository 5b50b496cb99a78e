/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"

#include <assert.h>
#include <string.h>

JT_SQL(head_create, "INSERT INTO head (shard, seq, nonce) VALUES ($1, 0, 0)");
JT_SQL(head_take, "UPDATE head SET seq = head.seq + 1, nonce = $4 WHERE shard = $1 AND seq = $2 AND nonce = $3");
JT_SQL(head_read, "SELECT seq, nonce FROM head WHERE shard = $1");
JT_SQL(change_add, "INSERT INTO change (shard, seq, n, nonce, org, noun, key) VALUES ($1, $2, $3, $4, $5, $6, $7)");
JT_SQL(change_nonce, "SELECT nonce FROM change WHERE shard = $1 AND seq = $2 ORDER BY n LIMIT 1");
JT_SQL(change_scan, "SELECT org, noun, key FROM change WHERE shard = $1 AND seq > $2 ORDER BY shard, seq, n");
JT_SQL(change_oldest, "SELECT seq FROM change WHERE shard = $1 ORDER BY shard, seq, n LIMIT 1");
JT_SQL(change_prune, "DELETE FROM change WHERE shard = $1 AND seq < $2");

#define SHARD JT_I(JT_SHARD_EMBEDDED)

enum jt_result jt_head_create(struct jt_db *db)
{
	return jt_db_run(db, &head_create, JT_BIND(SHARD), NULL);
}

enum jt_result jt_head_take(struct jt_db *db, const struct jt_head *was, uint64_t nonce, struct jt_head *now)
{
	int64_t changed = 0;
	enum jt_result r = jt_db_run(db, &head_take,
		JT_BIND(SHARD, JT_I((int64_t)was->seq), JT_I((int64_t)was->nonce), JT_I((int64_t)nonce)), &changed);

	*now = (struct jt_head){.seq = was->seq + 1, .nonce = nonce};
	return r == JT_OK && changed == 0 ? JT_STALE : r;
}

enum jt_result jt_head_read(struct jt_db *db, struct jt_head *out)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &head_read, JT_BIND(SHARD), &rows);

	if (r == JT_OK)
		r = jt_rows_next(rows);
	if (r == JT_OK) {
		out->seq = (uint64_t)jt_rows_int(rows, 0);
		out->nonce = (uint64_t)jt_rows_int(rows, 1);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_NOT_FOUND : r;
}

static enum jt_result add(struct jt_db *db, const struct jt_head *head, uint64_t n, const uint8_t org[JT_ID_SIZE],
	struct jt_val noun, struct jt_val key)
{
	return jt_db_run(db, &change_add,
		JT_BIND(SHARD, JT_I((int64_t)head->seq), JT_I((int64_t)n), JT_I((int64_t)head->nonce),
			JT_B(org, JT_ID_SIZE), noun, key),
		NULL);
}

enum jt_result jt_change_add(struct jt_db *db, const struct jt_head *head, uint64_t n, const struct jt_id *org,
	enum jt_noun noun, const void *key, size_t key_size)
{
	assert(key_size <= JT_CHANGE_KEY_MAX);
	return add(db, head, n, org->b, JT_I(noun), JT_B(key, key_size));
}

enum jt_result jt_change_mark(struct jt_db *db, const struct jt_head *head)
{
	static const uint8_t none[JT_ID_SIZE];

	return add(db, head, 0, none, JT_I(JT_NOUN_MARK), JT_B(none, 0));
}

enum jt_result jt_change_nonce(struct jt_db *db, uint64_t seq, uint64_t *nonce)
{
	int64_t found = 0;
	enum jt_result r = jt_db_int(db, &change_nonce, JT_BIND(SHARD, JT_I((int64_t)seq)), &found);

	*nonce = (uint64_t)found;
	return r;
}

enum jt_result jt_change_scan(struct jt_db *db, uint64_t seq, struct jt_rows **out)
{
	return jt_db_query(db, &change_scan, JT_BIND(SHARD, JT_I((int64_t)seq)), out);
}

enum jt_result jt_change_prune(struct jt_db *db, const struct jt_head *head, int64_t limit, int64_t *removed)
{
	int64_t oldest = 0;
	int64_t until = (int64_t)head->seq - JT_FEED_KEEP;
	enum jt_result r = jt_db_int(db, &change_oldest, JT_BIND(SHARD), &oldest);

	*removed = 0;
	if (r == JT_NOT_FOUND || (r == JT_OK && oldest >= until))
		return JT_OK;
	if (r != JT_OK)
		return r;
	if (until > oldest + limit)
		until = oldest + limit;
	r = jt_db_run(db, &change_prune, JT_BIND(SHARD, JT_I(until)), NULL);
	if (r == JT_OK)
		*removed = until - oldest;
	return r;
}

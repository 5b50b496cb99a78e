/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"

#include "base/clock.h"

#include <stdlib.h>

/* A connection for one reading transaction at a time. There come to be as many as there are readers at once. */
struct jt_reader_db {
	struct jt_reader_db *next;
	struct jt_db *db;
};

static struct jt_reader_db *take_free(struct jt_authority *au)
{
	struct jt_reader_db *reader = NULL;

	pthread_mutex_lock(&au->readers_lock);
	reader = au->readers;
	if (reader)
		au->readers = reader->next;
	pthread_mutex_unlock(&au->readers_lock);
	return reader;
}

static enum jt_result take(struct jt_authority *au, struct jt_reader_db **out)
{
	struct jt_reader_db *reader = take_free(au);
	enum jt_result r = JT_OK;

	*out = reader;
	if (reader)
		return JT_OK;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return JT_NOMEM;
	r = jt_db_open(au->data, JT_DB_READ, &reader->db);
	if (r != JT_OK) {
		free(reader);
		return r;
	}
	*out = reader;
	return JT_OK;
}

static void give_back(struct jt_authority *au, struct jt_reader_db *reader)
{
	if (jt_db_in_transaction(reader->db))
		jt_db_rollback(reader->db);
	pthread_mutex_lock(&au->readers_lock);
	reader->next = au->readers;
	au->readers = reader;
	pthread_mutex_unlock(&au->readers_lock);
}

enum jt_result jt_reading_begin(struct jt_authority *au, struct jt_tx *tx)
{
	struct jt_reader_db *reader = NULL;
	enum jt_result r = take(au, &reader);

	*tx = (struct jt_tx){.au = au, .verify = au->verify};
	if (r != JT_OK)
		return r;
	tx->db = reader->db;
	tx->reader = reader;
	tx->policy = jt_verify_policy(au->verify);
	r = jt_db_begin_read(reader->db);
	if (r == JT_OK)
		r = jt_head_read(reader->db, &tx->head);
	/* What this snapshot shows, the table must show too: no answer is newer than it. */
	if (r == JT_OK && (jt_table_poisoned(au->table) || jt_table_watermark(au->table) < tx->head.seq))
		r = jt_follower_advance(au->follower);
	if (r != JT_OK) {
		jt_reading_end(tx);
		return r;
	}
	tx->now_ns = jt_clock_ns();
	return JT_OK;
}

void jt_reading_end(struct jt_tx *tx)
{
	if (!tx->reader)
		return;
	give_back(tx->au, tx->reader);
	jt_verify_policy_done(tx->verify);
	tx->reader = NULL;
	tx->db = NULL;
	tx->policy = NULL;
}

void jt_readers_close(struct jt_authority *au)
{
	while (au->readers) {
		struct jt_reader_db *next = au->readers->next;

		jt_db_close(au->readers->db);
		free(au->readers);
		au->readers = next;
	}
}

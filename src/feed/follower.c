/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/follower.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "feed/project.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct jt_follower {
	struct jt_db *db;
	struct jt_table *table;
	struct jt_verify *verify;
	pthread_mutex_t lock; /* of the connection and of writing the table. Order: the policy, this */
	pthread_mutex_t sleep_lock;
	pthread_cond_t wake;
	pthread_t thread;
	unsigned poll_ms;
	bool started, stop;
};

/* Is the feed one that goes on from where the table is? */
static enum jt_result goes_on(struct jt_follower *f, struct jt_db *db, const struct jt_head *head, bool *yes)
{
	uint64_t at = jt_table_watermark(f->table);
	uint64_t nonce = 0;
	enum jt_result r = JT_OK;

	*yes = false;
	if (!jt_table_stands(f->table) || at == 0 || at >= head->seq)
		return JT_OK;
	r = jt_change_nonce(db, at, &nonce);
	if (r == JT_OK)
		*yes = nonce == jt_table_nonce(f->table);
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result rebuild(
	struct jt_follower *f, struct jt_db *db, const struct jt_policy *p, const struct jt_head *head)
{
	const long long was = (long long)jt_table_watermark(f->table);
	int64_t began = jt_clock_mono_ns();
	enum jt_result r = jt_project_all(db, f->table, p, head);

	if (r == JT_OK)
		jt_log(JT_LOG_INFO, "table rebuilt", JT_LN("seq", (long long)head->seq), JT_LN("was", was),
			JT_LN("tokens", (long long)jt_table_tokens(f->table)),
			JT_LN("bytes", (long long)jt_table_bytes(f->table)),
			JT_LN("ms", (long long)((jt_clock_mono_ns() - began) / 1000000)));
	return r;
}

static enum jt_result project(
	struct jt_follower *f, struct jt_db *db, const struct jt_policy *p, const struct jt_head *head)
{
	bool on = false;
	enum jt_result r = JT_OK;

	JT_FAULT_POINT("before_follow");
	r = goes_on(f, db, head, &on);

	if (r == JT_OK && on) {
		struct jt_projected *next = NULL;

		r = jt_project_read(db, p, jt_table_watermark(f->table), head, &next);
		if (r == JT_OK)
			r = jt_project_apply(f->table, next);
		jt_projected_free(next);
		if (r != JT_TOO_MUCH_WORK)
			return r;
		r = JT_OK;
	}
	return r == JT_OK ? rebuild(f, db, p, head) : r;
}

/* A lease that has run out is no reason to rebuild: it is renewed by what is proved now. */
static bool shows(const struct jt_table *t, const struct jt_head *head)
{
	return jt_table_stands(t) && head->seq == jt_table_watermark(t) && head->nonce == jt_table_nonce(t);
}

enum what { WHAT_IS_NEW, WHAT_IS_THERE };

/* Under the lock, with the policy held. */
static enum jt_result catch_up(struct jt_follower *f, struct jt_db *db, const struct jt_policy *p, enum what what)
{
	struct jt_head head = {0};
	int64_t taken = jt_clock_mono_ns(); /* before the question: what it proves was so then */
	enum jt_result r = jt_db_begin_read(db);
	bool asked;

	if (r == JT_OK)
		r = jt_head_read(db, &head);
	asked = r == JT_OK;
	if (r == JT_OK && what == WHAT_IS_THERE)
		r = rebuild(f, db, p, &head);
	else if (r == JT_OK && !shows(f->table, &head))
		r = project(f, db, p, &head);
	if (r == JT_OK) {
		jt_table_renew(f->table, taken);
	} else if (!asked && what == WHAT_IS_NEW && jt_table_stands(f->table)) {
		/* Nothing is known to be missing: the lease, which is not renewed, says how long that is good enough. */
		jt_log(JT_LOG_WARN, "the database does not answer: the table is believed until its lease ends",
			JT_LT("why", jt_result_text(r)), JT_LT("engine", jt_db_error(db)));
	} else {
		jt_log(JT_LOG_ERROR, "the table cannot follow the database: every token is refused until it can",
			JT_LT("why", jt_result_text(r)), JT_LT("engine", jt_db_error(db)));
		jt_table_poison(f->table);
	}
	if (jt_db_in_transaction(db))
		jt_db_rollback(db);
	return r;
}

/* On `db`; NULL: on the follower's own connection. */
static enum jt_result locked_catch_up(struct jt_follower *f, struct jt_db *db, enum what what)
{
	/* The policy first: who waits for the lock may hold it, and a reload may be waiting for them. */
	const struct jt_policy *p = jt_verify_policy(f->verify);
	enum jt_result r = JT_OK;

	pthread_mutex_lock(&f->lock);
	r = catch_up(f, db ? db : f->db, p, what);
	pthread_mutex_unlock(&f->lock);
	jt_verify_policy_done(f->verify);
	return r;
}

enum jt_result jt_follower_advance(struct jt_follower *f)
{
	return locked_catch_up(f, NULL, WHAT_IS_NEW);
}

enum jt_result jt_follower_advance_on(struct jt_follower *f, struct jt_db *db)
{
	return locked_catch_up(f, db, WHAT_IS_NEW);
}

enum jt_result jt_follower_apply(struct jt_follower *f, const struct jt_projected *next)
{
	enum jt_result r = JT_STALE;

	pthread_mutex_lock(&f->lock);
	if (next)
		r = jt_project_apply(f->table, next);
	pthread_mutex_unlock(&f->lock);
	return r;
}

enum jt_result jt_follower_reserve(struct jt_follower *f, const struct jt_projected *next)
{
	static const struct jt_table_sizes none;
	struct jt_table_sizes needs;
	enum jt_result r = JT_OK;

	pthread_mutex_lock(&f->lock);
	needs = jt_projected_needs(f->table, next);
	if (memcmp(&needs, &none, sizeof(needs)) != 0 && jt_table_view(f->table))
		r = jt_table_reserve(f->table, &needs);
	pthread_mutex_unlock(&f->lock);
	return r;
}

enum jt_result jt_follower_rebuild(struct jt_follower *f)
{
	return locked_catch_up(f, NULL, WHAT_IS_THERE);
}

/* Waits, or is woken to stop. Returns whether to go on. */
static bool rest(struct jt_follower *f)
{
	struct timespec until;
	bool stop = false;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += f->poll_ms / 1000;
	until.tv_nsec += (long)(f->poll_ms % 1000) * 1000000L;
	if (until.tv_nsec >= (long)JT_NS_PER_S) {
		until.tv_sec++;
		until.tv_nsec -= (long)JT_NS_PER_S;
	}
	pthread_mutex_lock(&f->sleep_lock);
	while (!f->stop && pthread_cond_timedwait(&f->wake, &f->sleep_lock, &until) == 0)
		continue;
	stop = f->stop;
	pthread_mutex_unlock(&f->sleep_lock);
	return !stop;
}

static void *follow(void *arg)
{
	struct jt_follower *f = arg;

	while (rest(f)) {
		if (jt_follower_advance(f) != JT_OK)
			continue; /* said in the log; the next round tries again */
	}
	return NULL;
}

enum jt_result jt_follower_start(struct jt_follower *f, unsigned poll_ms)
{
	f->poll_ms = poll_ms;
	if (pthread_create(&f->thread, NULL, follow, f) != 0)
		return JT_NOMEM;
	f->started = true;
	return JT_OK;
}

/* Is what the table says of the catalogue what is in force? */
static bool table_is_of(const struct jt_table *t, struct jt_verify *verify)
{
	const struct jt_view *view = jt_table_view(t);
	bool same = view && strcmp(view->policy.digest, jt_verify_policy(verify)->digest) == 0;

	if (view)
		jt_verify_policy_done(verify);
	return same;
}

enum jt_result jt_follower_new(
	const char *where, struct jt_table *table, struct jt_verify *verify, struct jt_follower **out)
{
	struct jt_follower *f = calloc(1, sizeof(*f));
	pthread_condattr_t attributes;
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!f)
		return JT_NOMEM;
	f->table = table;
	f->verify = verify;
	pthread_mutex_init(&f->lock, NULL);
	pthread_mutex_init(&f->sleep_lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	r = jt_db_open(where, JT_DB_READ, &f->db);
	if (r == JT_OK)
		r = table_is_of(table, verify) ? jt_follower_advance(f) : jt_follower_rebuild(f);
	if (r != JT_OK) {
		jt_follower_free(f);
		return r;
	}
	*out = f;
	return JT_OK;
}

void jt_follower_free(struct jt_follower *f)
{
	if (!f)
		return;
	if (f->started) {
		pthread_mutex_lock(&f->sleep_lock);
		f->stop = true;
		pthread_cond_signal(&f->wake);
		pthread_mutex_unlock(&f->sleep_lock);
		pthread_join(f->thread, NULL);
	}
	jt_db_close(f->db);
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->sleep_lock);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

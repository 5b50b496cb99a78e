/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/committer.h"

#include "authority/chores.h"
#include "authority/node.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/secret.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#define STALE_TRIES_MAX 100

struct jt_committer {
	struct jt_authority *au;
	struct jt_chores *chores; /* NULL for an operator's */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;  /* of the queue */
	pthread_mutex_t alone; /* without a thread: of the work itself */
	pthread_cond_t work;
	struct jt_job *first, **last;
	size_t waiting;
	bool stop;
};

/* The jobs of one transaction, in their order. */
struct batch {
	struct jt_job *first, **last;
	size_t count, written;
};

/* The job that waits longest; NULL if none does. */
static struct jt_job *take(struct jt_committer *c)
{
	struct jt_job *job = NULL;

	pthread_mutex_lock(&c->lock);
	job = c->first;
	if (job) {
		c->first = job->next;
		if (!c->first)
			c->last = &c->first;
		c->waiting--;
		job->next = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void add(struct batch *b, struct jt_job *job)
{
	job->next = NULL; /* a chore is used again and again */
	*b->last = job;
	b->last = &job->next;
	b->count++;
}

/* Takes the head that the table shows: whatever a rule then asks the table is so. */
static enum jt_result begin_exact(struct jt_authority *au, struct jt_head *head)
{
	for (int tries = 0; tries < STALE_TRIES_MAX; tries++) {
		const struct jt_head shown = {.seq = jt_table_watermark(au->table), .nonce = jt_table_nonce(au->table)};
		uint64_t nonce = 0;
		enum jt_result r = jt_db_begin_write(au->db);

		if (r != JT_OK)
			return r;
		jt_secret_random(&nonce, sizeof(nonce));
		r = jt_head_take(au->db, &shown, nonce, head);
		if (r == JT_OK && !jt_table_poisoned(au->table))
			return JT_OK;
		jt_db_rollback(au->db);
		if (r == JT_OK || r == JT_STALE)
			r = jt_follower_advance_on(au->follower, au->db);
		if (r != JT_OK)
			return r;
	}
	return JT_BUSY; /* another process writes without end */
}

/* Room in the table before anything is committed, so that what was committed can be shown. Where there is plenty this is a
 * look at some counters. */
static enum jt_result reserve(struct jt_tx *tx)
{
	struct jt_projected *next = NULL;
	enum jt_result r = JT_OK;

	if (jt_table_holds(tx->au->table, &tx->needs))
		return JT_OK;
	r = jt_project_read(tx->db, tx->policy, tx->head.seq - 1, &tx->head, &next);
	if (r == JT_OK)
		r = jt_follower_reserve(tx->au->follower, next);
	else if (r == JT_TOO_MUCH_WORK)
		r = JT_OK; /* the table is built anew for it */
	jt_projected_free(next);
	return r;
}

/* Runs one job. What it wrote before it failed is undone by the end of the transaction if it is the first, which is cheap,
 * and by a savepoint if others have written before it. JT_OK: the transaction goes on, whatever the job's own result is. */
static enum jt_result run_job(struct jt_tx *tx, struct jt_job *job, bool first)
{
	const uint64_t changes = tx->changes;
	const bool moves_grants = tx->moves_grants;
	const struct jt_table_sizes needs = tx->needs;
	enum jt_result r = first ? JT_OK : jt_db_savepoint(tx->db);

	if (r != JT_OK)
		return r;
	tx->now_ns = jt_clock_ns();
	job->result = job->run(job, tx);
	if (job->result == JT_OK && tx->changes > changes)
		job->result = reserve(tx);
	if (first)
		return JT_OK;
	if (job->result == JT_OK)
		return jt_db_release(tx->db);
	tx->changes = changes;
	tx->moves_grants = moves_grants;
	tx->needs = needs;
	return jt_db_undo(tx->db);
}

/* Runs the first job and what else waits, until the batch is full or somebody's grants have moved. A first job that fails is
 * alone. */
static enum jt_result run_jobs(struct jt_committer *c, struct jt_tx *tx, struct batch *b)
{
	struct jt_job *job = b->first;
	enum jt_result r = JT_OK;

	while (job) {
		r = run_job(tx, job, job == b->first);
		if (job->result == JT_OK)
			b->written++;
		if (r != JT_OK || b->written == 0 || b->count == JT_COMMITTER_BATCH_MAX || tx->moves_grants)
			break;
		job = take(c);
		if (job)
			add(b, job);
	}
	return r;
}

/* Every answer of the batch, refusals too, may rest on what was to be written with it: if that fails, all of it fails. */
static void fail_all(struct batch *b, enum jt_result why)
{
	for (struct jt_job *job = b->first; job; job = job->next)
		job->result = why;
}

/* After a commit: until the table has it, nobody may hear of it. */
static enum jt_result show(struct jt_authority *au, struct jt_projected *next)
{
	enum jt_result r = JT_OK;

	JT_FAULT_POINT("before_project");
	r = jt_follower_apply(au->follower, next);
	if (r == JT_STALE)
		r = jt_follower_advance_on(au->follower, au->db);
	if (r != JT_OK)
		r = jt_follower_rebuild(au->follower);
	JT_FAULT_POINT("after_project");
	return r == JT_OK ? JT_OK : JT_STALE;
}

/* *next gets what the table will then have to show. */
static enum jt_result commit(struct jt_tx *tx, struct batch *b, struct jt_projected **next)
{
	enum jt_result r = JT_OK;

	if (b->written == 0) {
		jt_db_rollback(tx->db); /* so that no number is used up */
		return JT_OK;
	}
	if (tx->changes == 0)
		r = jt_change_mark(tx->db, &tx->head);
	if (r == JT_OK)
		r = jt_project_read(tx->db, tx->policy, tx->head.seq - 1, &tx->head, next);
	if (r == JT_TOO_MUCH_WORK)
		r = JT_OK; /* show() rebuilds */
	JT_FAULT_POINT("before_commit");
	if (r == JT_OK)
		r = jt_db_commit(tx->db);
	JT_FAULT_POINT("after_commit");
	return r;
}

static void answer(struct batch *b)
{
	struct jt_job *next = NULL;

	JT_FAULT_POINT("before_answer");
	for (struct jt_job *job = b->first; job; job = next) {
		next = job->next;
		if (job->done)
			job->done(job); /* may free it */
	}
}

/* One transaction with `first` and what waits behind it; all of it is told. */
static void run_batch(struct jt_committer *c, struct jt_job *first)
{
	struct jt_authority *au = c->au;
	struct jt_tx tx = {.au = au, .db = au->db, .verify = au->verify, .writing = true};
	struct batch b = {0};
	struct jt_projected *next = NULL;
	enum jt_result r = JT_OK;

	b.last = &b.first;
	add(&b, first);
	tx.policy = jt_verify_policy(au->verify);
	r = begin_exact(au, &tx.head);
	if (r == JT_OK)
		r = run_jobs(c, &tx, &b);
	if (r == JT_OK)
		r = commit(&tx, &b, &next);
	jt_verify_policy_done(au->verify);
	if (jt_db_in_transaction(au->db))
		jt_db_rollback(au->db);
	if (r == JT_OK && b.written > 0)
		r = show(au, next);
	jt_projected_free(next);
	if (r != JT_OK) {
		jt_log(JT_LOG_ERROR, "a write failed", JT_LT("why", jt_result_text(r)),
			JT_LT("engine", jt_db_error(au->db)), JT_LN("jobs", (long long)b.count));
		fail_all(&b, r);
	}
	answer(&b);
}

/* Under the lock: waits for work, for the time of a chore, or for the end. */
static void rest(struct jt_committer *c)
{
	int64_t left = jt_chores_next(c->chores) - jt_clock_mono_ns();
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	if (left > 0) {
		at.tv_sec += (time_t)(left / JT_NS_PER_S);
		at.tv_nsec += (long)(left % JT_NS_PER_S);
	}
	if (at.tv_nsec >= (long)JT_NS_PER_S) {
		at.tv_sec++;
		at.tv_nsec -= (long)JT_NS_PER_S;
	}
	while (!c->first && !c->stop && pthread_cond_timedwait(&c->work, &c->lock, &at) == 0)
		continue;
}

static void *work(void *arg)
{
	struct jt_committer *c = arg;
	bool stop = false;

	while (!stop) {
		struct jt_job *job = jt_chores_due(c->chores, jt_clock_mono_ns());

		if (!job)
			job = take(c);
		if (job) {
			run_batch(c, job);
			continue;
		}
		pthread_mutex_lock(&c->lock);
		rest(c);
		stop = c->stop && !c->first;
		pthread_mutex_unlock(&c->lock);
	}
	for (struct jt_job *job = jt_chores_last(c->chores); job; job = jt_chores_last(c->chores))
		run_batch(c, job);
	jt_chores_anchor(c->chores);
	return NULL;
}

enum jt_result jt_committer_new(struct jt_authority *au, struct jt_committer **out)
{
	struct jt_committer *c = calloc(1, sizeof(*c));
	pthread_condattr_t attributes;
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!c)
		return JT_NOMEM;
	c->au = au;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_mutex_init(&c->alone, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&c->work, &attributes);
	pthread_condattr_destroy(&attributes);
	if (au->serve) {
		r = jt_chores_new(au, &c->chores);
		if (r == JT_OK && pthread_create(&c->thread, NULL, work, c) != 0)
			r = JT_NOMEM;
		c->threaded = r == JT_OK;
	}
	if (r != JT_OK) {
		jt_committer_free(c);
		return r;
	}
	*out = c;
	return JT_OK;
}

enum jt_result jt_committer_submit(struct jt_committer *c, struct jt_job *job)
{
	enum jt_result r = JT_OK;

	job->next = NULL;
	job->result = JT_INTERNAL;
	if (!c->threaded) {
		pthread_mutex_lock(&c->alone);
		run_batch(c, job);
		pthread_mutex_unlock(&c->alone);
		return JT_OK;
	}
	pthread_mutex_lock(&c->lock);
	if (c->stop) {
		r = JT_STOPPING;
	} else if (c->waiting >= JT_COMMITTER_WAITING_MAX) {
		r = JT_BUSY;
	} else {
		*c->last = job;
		c->last = &job->next;
		c->waiting++;
		pthread_cond_signal(&c->work);
	}
	pthread_mutex_unlock(&c->lock);
	return r;
}

/* A job for which somebody waits. */
struct awaited {
	struct jt_job job;
	struct jt_job *inner;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool is_done;
};

static struct awaited *awaited_of(struct jt_job *job)
{
	return (struct awaited *)(void *)((char *)job - offsetof(struct awaited, job));
}

static enum jt_result run_inner(struct jt_job *job, struct jt_tx *tx)
{
	struct jt_job *inner = awaited_of(job)->inner;

	return inner->run(inner, tx);
}

static void tell(struct jt_job *job)
{
	struct awaited *a = awaited_of(job);

	a->inner->result = job->result;
	if (a->inner->done)
		a->inner->done(a->inner);
	pthread_mutex_lock(&a->lock);
	a->is_done = true;
	pthread_cond_signal(&a->told);
	pthread_mutex_unlock(&a->lock);
}

enum jt_result jt_committer_run(struct jt_committer *c, struct jt_job *job)
{
	struct awaited a = {.job = {.run = run_inner, .done = tell}, .inner = job};
	enum jt_result r = JT_OK;

	pthread_mutex_init(&a.lock, NULL);
	pthread_cond_init(&a.told, NULL);
	r = jt_committer_submit(c, &a.job);
	if (r == JT_OK) {
		pthread_mutex_lock(&a.lock);
		while (!a.is_done)
			pthread_cond_wait(&a.told, &a.lock);
		pthread_mutex_unlock(&a.lock);
		r = job->result;
	}
	pthread_cond_destroy(&a.told);
	pthread_mutex_destroy(&a.lock);
	return r;
}

void jt_committer_free(struct jt_committer *c)
{
	if (!c)
		return;
	if (c->threaded) {
		pthread_mutex_lock(&c->lock);
		c->stop = true;
		pthread_cond_signal(&c->work);
		pthread_mutex_unlock(&c->lock);
		pthread_join(c->thread, NULL);
	}
	jt_chores_free(c->chores);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->alone);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

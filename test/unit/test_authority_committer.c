/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority/committer.h"
#include "authority/node.h"
#include "authority/token.h"
#include "authority_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

JT_SQL(test_put, "INSERT INTO meta (key, value) VALUES ($1, 'x')");
JT_SQL(test_has, "SELECT count(*) FROM meta WHERE key = $1");

static struct fixture w;

/* A job that writes one row, and what it saw. Freed by whoever made it, never by the committer. */
struct put {
	struct jt_job job;
	char key[32];
	enum jt_result say; /* its result, after the row was written */
	bool moves_grants;
	uint64_t seq; /* of the transaction that it ran in */
	int told;     /* how many had been told when it ran */
	int done;
	uint64_t shown; /* the table's watermark when it was told */
};

/* Holds the committer until it is let go, and counts who was told. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	bool held, open;
	int told;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static enum jt_result run_put(struct jt_job *job, struct jt_tx *tx)
{
	struct put *p = (struct put *)(void *)job;
	enum jt_result r = jt_db_run(tx->db, &test_put, JT_BIND(JT_T(p->key)), NULL);

	p->seq = tx->head.seq;
	pthread_mutex_lock(&gate.lock);
	p->told = gate.told;
	pthread_mutex_unlock(&gate.lock);
	if (p->moves_grants)
		tx->moves_grants = true;
	return r == JT_OK ? p->say : r;
}

static void told(struct jt_job *job)
{
	struct put *p = (struct put *)(void *)job;

	pthread_mutex_lock(&gate.lock);
	p->done++;
	p->shown = jt_table_watermark(w.au->table);
	gate.told++;
	pthread_cond_broadcast(&gate.moved);
	pthread_mutex_unlock(&gate.lock);
}

static enum jt_result run_hold(struct jt_job *job, struct jt_tx *tx)
{
	(void)job;
	(void)tx;
	pthread_mutex_lock(&gate.lock);
	gate.held = true;
	pthread_cond_broadcast(&gate.moved);
	while (!gate.open)
		pthread_cond_wait(&gate.moved, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	return JT_DONE; /* writes nothing */
}

static void hold(struct jt_job *job)
{
	*job = (struct jt_job){.run = run_hold};
	gate.held = gate.open = false;
	gate.told = 0;
	assert_int_equal(jt_committer_submit(w.au->committer, job), JT_OK);
	pthread_mutex_lock(&gate.lock);
	while (!gate.held)
		pthread_cond_wait(&gate.moved, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

static void let_go_and_await(int wanted)
{
	pthread_mutex_lock(&gate.lock);
	gate.open = true;
	pthread_cond_broadcast(&gate.moved);
	while (gate.told < wanted)
		pthread_cond_wait(&gate.moved, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

static struct put put_of(const char *key)
{
	struct put p = {.job = {.run = run_put, .done = told}};

	(void)snprintf(p.key, sizeof(p.key), "%s", key);
	return p;
}

static bool is_there(const char *key)
{
	struct jt_tx tx;
	int64_t n = 0;

	assert_int_equal(jt_reading_begin(w.au, &tx), JT_OK);
	assert_int_equal(jt_db_int(tx.db, &test_has, JT_BIND(JT_T(key)), &n), JT_OK);
	jt_reading_end(&tx);
	return n > 0;
}

static void one_commit_for_who_waits(void **state)
{
	/* Goal: jobs that wait together share one transaction; one that fails leaves nothing and takes nobody with it; each is
	 * told once, its own result, and only when the table has what it wrote. */
	struct jt_job holder;
	struct put a = put_of("a"), b = put_of("b"), c = put_of("c");

	(void)state;
	b.say = JT_CONFLICT;
	hold(&holder);
	assert_int_equal(jt_committer_submit(w.au->committer, &a.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &b.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &c.job), JT_OK);
	let_go_and_await(3);
	assert_int_equal(a.job.result, JT_OK);
	assert_int_equal(b.job.result, JT_CONFLICT);
	assert_int_equal(c.job.result, JT_OK);
	assert_true(a.done == 1 && b.done == 1 && c.done == 1);
	assert_true(a.seq > 0 && a.seq == b.seq && a.seq == c.seq);
	assert_true(a.shown >= a.seq && c.shown >= c.seq);
	assert_true(is_there("a") && is_there("c"));
	assert_false(is_there("b"));
}

static void moved_grants_end_a_transaction(void **state)
{
	/* Goal: whoever comes after a job that moved somebody's grants is judged by a table that shows it, and after that job
	 * was told: a reload puts its catalogue in force there. */
	struct jt_job holder;
	struct put first = put_of("first"), second = put_of("second");

	(void)state;
	first.moves_grants = true;
	hold(&holder);
	assert_int_equal(jt_committer_submit(w.au->committer, &first.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &second.job), JT_OK);
	let_go_and_await(2);
	assert_int_equal(first.job.result, JT_OK);
	assert_int_equal(second.job.result, JT_OK);
	assert_true(second.seq > first.seq);
	assert_int_equal(first.told, 0);
	assert_int_equal(second.told, 1);
}

static void a_failed_job_that_moved_grants_moves_nothing(void **state)
{
	/* Goal: what was undone counts for nothing: the next job shares its transaction. */
	struct jt_job holder;
	struct put before = put_of("before"), first = put_of("undone"), second = put_of("kept");

	(void)state;
	first.moves_grants = true;
	first.say = JT_CONFLICT;
	hold(&holder);
	assert_int_equal(jt_committer_submit(w.au->committer, &before.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &first.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &second.job), JT_OK);
	let_go_and_await(3);
	assert_true(before.seq == first.seq && first.seq == second.seq);
	assert_true(is_there("kept"));
	assert_false(is_there("undone"));
}

static void a_first_job_that_fails_leaves_nothing(void **state)
{
	/* Goal: the first of those that wait has no savepoint: what it wrote before it failed is undone all the same, the number
	 * it took is given back, and who waits behind it is done. */
	struct jt_job holder;
	struct put first = put_of("failed-first"), second = put_of("behind");

	(void)state;
	first.say = JT_CONFLICT;
	first.moves_grants = true;
	hold(&holder);
	assert_int_equal(jt_committer_submit(w.au->committer, &first.job), JT_OK);
	assert_int_equal(jt_committer_submit(w.au->committer, &second.job), JT_OK);
	let_go_and_await(2);
	assert_int_equal(first.job.result, JT_CONFLICT);
	assert_int_equal(second.job.result, JT_OK);
	assert_true(first.seq == second.seq && second.shown == second.seq);
	assert_true(is_there("behind"));
	assert_false(is_there("failed-first"));
}

static void the_queue_has_an_edge(void **state)
{
	/* Goal: JT_COMMITTER_WAITING_MAX jobs wait, one more is refused at once and never told; all that were taken are done,
	 * none in a transaction of more than JT_COMMITTER_BATCH_MAX. */
	struct put *all = calloc(JT_COMMITTER_WAITING_MAX + 1, sizeof(*all));
	struct jt_job holder;
	unsigned together = 1;

	(void)state;
	assert_non_null(all);
	hold(&holder);
	for (int i = 0; i <= JT_COMMITTER_WAITING_MAX; i++) {
		char key[32];

		(void)snprintf(key, sizeof(key), "edge-%d", i);
		all[i] = put_of(key);
		assert_int_equal(jt_committer_submit(w.au->committer, &all[i].job),
			i < JT_COMMITTER_WAITING_MAX ? JT_OK : JT_BUSY);
	}
	let_go_and_await(JT_COMMITTER_WAITING_MAX);
	for (int i = 0; i < JT_COMMITTER_WAITING_MAX; i++) {
		assert_int_equal(all[i].job.result, JT_OK);
		assert_int_equal(all[i].done, 1);
		together = i > 0 && all[i].seq == all[i - 1].seq ? together + 1 : 1;
		assert_true(together <= JT_COMMITTER_BATCH_MAX);
	}
	assert_int_equal(all[JT_COMMITTER_WAITING_MAX].done, 0);
	assert_true(is_there("edge-0") && is_there("edge-4095"));
	assert_false(is_there("edge-4096"));
	free(all);
}

static void awaited(void **state)
{
	/* Goal: jt_committer_run gives the job's own result, and `done` has run when it returns. */
	struct put good = put_of("good"), bad = put_of("bad"), twice = put_of("good");

	(void)state;
	bad.say = JT_NOT_FOUND;
	assert_int_equal(jt_committer_run(w.au->committer, &good.job), JT_OK);
	assert_int_equal(good.done, 1);
	assert_int_equal(jt_committer_run(w.au->committer, &bad.job), JT_NOT_FOUND);
	assert_int_equal(bad.done, 1);
	assert_int_equal(jt_committer_run(w.au->committer, &twice.job), JT_CONSTRAINT);
	assert_true(is_there("good"));
	assert_false(is_there("bad"));
}

static void a_database_that_does_not_answer(void **state)
{
	/* Goal: a question to the database that fails is no reason to refuse anybody: the table has its lease for that. */
	char directory[80];
	struct jt_db *nothing = NULL;

	(void)state;
	(void)snprintf(directory, sizeof(directory), "%s/empty", w.directory);
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_int_equal(jt_db_open(directory, JT_DB_CREATE, &nothing), JT_OK);
	assert_int_not_equal(jt_follower_advance_on(w.au->follower, nothing), JT_OK);
	assert_false(jt_table_poisoned(w.au->table));
	jt_db_close(nothing);
	assert_int_equal(jt_follower_advance(w.au->follower), JT_OK);
	assert_false(jt_table_poisoned(w.au->table));
}

/* The last moment in which a table may cease to be believed. */
static enum jt_result run_surrender(struct jt_job *job, struct jt_tx *tx)
{
	struct jt_actor nobody = {.how = JT_ACTOR_TOKEN};

	(void)job;
	jt_table_poison(w.au->table);
	return jt_token_surrender(tx, &nobody, w.made.token, strlen(w.made.token));
}

static void a_surrender_that_nobody_can_judge(void **state)
{
	/* Goal: whoever gives a value up (RFC 7009) while the table cannot be believed is not told that it is dead. */
	struct jt_job job = {.run = run_surrender};
	struct jt_caller who;

	(void)state;
	assert_int_equal(jt_committer_run(w.au->committer, &job), JT_STALE);
	assert_int_equal(jt_follower_rebuild(w.au->follower), JT_OK);
	assert_int_equal(jt_verify_token(w.au->verify, w.made.token, strlen(w.made.token), &who), JT_STEP_ALLOWED);
}

static int set_up(void **state)
{
	(void)state;
	return fixture_open(&w);
}

static int tear_down(void **state)
{
	(void)state;
	return fixture_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_commit_for_who_waits),
		cmocka_unit_test(moved_grants_end_a_transaction),
		cmocka_unit_test(a_failed_job_that_moved_grants_moves_nothing),
		cmocka_unit_test(a_first_job_that_fails_leaves_nothing),
		cmocka_unit_test(the_queue_has_an_edge),
		cmocka_unit_test(awaited),
		cmocka_unit_test(a_database_that_does_not_answer),
		cmocka_unit_test(a_surrender_that_nobody_can_judge),
	};

	return cmocka_run_group_tests_name("authority_committer", tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "verify/ask.h"
#include "verify/inside.h"
#include "verify/verify.h"

#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Goal: what is decided from several records was so at one moment. Rows that change together are told by a writer that goes on
 * from any one of its counted stores to any other between any two of the reads of one decision; the answer is that of the table
 * as it stood after one of these stores, or that it is to be asked anew, and then it is. The code is everybody's, with a hook
 * before each read, and on either side of each store's count. */

static void between(void);
static void rest(void);

#define jt_find_value(...) (between(), jt_find_value(__VA_ARGS__))
#define jt_org_is_active(...) (between(), jt_org_is_active(__VA_ARGS__))
#define jt_org_owner(...) (between(), jt_org_owner(__VA_ARGS__))
#define jt_role_set(...) (between(), jt_role_set(__VA_ARGS__))
#define jt_user_state(...) (between(), jt_user_state(__VA_ARGS__))
#define jt_team_is_there(...) (between(), jt_team_is_there(__VA_ARGS__))
#define jt_member_role(...) (between(), jt_member_role(__VA_ARGS__))
#define jt_app_team(...) (between(), jt_app_team(__VA_ARGS__))
#define jt_cold_list(...) (between(), jt_cold_list(__VA_ARGS__))
#define jt_verify_role_facts(...) (between(), jt_verify_role_facts(__VA_ARGS__))
#define jt_term_is(...) (between(), jt_term_is(__VA_ARGS__))
#include "verify/ask.c"
#undef jt_verify_role_facts /* which is defined here */
#undef jt_role_set
#include "verify/grant.c"
#undef jt_find_value
#undef jt_org_is_active
#undef jt_org_owner
#undef jt_user_state
#undef jt_team_is_there
#undef jt_member_role
#undef jt_app_team
#undef jt_cold_list
#define jt_moves_on(...) (rest(), jt_moves_on(__VA_ARGS__), rest())
#include "table/put.h"
#include "table/put.c"
#include "table/put_people.c"
#include "looks_shots.h"

static struct jt_verify *verify;
/* The reads of a reader, and before which of them the writer goes on, how far. */
static unsigned reads, switch_at, switch_to;
/* The writer, which rests after each of its stores, before it is counted (an odd number of times) and after it. */
static struct writer {
	pthread_t thread;
	sem_t go, rests;
	unsigned rests_made;
	bool telling, done;
} writer;

#define NEVER 1000000
#define STORES_MAX 32

/* ---- asking */

static void tell(const struct rows *r)
{
	assert_int_equal(jt_table_tell(w.table, r->row, r->count), JT_OK);
}

static void rest(void)
{
	if (!writer.telling)
		return;
	assert(jt_table_moment(w.table) % 2 == 1);
	writer.rests_made++;
	assert(sem_post(&writer.rests) == 0);
	while (sem_wait(&writer.go) != 0)
		;
}

static void *write_all(void *arg)
{
	(void)arg;
	while (sem_wait(&writer.go) != 0)
		;
	if (jt_table_tell(w.table, after.row, after.count) != JT_OK)
		abort();
	writer.done = true;
	(void)sem_post(&writer.rests);
	return NULL;
}

/* Until it has rested so often, or has ended. */
static void go_on_to(unsigned rests)
{
	while (writer.rests_made < rests && !writer.done) {
		assert_int_equal(sem_post(&writer.go), 0);
		while (sem_wait(&writer.rests) != 0)
			;
	}
}

static void between(void)
{
	if (reads++ == switch_at)
		go_on_to(switch_to);
}

static void set_up(const struct shot *s)
{
	switch_at = NEVER;
	writer = (struct writer){.telling = false};
	world_open(&w);
	assert_int_equal(jt_verify_new(w.table, w.policy[0], JT_BRAND_DEFAULT, &verify), JT_OK);
	role_a = jt_id_new(jt_clock_ns());
	role_b = jt_id_new(jt_clock_ns());
	before.count = after.count = 0;
	role(&before, &role_b, JT_REACH_ORG, SCOPES(WORLD_READ));
	tell(&before);
	before.count = 0;
	s->rows();
	tell(&before);
	assert_int_equal(sem_init(&writer.go, 0, 0), 0);
	assert_int_equal(sem_init(&writer.rests, 0, 0), 0);
	writer.telling = true;
	assert_int_equal(pthread_create(&writer.thread, NULL, write_all, NULL), 0);
}

static void tear_down(void)
{
	go_on_to(NEVER);
	assert_int_equal(pthread_join(writer.thread, NULL), 0);
	(void)sem_destroy(&writer.go);
	(void)sem_destroy(&writer.rests);
	jt_verify_free(verify);
	world_close(&w);
}

/* The terms of one question, to be looked up anew. */
struct terms {
	struct jeton_scope scope, *scopes[1];
	struct jeton_app app;
	struct jeton_request request;
};

static const struct jeton_request *request_of(const struct question *q, bool with_scope, struct terms *t)
{
	memset(t, 0, sizeof(*t));
	t->scope.term.name = q->scope;
	t->scope.term.length = strlen(q->scope);
	t->scopes[0] = &t->scope;
	t->app.term.name = WORLD_APP;
	t->app.term.length = strlen(WORLD_APP);
	t->app.term.org = w.org;
	t->request.scopes = t->scopes;
	t->request.scope_count = with_scope ? 1 : 0;
	t->request.app = q->kind == JT_PLACE_APP ? &t->app : NULL;
	return &t->request;
}

static void digest_of(const struct question *q, uint8_t digest[JT_DIGEST_SIZE])
{
	jt_token_digest(w.value[q->who], strlen(w.value[q->who]), digest);
}

/* What libjeton says. */
static int step_of(const struct question *q)
{
	uint8_t digest[JT_DIGEST_SIZE];
	struct jt_asked asked;
	struct terms t;

	digest_of(q, digest);
	return (int)jt_ask_view(jt_table_view(w.table), digest, request_of(q, true, &t), &asked);
}

/* What all is held, as /verify says it without scopes; -1: not let in, -2: to be asked anew; else whether the scope is among it. */
static int listed_of(const struct question *q)
{
	uint8_t digest[JT_DIGEST_SIZE];
	struct jt_asked asked;
	struct jt_grant grant;
	struct terms t;

	digest_of(q, digest);
	if (jt_ask_view(jt_table_view(w.table), digest, request_of(q, false, &t), &asked) != JT_STEP_ALLOWED)
		return -1;
	jt_ask_grant(jt_table_view(w.table), &asked, &t.request, &grant);
	return grant.visible ? jt_scopes_has(&grant.held, jt_policy_scope(w.policy[0], q->scope, strlen(q->scope))->bit)
			     : -2;
}

/* What the authority says of somebody whom it let in before. */
static struct jt_caller caller;

static int granted_to(const struct question *q)
{
	struct jt_place place = {.kind = q->kind, .app = WORLD_APP};
	struct jt_grant grant;

	jt_verify_grant(verify, &caller, &place, &grant);
	if (!grant.visible)
		return -1;
	return jt_scopes_has(&grant.held, jt_policy_scope(w.policy[0], q->scope, strlen(q->scope))->bit);
}

static int is_let_in(const struct question *q)
{
	return (int)jt_verify_token(verify, w.value[q->who], strlen(w.value[q->who]), &caller);
}

struct asking {
	int (*ask)(const struct question *q);
	bool of_caller; /* asks of somebody who was let in before */
};

static int let_in_and_ask(const struct asking *a, const struct question *q)
{
	bool let_in = is_let_in(q) == JT_STEP_ALLOWED;

	return a->of_caller && !let_in ? -1 : a->ask(q);
}

/* What is said after each of the stores; returns how many there are, and one more for the end. */
static unsigned say_at_each(const struct asking *a, const struct shot *s, int said[STORES_MAX])
{
	unsigned n = 0;
	uint64_t began;

	set_up(s);
	began = jt_table_moment(w.table);
	assert_int_equal(began % 2, 0);
	said[0] = let_in_and_ask(a, &s->ask);
	while (!writer.done) {
		assert_true(++n < STORES_MAX);
		go_on_to(2 * n - 1);
		said[n] = let_in_and_ask(a, &s->ask);
	}
	assert_int_equal(jt_table_moment(w.table), began + 2); /* which is for those who ask more than one question */
	tear_down();
	return n;
}

/* A reader that begins when `from` stores are there and counted, and before whose read `at` there are `to`, the last not yet
 * counted. False if there are not so many reads. */
static bool read_between(
	const struct asking *a, const struct shot *s, unsigned from, unsigned to, unsigned at, const int *said_at)
{
	bool good = false;
	int said;

	set_up(s);
	go_on_to(2 * from);
	(void)is_let_in(&s->ask);
	reads = 0;
	switch_at = at;
	switch_to = 2 * to - 1;
	said = a->ask(&s->ask);
	/* Whoever asks anew is told: nothing changes meanwhile. */
	if (said == -2)
		said = let_in_and_ask(a, &s->ask);
	tear_down();
	for (unsigned i = from; i <= to; i++)
		good = good || said == said_at[i];
	if (!good)
		fail_msg("%s: begun after store %u, which were %u before read %u: %d, not %d or %d", s->name, from, to,
			at, said, said_at[from], said_at[to]);
	return reads > at;
}

static void of_one_moment(const struct asking *a)
{
	for (const struct shot *s = shots; s < shots + sizeof(shots) / sizeof(*shots); s++) {
		int said_at[STORES_MAX];
		unsigned stores = say_at_each(a, s, said_at);

		for (unsigned from = 0; from < stores; from++) {
			for (unsigned to = from + 1; to <= stores; to++) {
				for (unsigned at = 0; read_between(a, s, from, to, at, said_at); at++)
					;
			}
		}
	}
}

static void a_verification_is_of_one_moment(void **state)
{
	const struct asking asking = {step_of, false};

	(void)state;
	of_one_moment(&asking);
}

static void a_list_of_scopes_is_of_one_moment(void **state)
{
	const struct asking asking = {listed_of, false};

	(void)state;
	of_one_moment(&asking);
}

static void a_grant_is_of_one_moment(void **state)
{
	const struct asking asking = {granted_to, true};

	(void)state;
	of_one_moment(&asking);
}

/* ---- a writer that was stopped between a store and its count */

static void whoever_goes_on_with_a_file_counts_what_was_not(void **state)
{
	/* Goal: a reader that began before the writer was stopped, and ends under the next, notices what the first had stored. */
	uint64_t moves;

	(void)state;
	switch_at = NEVER;
	writer.telling = false;
	world_open(&w);
	moves = jt_moves(jt_table_view(w.table));
	world_restart(&w);
	assert_non_null(jt_table_view(w.table));
	assert_true(jt_moves(jt_table_view(w.table)) > moves);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verification_is_of_one_moment),
		cmocka_unit_test(a_list_of_scopes_is_of_one_moment),
		cmocka_unit_test(a_grant_is_of_one_moment),
		cmocka_unit_test(whoever_goes_on_with_a_file_counts_what_was_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "jeton_world.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

/* Threads that share one opened table and one set of interned names, while the table is replaced under them. */

#define THREADS 4
#define TABLES 150

static struct world w;
static struct jeton *j;
static struct jeton_scope *plain, *new_scope;
static struct jeton_app *app;
static _Atomic uint64_t shown; /* the newest table that was published: what begins now must see it */
static atomic_bool done;
static _Atomic unsigned long looks;

static int set_up(void **state)
{
	char org[JT_ID_TEXT_SIZE];

	(void)state;
	world_open(&w);
	if (jeton_open(w.path, &j) != JETON_ALLOWED || jeton_scope_new(j, WORLD_READ, &plain) != JETON_ALLOWED ||
		jeton_scope_new(j, WORLD_NEW, &new_scope) != JETON_ALLOWED ||
		jeton_app_new(j, jt_id_text(&w.org, org), WORLD_APP, &app) != JETON_ALLOWED)
		return -1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	jeton_scope_free(plain);
	jeton_scope_free(new_scope);
	jeton_app_free(app);
	jeton_close(j);
	world_close(&w);
	return 0;
}

static enum jeton_result verify(enum world_token which, const struct jeton_request *ask, struct jeton_answer *answer)
{
	return jeton_verify(j, w.value[which], strlen(w.value[which]), ask, answer);
}

/* Tables of an even number have WORLD_NEW; revoked in every one whose number divides by three is WORLD_SHORT. */
static bool has_new(uint64_t seq)
{
	return seq % 2 == 0;
}

static bool has_short(uint64_t seq)
{
	return seq % 3 != 0;
}

/* NULL, or what was wrong. */
static const char *look(void)
{
	const struct jeton_request ask_plain = {.scopes = &plain, .scope_count = 1},
				   ask_new = {.scopes = &new_scope, .scope_count = 1},
				   ask_app = {.scopes = &plain, .scope_count = 1, .app = app};
	uint64_t least = atomic_load(&shown);
	struct jeton_answer answer;
	char id[JETON_ID_SIZE];
	enum jeton_result r = verify(WORLD_CI, &ask_plain, &answer);

	if (r != JETON_ALLOWED || answer.as_of < least)
		return "a good token was refused, or an old table asked";
	r = jeton_answer_token(j, &answer, id);
	if (r != JETON_ALLOWED && r != JETON_UNAVAILABLE)
		return "an answer does not know its token";
	if (verify(WORLD_OWNER, &ask_app, &answer) != JETON_ALLOWED)
		return "an app was lost";
	least = atomic_load(&shown);
	r = verify(WORLD_CI, &ask_new, &answer);
	if (answer.as_of < least || r != (has_new(answer.as_of) ? JETON_ALLOWED : JETON_SCOPE))
		return "a scope is not as its table has it";
	least = atomic_load(&shown);
	r = verify(WORLD_SHORT, NULL, &answer);
	if (answer.as_of < least || r != (has_short(answer.as_of) ? JETON_ALLOWED : JETON_INVALID))
		return "a token is not as its table has it";
	return verify(WORLD_DEAD, NULL, NULL) == JETON_INVALID ? NULL : "a dead token was let in";
}

static void *keep_looking(void *arg)
{
	(void)arg;
	while (!atomic_load(&done)) {
		const char *wrong = look();

		if (wrong) {
			atomic_store(&done, true);
			return (void *)(uintptr_t)wrong;
		}
		atomic_fetch_add(&looks, 1);
	}
	return NULL;
}

/* One more table, after somebody has looked at the last. */
static void replace(void)
{
	unsigned long before = atomic_load(&looks);

	w.token[WORLD_SHORT].revoked = !has_short(w.seq + 1);
	world_build(&w, has_new(w.seq + 1) ? WORLD_WITH_NEW : WORLD_PLAIN);
	atomic_store(&shown, w.seq);
	while (atomic_load(&looks) < before + THREADS && !atomic_load(&done))
		(void)sched_yield();
}

static void names_are_shared_while_tables_come_and_go(void **state)
{
	/* Goal: each answer is that of one table, whole, and never of one that had been replaced when the question was put; what is
	 * good in all of them is never refused. */
	pthread_t thread[THREADS];
	void *wrong = NULL;

	(void)state;
	atomic_store(&shown, w.seq);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, keep_looking, NULL), 0);
	for (unsigned n = 0; n < TABLES; n++)
		replace();
	atomic_store(&done, true);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		if (wrong)
			fail_msg("%s", (const char *)wrong);
	}
	assert_true(atomic_load(&looks) >= TABLES * THREADS);
}

/* ---- several rows that are told at once */

#define SWAPS 200000

static unsigned long refused, let_in;

static void *look_at_the_app(void *arg)
{
	const struct jeton_request ask = {.app = app};
	uintptr_t wrong = 0;

	(void)arg;
	while (!atomic_load(&done)) {
		enum jeton_result r = verify(WORLD_GUEST, &ask, NULL);

		wrong += r != JETON_NOT_VISIBLE && r != JETON_UNAVAILABLE;
		refused += r == JETON_NOT_VISIBLE;
		r = verify(WORLD_OWNER, &ask, NULL);
		wrong += r != JETON_ALLOWED && r != JETON_UNAVAILABLE;
		let_in += r == JETON_ALLOWED;
		atomic_fetch_add(&looks, 1);
	}
	return (void *)wrong; /* NOLINT(performance-no-int-to-ptr): a number */
}

static void a_place_is_of_one_moment(void **state)
{
	/* Goal: an app leaves a team as a user comes to it, and comes back as they go, time and again: the user is not let in on the
	 * app at any time, however slowly the facts are looked up one after the other, and is told so; and the owner is. */
	struct jt_table_row row[2] = {{.noun = JT_TABLE_APP, .app = {.org = w.org, .name = WORLD_APP}},
		{.noun = JT_TABLE_MEMBER, .member = {.org = w.org, .team = w.team, .user = w.token[WORLD_GUEST].user}}};
	struct jt_table_member was;
	pthread_t thread;
	void *wrong = NULL;

	(void)state;
	world_build(&w, WORLD_PLAIN);
	assert_true(jt_view_member(jt_table_view(w.table), &w.org, &w.team, &w.token[WORLD_GUEST].user, &was));
	row[1].member.role = was.role;
	atomic_store(&done, false);
	atomic_store(&looks, 0);
	assert_int_equal(jt_table_tell(w.table, row, 2), JT_OK);
	assert_int_equal(pthread_create(&thread, NULL, look_at_the_app, NULL), 0);
	for (unsigned i = 0; i < SWAPS || atomic_load(&looks) < 1000; i++) {
		bool back = i % 2 == 0;

		row[0].app.team = back ? w.team : (struct jt_id){{0}};
		row[1].gone = back;
		assert_int_equal(jt_table_tell(w.table, row, 2), JT_OK);
	}
	atomic_store(&done, true);
	assert_int_equal(pthread_join(thread, &wrong), 0);
	assert_null(wrong);
	/* That it could not be told is rare. */
	assert_true(refused * 2 > atomic_load(&looks) && let_in * 2 > atomic_load(&looks));
}

/* ---- opening, interning and closing beside each other */

static void *open_and_close(void *arg)
{
	bool *good = arg;

	for (unsigned i = 0; i < 200 && *good; i++) {
		struct jeton *own = NULL;
		struct jeton_scope *scope = NULL;

		*good = jeton_open(w.path, &own) == JETON_ALLOWED &&
			jeton_scope_new(own, WORLD_READ, &scope) == JETON_ALLOWED;
		if (*good) {
			const struct jeton_request ask = {.scopes = &scope, .scope_count = 1};

			*good = jeton_verify(own, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), &ask, NULL) ==
				JETON_ALLOWED;
		}
		jeton_close(own); /* a name may be freed after */
		jeton_scope_free(scope);
	}
	return NULL;
}

static void handles_have_nothing_in_common(void **state)
{
	/* Goal: threads that open, intern, verify and close each for itself do not disturb each other. */
	pthread_t thread[THREADS];
	bool good[THREADS];

	(void)state;
	world_build(&w, WORLD_PLAIN);
	for (size_t i = 0; i < THREADS; i++) {
		good[i] = true;
		assert_int_equal(pthread_create(&thread[i], NULL, open_and_close, &good[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_true(good[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_shared_while_tables_come_and_go),
		cmocka_unit_test(a_place_is_of_one_moment), cmocka_unit_test(handles_have_nothing_in_common)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

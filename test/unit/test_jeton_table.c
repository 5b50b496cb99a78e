/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton_fixture.h"

#include "base/clock.h"

#include <sched.h>
#include <time.h>

/* libjeton, while its table is changed, replaced, or not to be believed. */

/* What was found fresh is so for the rest of the coarse clock's tick, a few milliseconds. */
static void await_next_tick(void)
{
	struct timespec first, now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC_COARSE, &first), 0);
	do {
		(void)sched_yield();
		assert_int_equal(clock_gettime(CLOCK_MONOTONIC_COARSE, &now), 0);
	} while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

static void all_are_unavailable(void)
{
	struct jeton_answer answer;

	for (int i = 0; i < WORLD_COUNT; i++) {
		assert_int_equal(verify((enum world_token)i, NULL, &answer), JETON_UNAVAILABLE);
		assert_string_equal(answer.reason, "stale");
	}
	assert_int_equal(jeton_verify(j, "x", 1, NULL, NULL), JETON_UNAVAILABLE);
}

static void a_table_that_cannot_be_believed(void **state)
{
	/* Goal: one that was poisoned, and one whose writer spoke last longer ago than its bound, refuse everything with
	 * UNAVAILABLE, whatever the token; what comes after is believed at once. */
	const struct jt_table_sizes none = {0};
	struct jeton_answer answer;

	(void)state;
	jt_table_poison(w.table);
	all_are_unavailable();
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, &answer), JETON_ALLOWED);
	assert_int_equal(answer.as_of, w.seq);
	jt_table_renew(w.table, jt_clock_mono_ns() - (JT_TABLE_BOUND_EMBEDDED_S - 30) * JT_NS_PER_S);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
	jt_table_renew(w.table, jt_clock_mono_ns() - JT_TABLE_BOUND_EMBEDDED_S * JT_NS_PER_S);
	await_next_tick();
	all_are_unavailable();
	world_renew(&w);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
	/* Its successor is looked for at once, however lately there was none. */
	assert_int_equal(jt_table_rebuild(w.table, w.policy[0], &none), JT_OK);
	jt_table_renew(w.table, 0);
	await_next_tick();
	all_are_unavailable();
	assert_int_equal(jt_table_publish(w.table, ++w.seq, 1), JT_OK);
	world_renew(&w);
	assert_int_equal(verify(WORLD_CI, NULL, &answer), JETON_INVALID);
	assert_string_equal(answer.reason, "unknown");
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
}

static void what_changes_in_a_table(void **state)
{
	/* Goal: in a table that was filled from nothing, a token that is put again is the same token: revoked, its value is refused
	 * at once; with other values, only those live; dropped, none. */
	struct jt_table_token *k = &w.token[WORLD_CI];
	char other[JT_TOKEN_SIZE];

	(void)state;
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
	k->revoked = true;
	world_put(&w, WORLD_CI);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_INVALID);
	k->revoked = false;
	jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CI, other);
	jt_token_digest(other, strlen(other), k->digest[0]);
	world_put(&w, WORLD_CI);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_INVALID);
	assert_int_equal(jeton_verify(j, other, strlen(other), NULL, NULL), JETON_ALLOWED);
	jt_table_drop_token(w.table, &k->org, &k->id);
	assert_int_equal(jeton_verify(j, other, strlen(other), NULL, NULL), JETON_INVALID);
	jt_token_digest(w.value[WORLD_CI], strlen(w.value[WORLD_CI]), k->digest[0]);
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
}

static void a_successor_is_believed_at_once(void **state)
{
	/* Goal: between a table's taking the place and its writer's next word nobody is refused. */
	const struct jt_table_sizes none = {0};
	struct jeton_answer answer;

	(void)state;
	world_renew(&w);
	assert_int_equal(jt_table_rebuild(w.table, w.policy[0], &none), JT_OK);
	assert_int_equal(jt_table_publish(w.table, ++w.seq, 1), JT_OK);
	assert_int_equal(verify(WORLD_CI, NULL, &answer), JETON_INVALID);
	assert_string_equal(answer.reason, "unknown");
	assert_int_equal(answer.as_of, w.seq);
	world_build(&w, WORLD_PLAIN);
}

static void names_outlive_a_table(void **state)
{
	/* Goal: a scope that a new catalogue has is found, and one that it no longer has refuses, without being interned again; so
	 * with an app and a team that come later. */
	struct jeton_scope *list[] = {scope(WORLD_NEW)};
	struct jeton_request ask = {.scopes = list, .scope_count = 1}, at = {0};
	struct jt_table_app late = {.org = w.org, .name = "late"};
	struct jt_id team = jt_id_new(jt_clock_ns());

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(verify(WORLD_CI, &ask, NULL), JETON_SCOPE);
		world_build(&w, WORLD_WITH_NEW);
		assert_int_equal(verify(WORLD_CI, &ask, NULL), JETON_ALLOWED);
		assert_int_equal(verify(WORLD_CI, &ask, NULL), JETON_ALLOWED);
		world_build(&w, WORLD_PLAIN);
	}
	assert_int_equal(jeton_app_new(j, text_of(&w.org), "late", &at.app), JETON_ALLOWED);
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_NOT_VISIBLE);
	assert_int_equal(jt_table_put_app(w.table, &late), JT_OK);
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_ALLOWED);
	jt_table_drop_app(w.table, &w.org, "late");
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_NOT_VISIBLE);
	jeton_app_free(at.app);
	at.app = NULL;
	assert_int_equal(jeton_team_new(j, text_of(&w.org), text_of(&team), &at.team), JETON_ALLOWED);
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_NOT_VISIBLE);
	assert_int_equal(jt_table_put_team(w.table, &w.org, &team), JT_OK);
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_ALLOWED);
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, &at, NULL), JETON_NOT_VISIBLE);
	jeton_team_free(at.team);
	jeton_scope_free(list[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_that_cannot_be_believed),
		cmocka_unit_test(what_changes_in_a_table),
		cmocka_unit_test(a_successor_is_believed_at_once),
		cmocka_unit_test(names_outlive_a_table),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

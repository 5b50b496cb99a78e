/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton_fixture.h"

#include <sys/mman.h>

/* libjeton: what more an answer tells of its token, and how long. */

static void what_an_answer_says(void **state)
{
	/* Goal: token, org, user, kind and teams of an answer, of a refused one too as far as the token is known. */
	char id[JETON_ID_SIZE], teams[2][JETON_ID_SIZE] = {"", "untouched"};
	struct jeton_answer answer, copy;
	const char *kind = NULL;
	size_t count = 7;

	(void)state;
	assert_int_equal(verify(WORLD_BOUND, NULL, &answer), JETON_ALLOWED);
	copy = answer;
	memset(&answer, 0, sizeof(answer));
	assert_int_equal(jeton_answer_token(j, &copy, id), JETON_ALLOWED);
	assert_string_equal(id, text_of(&w.token[WORLD_BOUND].id));
	assert_int_equal(jeton_answer_org(j, &copy, id), JETON_ALLOWED);
	assert_string_equal(id, text_of(&w.org));
	assert_int_equal(jeton_answer_user(j, &copy, id), JETON_ALLOWED);
	assert_string_equal(id, "");
	assert_int_equal(jeton_answer_kind(j, &copy, &kind), JETON_ALLOWED);
	assert_string_equal(kind, "ci");
	assert_int_equal(jeton_answer_teams(j, &copy, teams, 2, &count), JETON_ALLOWED);
	assert_int_equal(count, 1);
	assert_string_equal(teams[0], text_of(&w.team));
	assert_string_equal(teams[1], "untouched");
	count = 7;
	assert_int_equal(jeton_answer_teams(j, &copy, NULL, 0, &count), JETON_ALLOWED);
	assert_int_equal(count, 1);
	assert_int_equal(verify(WORLD_GUEST, NULL, &answer), JETON_ALLOWED);
	assert_int_equal(jeton_answer_user(j, &answer, id), JETON_ALLOWED);
	assert_string_equal(id, text_of(&w.token[WORLD_GUEST].user));
	assert_int_equal(jeton_answer_kind(j, &answer, &kind), JETON_ALLOWED);
	assert_string_equal(kind, "personal");
	assert_int_equal(jeton_answer_teams(j, &answer, teams, 2, &count), JETON_ALLOWED);
	assert_int_equal(count, 1);
	assert_string_equal(teams[0], text_of(&w.team));
	for (enum world_token which = WORLD_OWNER; which <= WORLD_CI; which++) {
		assert_int_equal(verify(which, NULL, &answer), JETON_ALLOWED);
		if (which != WORLD_GUEST)
			assert_int_equal(jeton_answer_teams(j, &answer, teams, 2, &count), JETON_BAD_ARGUMENT);
	}
	assert_int_equal(verify(WORLD_DEAD, NULL, &answer), JETON_INVALID);
	assert_int_equal(jeton_answer_token(j, &answer, id), JETON_ALLOWED);
	assert_string_equal(id, text_of(&w.token[WORLD_DEAD].id));
}

static void teams_are_of_the_moment_of_the_decision(void **state)
{
	/* Goal: the teams that an answer is to be cut down to are those of when it was decided: if the user came to another team since,
	 * or the token was revoked, it is to be decided again. */
	struct jt_table_row row = {.noun = JT_TABLE_MEMBER,
		.member = {.org = w.org, .team = w.app_team, .user = w.token[WORLD_GUEST].user}};
	struct jt_table_member was;
	struct jeton_answer answer;
	size_t count = 7;

	(void)state;
	assert_true(jt_view_member(jt_table_view(w.table), &w.org, &w.team, &w.token[WORLD_GUEST].user, &was));
	row.member.role = was.role;
	assert_int_equal(verify(WORLD_GUEST, NULL, &answer), JETON_ALLOWED);
	assert_int_equal(jt_table_tell(w.table, &row, 1), JT_OK);
	assert_int_equal(jeton_answer_teams(j, &answer, NULL, 0, &count), JETON_UNAVAILABLE);
	assert_int_equal(count, 0);
	assert_int_equal(verify(WORLD_GUEST, NULL, &answer), JETON_ALLOWED);
	assert_int_equal(jeton_answer_teams(j, &answer, NULL, 0, &count), JETON_ALLOWED);
	assert_int_equal(count, 2);
	w.token[WORLD_GUEST].revoked = true;
	world_put(&w, WORLD_GUEST);
	assert_int_equal(jeton_answer_teams(j, &answer, NULL, 0, &count), JETON_UNAVAILABLE);
	w.token[WORLD_GUEST].revoked = false;
	world_build(&w, WORLD_PLAIN);
}

static void answers_that_are_old_or_made_up(void **state)
{
	/* Goal: an answer of a table that was replaced says the same for some seconds, and then that it cannot; one whose bytes are
	 * anything at all reads nothing that is not there. */
	char id[JETON_ID_SIZE], teams[1][JETON_ID_SIZE];
	const struct jt_view *before = jt_table_view(w.table);
	struct jeton_answer answer, made_up;
	uint64_t x = 88172645463325252ULL;
	const char *kind = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(verify(WORLD_BOUND, NULL, &answer), JETON_ALLOWED);
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED); /* goes over */
	assert_int_equal(jeton_answer_token(j, &answer, id), JETON_ALLOWED);
	assert_string_equal(id, text_of(&w.token[WORLD_BOUND].id));
	assert_int_equal(jeton_answer_teams(j, &answer, teams, 1, &count), JETON_ALLOWED);
	assert_int_equal(count, 1);
	assert_int_equal(madvise(before->at, before->size, MADV_REMOVE), 0); /* as the writer does after some seconds */
	assert_int_equal(jeton_answer_token(j, &answer, id), JETON_UNAVAILABLE);
	assert_int_equal(jeton_answer_org(j, &answer, id), JETON_UNAVAILABLE);
	assert_int_equal(jeton_answer_teams(j, &answer, teams, 1, &count), JETON_UNAVAILABLE);
	assert_int_equal(count, 0);
	assert_int_equal(verify(WORLD_GUEST, NULL, &answer), JETON_ALLOWED);
	before = jt_table_view(w.table);
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(verify(WORLD_CI, NULL, NULL), JETON_ALLOWED);
	assert_int_equal(madvise(before->at, before->size, MADV_REMOVE), 0);
	assert_int_equal(jeton_answer_user(j, &answer, id), JETON_UNAVAILABLE);
	assert_int_equal(jeton_answer_teams(j, &answer, teams, 1, &count), JETON_UNAVAILABLE);
	assert_int_equal(verify(WORLD_BOUND, NULL, &answer), JETON_ALLOWED);
	made_up = answer;
	made_up.inside[0] ^= 1;
	assert_int_equal(jeton_answer_token(j, &made_up, id), JETON_UNAVAILABLE);
	assert_string_equal(id, "");
	for (unsigned i = 0; i < 100000; i++) {
		made_up = answer;
		for (unsigned n = 1; n < 4; n++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			made_up.inside[n] = i % 2 ? x : answer.inside[n] ^ (1ULL << (x % 64));
		}
		(void)jeton_answer_token(j, &made_up, id);
		(void)jeton_answer_org(j, &made_up, id);
		(void)jeton_answer_user(j, &made_up, id);
		(void)jeton_answer_kind(j, &made_up, &kind);
		(void)jeton_answer_teams(j, &made_up, teams, 1, &count);
		assert_non_null(kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_answer_says),
		cmocka_unit_test(teams_are_of_the_moment_of_the_decision),
		cmocka_unit_test(answers_that_are_old_or_made_up),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton_fixture.h"

#include <stdio.h>
#include <sys/resource.h>

/* libjeton: what it is asked in ways that cannot be. */

static void names_that_cannot_be(void **state)
{
	/* Goal: what can be no scope, app, org or team is an argument that is not valid, and what it leaves refuses whoever is asked
	 * with it. */
	char longest[4096], name[80];
	const char *scopes[] = {NULL, "", ":", "x", "x:", ":x", "X:read", "x:read ", "x:re ad", "x:read:y", "*:*",
		longest},
		   *ids[] = {NULL, "", "x", longest, "6fc50b34-6705-11eb-b610-435a3f7b9ad",
			   "6fc50b34-6705-11eb-b610-435a3f7b9ad33", "6fc50b34-6705-11eb-b610-435a3f7b9adg",
			   "6fc50b3406705-11eb-b610-435a3f7b9ad3"},
		   *apps[] = {NULL, "", longest};
	const char *org = text_of(&w.org);
	struct jeton_scope *s;
	struct jeton_org *o;
	struct jeton_app *a;
	struct jeton_team *t;
	struct jeton_request ask;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		s = (struct jeton_scope *)(void *)name;
		assert_int_equal(jeton_scope_new(j, scopes[i], &s), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.scopes = &s, .scope_count = 1};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_SCOPE);
		jeton_scope_free(s);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		o = (struct jeton_org *)(void *)name;
		assert_int_equal(jeton_org_new(j, ids[i], &o), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.org = o};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_INVALID);
		jeton_org_free(o);
		a = (struct jeton_app *)(void *)name;
		assert_int_equal(jeton_app_new(j, ids[i], WORLD_APP, &a), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.app = a};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_NOT_VISIBLE);
		jeton_app_free(a);
		t = (struct jeton_team *)(void *)name;
		assert_int_equal(jeton_team_new(j, ids[i], org, &t), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.team = t};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_NOT_VISIBLE);
		jeton_team_free(t);
		t = (struct jeton_team *)(void *)name;
		assert_int_equal(jeton_team_new(j, org, ids[i], &t), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.team = t};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_NOT_VISIBLE);
		jeton_team_free(t);
	}
	for (size_t i = 0; i < sizeof(apps) / sizeof(*apps); i++) {
		a = (struct jeton_app *)(void *)name;
		assert_int_equal(jeton_app_new(j, org, apps[i], &a), JETON_BAD_ARGUMENT);
		ask = (struct jeton_request){.app = a};
		assert_int_equal(verify(WORLD_OWNER, &ask, NULL), JETON_NOT_VISIBLE);
		jeton_app_free(a);
	}
	assert_int_equal(jeton_scope_new(NULL, WORLD_READ, &s), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_org_new(NULL, org, &o), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_app_new(NULL, org, WORLD_APP, &a), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_team_new(NULL, org, org, &t), JETON_BAD_ARGUMENT);
	jeton_scope_free(NULL);
	jeton_org_free(NULL);
	jeton_app_free(NULL);
	jeton_team_free(NULL);
	jeton_close(NULL);
}

static void questions_that_cannot_be(void **state)
{
	/* Goal: no token, and an app and a team at once: a bad argument, never an answer; and what
	 * was to be answered then says so and knows no token. */
	struct jeton_request both = {0};
	struct jeton_answer answer;
	char id[JETON_ID_SIZE];

	(void)state;
	assert_int_equal(jeton_app_new(j, text_of(&w.org), WORLD_APP, &both.app), JETON_ALLOWED);
	assert_int_equal(jeton_team_new(j, text_of(&w.org), text_of(&w.team), &both.team), JETON_ALLOWED);
	memset(&answer, 0xa5, sizeof(answer));
	assert_int_equal(verify(WORLD_CI, &both, &answer), JETON_BAD_ARGUMENT);
	assert_string_equal(answer.reason, "bad-argument");
	assert_int_equal(jeton_answer_token(j, &answer, id), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_verify(j, NULL, 0, NULL, &answer), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_verify(j, NULL, 0, NULL, NULL), JETON_BAD_ARGUMENT);
	jeton_app_free(both.app);
	jeton_team_free(both.team);
}

static void results_have_texts(void **state)
{
	/* Goal: each result has its own sentence, and a number that is none has one too. */
	static const enum jeton_result all[] = {
#define RESULT(name, number, text) JETON_##name,
		JETON_RESULTS(RESULT)
#undef RESULT
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_int_equal(all[i], i);
		assert_true(strlen(jeton_result_text(all[i])) > 3);
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(jeton_result_text(all[i]), jeton_result_text(all[n]));
	}
	assert_non_null(jeton_result_text((enum jeton_result)99));
	assert_non_null(jeton_result_text((enum jeton_result) - 1));
}

static void recording_that_cannot_be(void **state)
{
	/* Goal: a socket's path that no socket can have, a second time, and a system without a descriptor to give are told apart;
	 * with nobody at the socket verification goes on. */
	struct jeton *other = NULL;
	struct rlimit limit, none;
	char path[200];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(jeton_open(w.path, &other), JETON_ALLOWED);
	assert_int_equal(jeton_record(NULL, NULL), JETON_BAD_ARGUMENT);
	assert_int_equal(jeton_record(other, path), JETON_BAD_ARGUMENT);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(jeton_record(other, NULL), JETON_SYSTEM);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(jeton_record(other, NULL), JETON_ALLOWED);
	assert_int_equal(jeton_record(other, NULL), JETON_BAD_ARGUMENT);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(
			jeton_verify(other, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), NULL, NULL), JETON_ALLOWED);
	jeton_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_cannot_be),
		cmocka_unit_test(questions_that_cannot_be),
		cmocka_unit_test(results_have_texts),
		cmocka_unit_test(recording_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton_fixture.h"

#include <stdbool.h>
#include <stdio.h>

/* libjeton: whom it lets in, and what it says to the others. */

/* Asked for `name` alone, on an app or a team or neither. */
static void is(enum world_token which, const char *name, struct jeton_app *app, struct jeton_team *team,
	enum jeton_result wanted, const char *reason)
{
	struct jeton_scope *s = name ? scope(name) : NULL;
	const struct jeton_request one = {.scopes = &s, .scope_count = name ? 1 : 0, .app = app, .team = team};
	struct jeton_answer answer;

	assert_int_equal(verify(which, &one, &answer), wanted);
	assert_string_equal(answer.reason, reason);
	assert_int_equal(verify(which, &one, NULL), wanted);
	jeton_scope_free(s);
}

static void tokens_that_may_be_used(void **state)
{
	/* Goal: without a request, what is valid is allowed and every other value refused for its own reason. */
	static const struct {
		enum world_token token;
		enum jeton_result wanted;
		const char *reason;
	} all[] = {{WORLD_OWNER, JETON_ALLOWED, "allowed"}, {WORLD_ADMIN, JETON_ALLOWED, "allowed"},
		{WORLD_GUEST, JETON_ALLOWED, "allowed"}, {WORLD_CI, JETON_ALLOWED, "allowed"},
		{WORLD_SHORT, JETON_ALLOWED, "allowed"}, {WORLD_BOUND, JETON_ALLOWED, "allowed"},
		{WORLD_FAR, JETON_ALLOWED, "allowed"}, {WORLD_DEAD, JETON_INVALID, "revoked"},
		{WORLD_PAST, JETON_INVALID, "expired"}, {WORLD_OFF, JETON_INVALID, "user-inactive"},
		{WORLD_SHUT, JETON_INVALID, "org-inactive"}};
	struct jeton_answer answer;

	(void)state;
	assert_int_equal(sizeof(all) / sizeof(*all), WORLD_COUNT);
	for (size_t i = 0; i < WORLD_COUNT; i++) {
		assert_int_equal(verify(all[i].token, NULL, &answer), all[i].wanted);
		assert_string_equal(answer.reason, all[i].reason);
		assert_int_equal(answer.as_of, w.seq);
		assert_int_equal(answer.expires_s, w.token[all[i].token].expires_s);
		assert_int_equal(verify(all[i].token, NULL, NULL), all[i].wanted);
	}
}

static void what_is_no_token(void **state)
{
	/* Goal: every length from nothing to far too long, every wrong byte, and a value of another brand refuse, and know no
	 * token. */
	char wrong[4 * JETON_TOKEN_MAX], other[JT_TOKEN_SIZE];
	size_t size = strlen(w.value[WORLD_CI]);
	struct jeton_answer answer;
	char id[JETON_ID_SIZE] = "x";

	(void)state;
	memset(wrong, 'x', sizeof(wrong));
	for (size_t n = 0; n <= sizeof(wrong); n++) {
		assert_int_equal(jeton_verify(j, wrong, n, NULL, &answer), JETON_INVALID);
		assert_string_equal(answer.reason, "shape");
	}
	for (size_t at = 0; at < size; at++) {
		memcpy(wrong, w.value[WORLD_CI], size);
		wrong[at] = wrong[at] == 'A' ? 'B' : 'A';
		assert_int_equal(jeton_verify(j, wrong, size, NULL, &answer), JETON_INVALID);
		assert_true(strcmp(answer.reason, "shape") == 0 || strcmp(answer.reason, "checksum") == 0);
		assert_int_equal(jeton_answer_token(j, &answer, id), JETON_BAD_ARGUMENT);
		assert_string_equal(id, "");
	}
	assert_int_equal(jeton_verify(j, w.value[WORLD_CI], size - 1, NULL, &answer), JETON_INVALID);
	memcpy(wrong, w.value[WORLD_CI], size);
	wrong[size] = '\n';
	assert_int_equal(jeton_verify(j, wrong, size + 1, NULL, &answer), JETON_INVALID);
	jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CI, other);
	assert_int_equal(jeton_verify(j, other, strlen(other), NULL, &answer), JETON_INVALID);
	assert_string_equal(answer.reason, "unknown");
	jt_token_mint("oth", JT_KIND_CI, other);
	assert_int_equal(jeton_verify(j, other, strlen(other), NULL, &answer), JETON_INVALID);
	assert_string_equal(answer.reason, "shape");
}

static void what_is_asked_for(void **state)
{
	/* Goal: each result that a scope, an app, a team and an org can have. */
	struct jeton_app *app = NULL, *none = NULL, *far = NULL;
	struct jeton_team *team = NULL, *app_team = NULL, *far_team = NULL;
	struct jeton_request other = {0};
	struct jeton_answer answer;

	(void)state;
	assert_int_equal(jeton_app_new(j, text_of(&w.org), WORLD_APP, &app), JETON_ALLOWED);
	assert_int_equal(jeton_app_new(j, text_of(&w.org), "none", &none), JETON_ALLOWED);
	assert_int_equal(jeton_app_new(j, text_of(&w.far_org), WORLD_APP, &far), JETON_ALLOWED);
	assert_int_equal(jeton_team_new(j, text_of(&w.org), text_of(&w.team), &team), JETON_ALLOWED);
	assert_int_equal(jeton_team_new(j, text_of(&w.org), text_of(&w.app_team), &app_team), JETON_ALLOWED);
	assert_int_equal(jeton_team_new(j, text_of(&w.far_org), text_of(&w.far_team), &far_team), JETON_ALLOWED);
	is(WORLD_CI, WORLD_READ, NULL, NULL, JETON_ALLOWED, "allowed");
	is(WORLD_CI, WORLD_OTHER, NULL, NULL, JETON_SCOPE, "scope");
	is(WORLD_CI, WORLD_NEW, NULL, NULL, JETON_SCOPE, "unknown-scope");
	is(WORLD_OWNER, WORLD_NEW, NULL, NULL, JETON_SCOPE, "unknown-scope");
	is(WORLD_OWNER, WORLD_WRITE, NULL, NULL, JETON_ALLOWED, "allowed");
	is(WORLD_ADMIN, WORLD_WRITE, NULL, NULL, JETON_SCOPE, "scope");
	is(WORLD_GUEST, WORLD_LIST, NULL, NULL, JETON_PARTIAL, "partial");
	is(WORLD_BOUND, WORLD_LIST, NULL, NULL, JETON_PARTIAL, "partial");
	is(WORLD_BOUND, WORLD_READ, NULL, NULL, JETON_ALLOWED, "allowed");
	is(WORLD_GUEST, WORLD_OTHER, NULL, team, JETON_ALLOWED, "allowed");
	is(WORLD_GUEST, WORLD_LIST, NULL, app_team, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_GUEST, NULL, NULL, app_team, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_GUEST, NULL, NULL, team, JETON_ALLOWED, "allowed");
	is(WORLD_GUEST, WORLD_LIST, app, NULL, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_CI, WORLD_LIST, app, NULL, JETON_ALLOWED, "allowed");
	is(WORLD_CI, WORLD_LIST, none, NULL, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_CI, WORLD_LIST, far, NULL, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_CI, WORLD_LIST, NULL, far_team, JETON_NOT_VISIBLE, "not-visible");
	is(WORLD_DEAD, WORLD_LIST, app, NULL, JETON_INVALID, "revoked");
	assert_int_equal(jeton_org_new(j, text_of(&w.far_org), &other.org), JETON_ALLOWED);
	assert_int_equal(verify(WORLD_CI, &other, &answer), JETON_INVALID);
	assert_string_equal(answer.reason, "other-org");
	assert_int_equal(verify(WORLD_FAR, &other, &answer), JETON_ALLOWED);
	jeton_org_free(other.org);
	jeton_app_free(app);
	jeton_app_free(none);
	jeton_app_free(far);
	jeton_team_free(team);
	jeton_team_free(app_team);
	jeton_team_free(far_team);
}

static void which_scope_is_missing(void **state)
{
	/* Goal: `missing` is the first of the scopes that the earliest step refuses: unknown before not held before held in part. */
	struct jeton_scope *list[4] = {scope(WORLD_READ), scope(WORLD_LIST), scope(WORLD_OTHER), scope(WORLD_NEW)};
	struct jeton_request ask = {.scopes = list, .scope_count = 4};
	struct jeton_answer answer;

	(void)state;
	assert_int_equal(verify(WORLD_BOUND, &ask, &answer), JETON_SCOPE);
	assert_int_equal(answer.missing, 3);
	assert_string_equal(answer.reason, "unknown-scope");
	ask.scope_count = 3;
	assert_int_equal(verify(WORLD_BOUND, &ask, &answer), JETON_SCOPE);
	assert_int_equal(answer.missing, 2);
	ask.scope_count = 2;
	assert_int_equal(verify(WORLD_BOUND, &ask, &answer), JETON_PARTIAL);
	assert_int_equal(answer.missing, 1);
	ask.scope_count = 1;
	assert_int_equal(verify(WORLD_BOUND, &ask, &answer), JETON_ALLOWED);
	for (size_t i = 0; i < 4; i++)
		jeton_scope_free(list[i]);
}

static void one_can_wait_for_a_change(void **state)
{
	/* Goal: min_seq refuses with BEHIND, and nothing else is said, until the table shows that change; as_of says what it shows. */
	struct jeton_request ask = {.min_seq = w.seq + 1};
	struct jeton_answer answer;

	(void)state;
	assert_int_equal(verify(WORLD_CI, &ask, &answer), JETON_BEHIND);
	assert_string_equal(answer.reason, "behind");
	assert_int_equal(answer.as_of, w.seq);
	assert_int_equal(verify(WORLD_DEAD, &ask, &answer), JETON_BEHIND);
	assert_int_equal(jeton_verify(j, "x", 1, &ask, &answer), JETON_BEHIND);
	w.seq++;
	jt_table_show(w.table, w.seq, w.seq);
	assert_int_equal(verify(WORLD_CI, &ask, &answer), JETON_ALLOWED);
	assert_int_equal(answer.as_of, w.seq);
	assert_int_equal(verify(WORLD_DEAD, &ask, &answer), JETON_INVALID);
	ask.min_seq = UINT64_MAX;
	assert_int_equal(verify(WORLD_CI, &ask, &answer), JETON_BEHIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_that_may_be_used),
		cmocka_unit_test(what_is_no_token),
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(which_scope_is_missing),
		cmocka_unit_test(one_can_wait_for_a_change),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

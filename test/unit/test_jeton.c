/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "base/clock.h"
#include "jeton_world.h"

#include <stdbool.h>
#include <stdio.h>
#include <sched.h>
#include <sys/mman.h>
#include <string.h>
#include <time.h>
#include <sys/resource.h>

/* libjeton as other programs have it: the shared library, over a table that is written here. */

static struct world w;
static struct jeton *j;

static int set_up(void **state)
{
	(void)state;
	world_open(&w);
	return jeton_open(w.path, &j) == JETON_ALLOWED ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	jeton_close(j);
	world_close(&w);
	return 0;
}

static enum jeton_result verify(
	enum world_token which, const struct jeton_request *request, struct jeton_answer *answer)
{
	return jeton_verify(j, w.value[which], strlen(w.value[which]), request, answer);
}

static struct jeton_scope *scope(const char *name)
{
	struct jeton_scope *s = NULL;

	assert_int_equal(jeton_scope_new(j, name, &s), JETON_ALLOWED);
	assert_non_null(s);
	return s;
}

static const char *text_of(const struct jt_id *id)
{
	static char text[4][JT_ID_TEXT_SIZE];
	static unsigned next;

	return jt_id_text(id, text[next++ % 4]);
}

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
	const struct CMUnitTest tests[] = {cmocka_unit_test(tokens_that_may_be_used),
		cmocka_unit_test(what_is_no_token), cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(which_scope_is_missing), cmocka_unit_test(one_can_wait_for_a_change),
		cmocka_unit_test(what_an_answer_says), cmocka_unit_test(teams_are_of_the_moment_of_the_decision),
		cmocka_unit_test(answers_that_are_old_or_made_up), cmocka_unit_test(a_table_that_cannot_be_believed),
		cmocka_unit_test(what_changes_in_a_table), cmocka_unit_test(a_successor_is_believed_at_once),
		cmocka_unit_test(names_outlive_a_table), cmocka_unit_test(names_that_cannot_be),
		cmocka_unit_test(questions_that_cannot_be), cmocka_unit_test(results_have_texts),
		cmocka_unit_test(recording_that_cannot_be)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "zero.h"

#include "base/clock.h"
#include "jeton.h"
#include "policy/decide.h"
#include "verify/ask.h"
#include "verify/verify.h"

#include <string.h>

#define FOLLOWED_MAX 8

/* How a question is asked. In a process of its own libjeton alone; in the writer's also as the authority does, over the
 * writer's own mapping, where the thread sanitizer sees both sides. */
enum way { WAY_LIBJETON, WAY_VIEW, WAY_AUTHORITY, WAY_COUNT };

struct reader {
	struct log *log;
	struct told *told;
	struct jeton *j;
	struct jeton_scope *scope;
	struct jeton_org *org;
	struct jeton_app *app[TEAMS];
	struct jeton_team *team[TEAMS];
	struct jt_id team_id[TEAMS];
	struct jt_table *table;
	const struct jt_policy *policy;
	struct jt_verify *verify;
	uint64_t random;
	uint64_t as_of, instance;
};

#define NEED(call) \
	do { \
		if ((call) != JETON_ALLOWED) { \
			fprintf(stderr, "zero_window: %s failed\n", #call); \
			exit(2); \
		} \
	} while (0)

struct reader *reader_new(struct log *log, unsigned number, const char *path, struct jt_table *table,
	const struct jt_policy *policy, uint64_t seed)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		exit(2);
	r->log = log;
	r->told = &log->told[number];
	r->random = seed * 0x9e3779b97f4a7c15ULL + number + 1;
	NEED(jeton_open(path, &r->j));
	NEED(jeton_scope_new(r->j, log->scope, &r->scope));
	NEED(jeton_org_new(r->j, log->org, &r->org));
	for (unsigned i = 0; i < TEAMS; i++) {
		NEED(jeton_app_new(r->j, log->org, log->app[i], &r->app[i]));
		NEED(jeton_team_new(r->j, log->org, log->team[i], &r->team[i]));
		MUST(jt_id_parse(log->team[i], strlen(log->team[i]), &r->team_id[i]));
	}
	r->table = table;
	r->policy = policy;
	if (table)
		MUST(jt_verify_new(table, policy, JT_BRAND_DEFAULT, &r->verify));
	return r;
}

void reader_free(struct reader *r)
{
	for (unsigned i = 0; i < TEAMS; i++) {
		jeton_app_free(r->app[i]);
		jeton_team_free(r->team[i]);
	}
	jeton_org_free(r->org);
	jeton_scope_free(r->scope);
	jeton_close(r->j);
	jt_verify_free(r->verify);
	free(r);
}

/* Half of the time what changed last or a short while ago. */
static uint32_t choose(struct reader *r)
{
	uint64_t n = zero_random(&r->random);
	uint32_t of = r->log->probes;

	switch (n >> 60 & 7) {
	case 0:
	case 1:
		return atomic_load_explicit(&r->log->latest, memory_order_relaxed);
	case 2:
	case 3:
		return atomic_load_explicit(&r->log->recent[n & 63], memory_order_relaxed);
	default:
		return (uint32_t)((n & 0xffffffff) * of >> 32);
	}
}

/* What was asked and what was answered. */
struct exchange {
	uint64_t min_seq;
	enum jeton_result result;
	const char *reason;
	uint64_t as_of, instance;
};

static void ask_libjeton(struct reader *r, const struct probe *p, const struct jeton_request *ask, struct exchange *x)
{
	struct jeton_answer answer;

	x->result = jeton_verify(r->j, p->value, strlen(p->value), ask, &answer);
	x->reason = answer.reason;
	x->as_of = answer.as_of;
	x->instance = answer.inside[0];
}

/* As whoever has the table itself does: what a view refused that no longer lives says nothing. */
static void ask_view(struct reader *r, const struct probe *p, const struct jeton_request *ask, struct exchange *x)
{
	uint8_t digest[JT_DIGEST_SIZE];
	enum jt_step step = JT_STEP_STALE;
	struct jt_asked asked;

	jt_token_digest(p->value, strlen(p->value), digest);
	for (unsigned i = 0; i < FOLLOWED_MAX; i++) {
		const struct jt_view *v = jt_table_view(r->table);

		step = jt_ask_view(v, digest, ask, &asked);
		if (step == JT_STEP_ALLOWED || (step != JT_STEP_STALE && jt_ask_lives(v)))
			break;
	}
	x->result = step == JT_STEP_ALLOWED  ? JETON_ALLOWED
		    : step == JT_STEP_BEHIND ? JETON_BEHIND
		    : step == JT_STEP_STALE  ? JETON_UNAVAILABLE
					     : JETON_INVALID;
	x->reason = jt_step_name(step);
	x->as_of = asked.as_of;
	x->instance = asked.instance;
}

static void ask_authority(struct reader *r, const struct probe *p, struct exchange *x)
{
	struct jt_caller who;
	struct jt_place place = {.kind = JT_PLACE_ORG};
	struct jt_grant grant;
	const char *wanted = r->log->scope;
	enum jt_step step = jt_verify_token(r->verify, p->value, strlen(p->value), &who);

	if (p->place == PLACE_TEAM) {
		place.kind = JT_PLACE_TEAM;
		place.team = r->team_id[p->which];
	} else if (p->place == PLACE_APP) {
		place.kind = JT_PLACE_APP;
		(void)snprintf(place.app, sizeof(place.app), "%s", r->log->app[p->which]);
	}
	if (step == JT_STEP_ALLOWED && (p->scoped || p->place != PLACE_ORG)) {
		jt_verify_grant(r->verify, &who, &place, &grant);
		step = jt_decide_scopes(r->policy, &grant, &wanted, p->scoped ? 1 : 0, NULL);
	}
	x->result = step == JT_STEP_ALLOWED ? JETON_ALLOWED : JETON_INVALID;
	x->reason = jt_step_name(step);
	x->as_of = UINT64_MAX;
}

static void note(struct reader *r, enum wrong wrong, uint32_t at, uint64_t mark, const struct exchange *x)
{
	if (r->told->wrong[WRONG_ACCEPT] + r->told->wrong[WRONG_REFUSE] + r->told->wrong[WRONG_BEHIND] +
			r->told->wrong[WRONG_AS_OF] ==
		0) {
		r->told->first.wrong = wrong;
		r->told->first.probe = at;
		r->told->first.mark = mark;
		r->told->first.result = (int)x->result;
		r->told->first.reason = x->reason;
		r->told->first.as_of = x->as_of;
		r->told->first.wanted = x->min_seq;
	}
	r->told->wrong[wrong]++;
}

/* The answer is as of what was shown before it was asked, or later, and never goes back. */
static void judge_as_of(struct reader *r, uint32_t at, uint64_t mark, uint64_t shown, const struct exchange *x)
{
	if (x->as_of == UINT64_MAX || x->result == JETON_UNAVAILABLE)
		return;
	if (x->as_of < shown || x->as_of < r->as_of || (x->result != JETON_BEHIND && x->as_of < x->min_seq))
		note(r, WRONG_AS_OF, at, mark, x);
	r->as_of = x->as_of;
	if (x->instance != r->instance) {
		r->told->follows++;
		r->instance = x->instance;
	}
}

static void judge(struct reader *r, uint32_t at, uint64_t mark, const struct exchange *x)
{
	bool allowed = x->result == JETON_ALLOWED;

	if ((mark & 3) == EXPECT_EITHER) {
		r->told->either++;
		return;
	}
	if (allowed)
		r->told->allowed++;
	else
		r->told->refused++;
	if (x->result == JETON_BEHIND)
		note(r, WRONG_BEHIND, at, mark, x);
	else if (allowed && (mark & 3) == EXPECT_REFUSE)
		note(r, WRONG_ACCEPT, at, mark, x);
	else if ((!allowed && (mark & 3) == EXPECT_ALLOW) || x->result == JETON_UNAVAILABLE)
		note(r, WRONG_REFUSE, at, mark, x);
}

static void ask(struct reader *r, enum way way, const struct probe *p, struct exchange *x)
{
	struct jeton_request request = {.scopes = &r->scope, .scope_count = p->scoped, .min_seq = x->min_seq};

	if (p->place == PLACE_APP)
		request.app = r->app[p->which];
	else if (p->place == PLACE_TEAM)
		request.team = r->team[p->which];
	if (way == WAY_VIEW)
		ask_view(r, p, &request, x);
	else if (way == WAY_AUTHORITY)
		ask_authority(r, p, x);
	else
		ask_libjeton(r, p, &request, x);
}

static void one(struct reader *r)
{
	uint64_t random = zero_random(&r->random);
	enum way way = r->table ? (enum way)(random % WAY_COUNT) : WAY_LIBJETON;
	uint32_t at = choose(r);
	struct probe *p = &r->log->probe[at];
	struct exchange x = {0};
	uint64_t shown = atomic_load_explicit(&r->log->shown, memory_order_acquire);
	uint64_t before = atomic_load(&p->mark);
	uint64_t after;

	if ((random >> 32 & 7) == 0)
		x.min_seq = (random >> 35 & 7) == 0 ? shown + 1000000000 : shown;
	ask(r, way, p, &x);
	after = atomic_load(&p->mark);
	if (way != WAY_AUTHORITY && x.min_seq > shown) { /* of what is not there yet nothing is said */
		if (x.result != JETON_BEHIND)
			note(r, WRONG_BEHIND, at, before, &x);
	} else {
		judge(r, at, before == after ? before : EXPECT_EITHER, &x);
	}
	judge_as_of(r, at, before, shown, &x);
}

void reader_run(struct reader *r)
{
	while (!atomic_load_explicit(&r->log->stop, memory_order_acquire)) {
		for (unsigned i = 0; i < 64; i++)
			one(r);
		atomic_fetch_add_explicit(&r->told->asked, 64, memory_order_relaxed);
	}
}

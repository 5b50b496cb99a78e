/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include "base/clock.h"
#include "base/log.h"

/* Puts and drops, into a file that is replaced by a larger one when it is full. Readers of the old one notice by its state. */

#define SPARE 64 /* elements beyond what is asked for: of what other processes write */

/* Sections whose room is a matter of elements given out, with what an addition may take of each. */
static bool has_room(const struct jt_view *v, enum jt_section s, uint64_t more)
{
	uint64_t used = atomic_load_explicit(&v->live->used[s], memory_order_relaxed);

	return used + more + 1 <= v->room[s];
}

static bool has_slots(const struct jt_view *v, enum jt_section s, uint64_t more)
{
	uint64_t used = atomic_load_explicit(&v->live->used[s], memory_order_relaxed);

	return used + more <= v->room[s] - v->room[s] / 8;
}

static bool holds(const struct jt_view *v, const struct jt_table_sizes *n)
{
	/* A token may have two values, a member or a token name what is not there yet. */
	uint64_t orgs = n->orgs + SPARE / 8, users = n->users + n->tokens + SPARE / 8;
	uint64_t roles = n->roles + n->users + n->members + SPARE / 8, teams = n->teams + n->members + SPARE / 8;
	uint64_t tokens = n->tokens + SPARE / 8;

	return has_room(v, JT_SECTION_ORG, orgs) && has_slots(v, JT_SECTION_ORG_SLOT, orgs) &&
	       has_room(v, JT_SECTION_ROLE, roles) && has_slots(v, JT_SECTION_ROLE_SLOT, roles) &&
	       has_room(v, JT_SECTION_SET, 2 * n->roles + SPARE / 8) && has_room(v, JT_SECTION_USER, users) &&
	       has_slots(v, JT_SECTION_USER_SLOT, users) && has_room(v, JT_SECTION_TEAM, teams) &&
	       has_slots(v, JT_SECTION_TEAM_SLOT, teams) && has_room(v, JT_SECTION_MEMBER, n->members + SPARE / 8) &&
	       has_slots(v, JT_SECTION_MEMBER_SLOT, n->members + SPARE / 8) &&
	       has_room(v, JT_SECTION_APP, n->apps + SPARE / 8) &&
	       has_slots(v, JT_SECTION_APP_SLOT, n->apps + SPARE / 8) && has_room(v, JT_SECTION_TEXT, n->text) &&
	       has_room(v, JT_SECTION_LIST, n->teams_of_tokens + 2 * tokens) &&
	       has_room(v, JT_SECTION_TOKEN_ID, tokens) && has_slots(v, JT_SECTION_TOKEN_SLOT, tokens) &&
	       has_slots(v, JT_SECTION_HOT, 2 * tokens);
}

/* What is there and what is to come. */
static struct jt_table_sizes sum(const struct jt_view *v, const struct jt_table_sizes *more)
{
	struct jt_table_sizes n = jt_table_sizes_of(v);

	n.orgs += more->orgs;
	n.roles += more->roles + more->users + more->members;
	n.users += more->users + more->tokens;
	n.teams += more->teams + more->members;
	n.members += more->members;
	n.apps += more->apps;
	n.tokens += more->tokens;
	n.text += more->text;
	n.teams_of_tokens += more->teams_of_tokens + 2 * more->tokens;
	n.overlaps += more->overlaps + more->tokens;
	return n;
}

/* The successor is known as a whole: watermark and lease go with it. */
static void copy_live(const struct jt_view *from, struct jt_view *into)
{
	jt_table_carry_lease(from, into);
	atomic_store(&into->live->nonce, atomic_load(&from->live->nonce));
	atomic_store(&into->live->seq, atomic_load(&from->live->seq));
}

static enum jt_result grow(struct jt_table *t, const struct jt_table_sizes *more)
{
	struct jt_view *from = jt_table_target(t);
	struct jt_table_sizes sizes = sum(from, more);
	struct jt_view *into = NULL;
	int64_t began = jt_clock_mono_ns();
	enum jt_result r = jt_table_create(t, &from->policy, &sizes, &into);

	if (r == JT_OK)
		r = jt_table_copy(from, into);
	if (r == JT_OK && from == t->building) {
		jt_view_close(from);
		into->filling = true;
		t->building = into;
		return JT_OK;
	}
	if (r == JT_OK) {
		copy_live(from, into);
		r = jt_table_succeed(t, into);
	}
	if (r != JT_OK) {
		jt_log(JT_LOG_ERROR, "the table cannot grow: what exists is verified as before, nothing can be added",
			JT_LT("why", jt_result_text(r)));
		if (into)
			jt_table_discard(t, into);
		return r;
	}
	jt_log(JT_LOG_INFO, "table grown", JT_LN("tokens", (long long)jt_table_tokens(t)),
		JT_LN("bytes", (long long)into->size),
		JT_LN("ms", (long long)((jt_clock_mono_ns() - began) / 1000000)));
	return JT_OK;
}

bool jt_table_holds(const struct jt_table *t, const struct jt_table_sizes *more)
{
	const struct jt_view *v = jt_table_view(t);

	return v && holds(v, more);
}

enum jt_result jt_table_reserve(struct jt_table *t, const struct jt_table_sizes *more)
{
	return holds(jt_table_target(t), more) ? JT_OK : grow(t, more);
}

/* A put that finds no room is done again in a larger file: so many more than now, so that it is not soon full again. */
#define PUT(call) \
	do { \
		enum jt_result r = (call); \
\
		if (r == JT_DISK_FULL) { \
			struct jt_table_sizes half = jt_table_sizes_of(jt_table_target(t)); \
\
			half = (struct jt_table_sizes){half.orgs / 16 + 8, half.roles / 16 + 8, half.users / 16 + 8, \
				half.teams / 16 + 8, half.members / 16 + 8, half.apps / 16 + 8, half.tokens / 16 + 8, \
				half.text / 16 + 8 * JT_APP_NAME_MAX, half.teams_of_tokens / 16 + JT_TOKEN_TEAMS_MAX, \
				half.overlaps / 16 + 8}; \
			r = grow(t, &half); \
			if (r == JT_OK) \
				r = (call); \
		} \
		return r; \
	} while (0)

enum jt_result jt_table_put_org(struct jt_table *t, const struct jt_table_org *o)
{
	PUT(jt_put_org(jt_table_target(t), o));
}

enum jt_result jt_table_put_user(struct jt_table *t, const struct jt_table_user *u)
{
	PUT(jt_put_user(jt_table_target(t), u));
}

enum jt_result jt_table_put_role(struct jt_table *t, const struct jt_table_role *role)
{
	PUT(jt_put_role(jt_table_target(t), role));
}

enum jt_result jt_table_put_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team)
{
	PUT(jt_put_team(jt_table_target(t), org, team));
}

enum jt_result jt_table_put_member(struct jt_table *t, const struct jt_table_member *m)
{
	PUT(jt_put_member(jt_table_target(t), m));
}

enum jt_result jt_table_put_app(struct jt_table *t, const struct jt_table_app *a)
{
	PUT(jt_put_app(jt_table_target(t), a));
}

/* Where to look for values that are burnt; NULL: there are none, which is how it mostly is. */
static const struct jt_view *burnt_view(const struct jt_table *t)
{
	const struct jt_view *v = jt_table_view(t);

	return v && atomic_load_explicit(&v->live->burnt, memory_order_relaxed) > 0 ? v : NULL;
}

enum jt_result jt_table_put_token(struct jt_table *t, const struct jt_table_token *k)
{
	PUT(jt_put_token(jt_table_target(t), burnt_view(t), k));
}

void jt_table_drop_org(struct jt_table *t, const struct jt_id *org)
{
	jt_drop_org(jt_table_target(t), org);
}

void jt_table_drop_user(struct jt_table *t, const struct jt_id *org, const struct jt_id *user)
{
	jt_drop_user(jt_table_target(t), org, user);
}

void jt_table_drop_role(struct jt_table *t, const struct jt_id *org, const struct jt_id *role)
{
	jt_drop_role(jt_table_target(t), org, role);
}

void jt_table_drop_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team)
{
	jt_drop_team(jt_table_target(t), org, team);
}

void jt_table_drop_member(
	struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user)
{
	jt_drop_member(jt_table_target(t), org, team, user);
}

void jt_table_drop_app(struct jt_table *t, const struct jt_id *org, const char *name)
{
	jt_drop_app(jt_table_target(t), org, name);
}

void jt_table_drop_token(struct jt_table *t, const struct jt_id *org, const struct jt_id *token)
{
	jt_drop_token(jt_table_target(t), org, token);
}

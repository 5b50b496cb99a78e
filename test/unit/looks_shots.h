/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_LOOKS_SHOTS_H
#define JT_TEST_LOOKS_SHOTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton_world.h"

#include "policy/grant.h"

#include <string.h>

/* Rows that change together in one table, each with a question that a mixture of before and after would answer wrongly. */

#define ROWS_MAX 4

struct rows {
	struct jt_table_row row[ROWS_MAX];
	size_t count;
};

struct question {
	enum world_token who;
	enum jt_place_kind kind;
	const char *scope;
};

static struct world w;
static struct jt_id role_a, role_b;
static struct jt_table_token rotated;
static struct rows before, after;

/* ---- rows */

static struct jt_table_row *more(struct rows *r, enum jt_table_noun noun)
{
	struct jt_table_row *row = &r->row[r->count++];

	assert_true(r->count <= ROWS_MAX);
	memset(row, 0, sizeof(*row));
	row->noun = noun;
	return row;
}

/* A role that grants these, and no more; NULL: it is gone. */
static void role(struct rows *r, const struct jt_id *id, enum jt_reach reach, const char *const *scopes)
{
	struct jt_table_row *row = more(r, JT_TABLE_ROLE);

	row->role = (struct jt_table_role){.org = w.org, .id = *id, .reach = reach};
	row->gone = !scopes;
	for (; scopes && *scopes; scopes++)
		jt_scopes_add(&row->role.scopes, jt_policy_scope(w.policy[0], *scopes, strlen(*scopes))->bit);
}

#define SCOPES(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}

static void user(struct rows *r, enum world_token which, const struct jt_id *has)
{
	struct jt_table_row *row = more(r, JT_TABLE_USER);

	row->user = (struct jt_table_user){.org = w.org, .id = w.token[which].user, .active = true};
	row->gone = !has;
	if (has)
		row->user.role = *has;
}

static void member(struct rows *r, const struct jt_id *team, const struct jt_id *has)
{
	struct jt_table_row *row = more(r, JT_TABLE_MEMBER);

	row->member = (struct jt_table_member){.org = w.org, .team = *team, .user = w.token[WORLD_GUEST].user};
	row->gone = !has;
	if (has)
		row->member.role = *has;
}

static void app(struct rows *r, const struct jt_id *team)
{
	struct jt_table_row *row = more(r, JT_TABLE_APP);

	row->app = (struct jt_table_app){.org = w.org, .name = WORLD_APP};
	if (team)
		row->app.team = *team;
}

static void app_gone(struct rows *r)
{
	app(r, NULL);
	r->row[r->count - 1].gone = true;
}

static void team(struct rows *r, const struct jt_id *id, bool there)
{
	struct jt_table_row *row = more(r, JT_TABLE_TEAM);

	row->team = (struct jt_table_team){.org = w.org, .id = *id};
	row->gone = !there;
}

static void org(struct rows *r, enum world_token owner, bool active)
{
	struct jt_table_row *row = more(r, JT_TABLE_ORG);

	row->org = (struct jt_table_org){.id = w.org, .owner = w.token[owner].user, .active = active};
}

/* CI's token, with this role. */
static void token(struct rows *r, const struct jt_id *has)
{
	more(r, JT_TABLE_TOKEN)->token = &w.token[WORLD_CI];
	w.token[WORLD_CI].role = *has;
}

/* ---- what is told at once, and what that must not be mistaken for */

static void an_app_leaves_as_its_user_comes(void)
{
	app(&before, &w.team);
	member(&before, &w.team, NULL);
	app(&after, NULL);
	member(&after, &w.team, &role_b);
}

static void an_app_goes_as_its_user_comes(void)
{
	app(&before, &w.team);
	member(&before, &w.team, NULL);
	app_gone(&after);
	member(&after, &w.team, &role_b);
}

static void a_team_comes_as_its_app_leaves(void)
{
	app(&before, &w.team);
	team(&before, &w.team, false);
	app(&after, NULL);
	team(&after, &w.team, true);
}

static void a_team_goes_as_its_app_moves(void)
{
	app(&before, &w.team);
	member(&before, &w.app_team, &role_b);
	app(&after, &w.app_team);
	team(&after, &w.team, false);
}

static void a_user_leaves_as_the_app_moves(void)
{
	app(&before, &w.team);
	member(&before, &w.app_team, &role_b);
	app(&after, &w.app_team);
	member(&after, &w.team, NULL);
}

static void a_member_gets_another_role_as_the_first_grows(void)
{
	app(&before, &w.team);
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	member(&before, &w.team, &role_a);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_OTHER));
	member(&after, &w.team, &role_b);
}

static void a_role_goes_as_the_app_comes(void)
{
	app(&before, NULL);
	member(&before, &w.team, &role_b);
	user(&before, WORLD_GUEST, &role_a);
	role(&before, &role_a, JT_REACH_TEAMS, SCOPES(WORLD_OTHER));
	role(&after, &role_a, JT_REACH_TEAMS, NULL);
	app(&after, &w.team);
}

static void a_role_shrinks_as_the_app_comes(void)
{
	app(&before, NULL);
	member(&before, &w.team, &role_b);
	user(&before, WORLD_GUEST, &role_a);
	role(&before, &role_a, JT_REACH_TEAMS, SCOPES(WORLD_OTHER));
	role(&after, &role_a, JT_REACH_TEAMS, SCOPES(WORLD_READ));
	app(&after, &w.team);
}

static void a_user_gets_another_role_as_the_first_grows(void)
{
	user(&before, WORLD_GUEST, &role_a);
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	user(&after, WORLD_GUEST, &role_b);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_OTHER));
}

static void a_token_gets_another_role_as_the_first_grows(void)
{
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	token(&before, &role_a);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_LIST));
	rotated = w.token[WORLD_CI];
	rotated.role = role_b;
	more(&after, JT_TABLE_TOKEN)->token = &rotated;
}

static void a_value_dies_as_its_role_grows(void)
{
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	token(&before, &role_a);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_LIST));
	rotated = w.token[WORLD_CI];
	rotated.digest[0][0] ^= 1;
	more(&after, JT_TABLE_TOKEN)->token = &rotated;
}

static void an_org_is_opened_as_a_role_shrinks(void)
{
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_LIST));
	token(&before, &role_a);
	org(&before, WORLD_OWNER, false);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	org(&after, WORLD_OWNER, true);
}

static void an_org_is_closed_as_a_role_grows(void)
{
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	token(&before, &role_a);
	role(&after, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ, WORLD_LIST));
	org(&after, WORLD_OWNER, false);
}

static void an_owner_hands_over_and_gets_another_role(void)
{
	user(&before, WORLD_OWNER, &role_a);
	role(&before, &role_a, JT_REACH_ORG, SCOPES(WORLD_READ));
	org(&after, WORLD_ADMIN, true);
	user(&after, WORLD_OWNER, &role_b);
}

static const struct shot {
	const char *name;
	void (*rows)(void);
	struct question ask;
} shots[] = {
#define SHOT(name, ...) \
	{ \
#name, name, \
		{ \
			__VA_ARGS__ \
		} \
	}
	SHOT(an_app_leaves_as_its_user_comes, WORLD_GUEST, JT_PLACE_APP, WORLD_LIST),
	SHOT(an_app_goes_as_its_user_comes, WORLD_GUEST, JT_PLACE_APP, WORLD_LIST),
	SHOT(a_team_comes_as_its_app_leaves, WORLD_GUEST, JT_PLACE_APP, WORLD_LIST),
	SHOT(a_team_goes_as_its_app_moves, WORLD_GUEST, JT_PLACE_APP, WORLD_LIST),
	SHOT(a_user_leaves_as_the_app_moves, WORLD_GUEST, JT_PLACE_APP, WORLD_LIST),
	SHOT(a_member_gets_another_role_as_the_first_grows, WORLD_GUEST, JT_PLACE_APP, WORLD_OTHER),
	SHOT(a_role_goes_as_the_app_comes, WORLD_GUEST, JT_PLACE_APP, WORLD_OTHER),
	SHOT(a_role_shrinks_as_the_app_comes, WORLD_GUEST, JT_PLACE_APP, WORLD_OTHER),
	SHOT(a_user_gets_another_role_as_the_first_grows, WORLD_GUEST, JT_PLACE_ORG, WORLD_OTHER),
	SHOT(a_token_gets_another_role_as_the_first_grows, WORLD_CI, JT_PLACE_ORG, WORLD_LIST),
	SHOT(a_value_dies_as_its_role_grows, WORLD_CI, JT_PLACE_ORG, WORLD_LIST),
	SHOT(an_org_is_opened_as_a_role_shrinks, WORLD_CI, JT_PLACE_ORG, WORLD_LIST),
	SHOT(an_org_is_closed_as_a_role_grows, WORLD_CI, JT_PLACE_ORG, WORLD_LIST),
	SHOT(an_owner_hands_over_and_gets_another_role, WORLD_OWNER, JT_PLACE_ORG, WORLD_READ),
};

#endif

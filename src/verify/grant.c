/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

/* What somebody holds somewhere: gathers the facts from the table, and lets policy/grant.h decide. */

void jt_verify_role_facts(const struct jt_table *t, const struct jt_policy *p, const struct jt_id *org,
	const struct jt_id *role, struct jt_verify_role_facts *out)
{
	const struct jt_role *managed = jt_policy_role(p, role);
	const struct jt_table_role *custom = managed ? NULL : jt_table_role(t, org, role);

	*out = (struct jt_verify_role_facts){.reach = JT_REACH_TEAMS};
	if (managed) {
		out->known = true;
		out->reach = managed->reach;
		out->scopes = managed->scopes;
		if (managed->team_aliases > 0) /* else it cannot be held in a team */
			out->in_team = managed->in_team;
	} else if (custom) {
		out->known = true;
		out->reach = custom->reach;
		out->scopes = out->in_team = custom->scopes;
	}
}

/* The team that a place is in, or none. False if there is no such place. */
static bool team_of(const struct jt_table *t, const struct jt_id *org, const struct jt_place *place, struct jt_id *team)
{
	const struct jt_table_app *app = NULL;

	memset(team, 0, sizeof(*team));
	if (place->kind == JT_PLACE_ORG)
		return true;
	if (place->kind == JT_PLACE_TEAM) {
		*team = place->team;
		return jt_table_has_team(t, org, team);
	}
	app = jt_table_app(t, org, place->app);
	if (app && jt_table_has_team(t, org, &app->team))
		*team = app->team;
	return app != NULL;
}

/* A user as holder; false if the user (or the token that they came with) counts for nothing. */
static bool user_holds(const struct jt_table *t, const struct jt_policy *p, const struct jt_caller *who,
	const struct jt_table_org *org, const struct jt_id *team, struct jt_holding *h)
{
	static const uint8_t nothing[JT_DIGEST_SIZE];
	const struct jt_table_user *user = jt_table_user(t, &who->org, &who->user);
	const struct jt_table_member *member = NULL;
	struct jt_verify_role_facts role;
	struct jt_table_token k;

	if (!user || !user->active)
		return false;
	if (!jt_secret_equal(who->digest, sizeof(who->digest), nothing, sizeof(nothing)) &&
		(!jt_table_token(t, &who->org, &who->token, &k) || k.revoked))
		return false;
	jt_verify_role_facts(t, p, &who->org, &user->role, &role);
	h->owner = jt_id_equal(&org->owner, &user->id);
	h->confined = !h->owner && role.reach == JT_REACH_TEAMS;
	h->role = role.scopes;
	if (!jt_id_is_none(team))
		member = jt_table_member(t, &who->org, team, &who->user);
	if (member) {
		h->among = true;
		jt_verify_role_facts(t, p, &who->org, &member->role, &role);
		h->in_team = role.in_team;
	}
	return true;
}

/* The same for an integration token. */
static bool token_holds(const struct jt_table *t, const struct jt_policy *p, const struct jt_caller *who,
	const struct jt_id *team, struct jt_holding *h)
{
	struct jt_verify_role_facts role;
	struct jt_table_token k;
	bool any = false;

	if (!jt_table_token(t, &who->org, &who->token, &k) || k.revoked || k.kind == JT_KIND_PERSONAL)
		return false;
	h->kind = k.kind;
	h->confined = k.limited;
	for (unsigned i = 0; i < k.teams && k.limited; i++) {
		if (!jt_table_has_team(t, &who->org, &k.team[i]))
			continue;
		any = true;
		h->among = h->among || jt_id_equal(&k.team[i], team);
	}
	jt_verify_role_facts(t, p, &who->org, &k.role, &role);
	if (!k.limited || any) /* the last team was deleted: holds nothing */
		h->role = role.scopes;
	return true;
}

void jt_verify_grant(
	struct jt_verify *v, const struct jt_caller *who, const struct jt_place *place, struct jt_grant *out)
{
	const struct jt_policy *p = jt_verify_policy(v);
	const struct jt_table *t = v->table;
	const struct jt_table_org *org = NULL;
	struct jt_holding h = {.kind = who->kind};
	struct jt_id team;
	bool counts = false;

	*out = (struct jt_grant){.visible = false};
	jt_table_lock(v->table);
	org = jt_table_poisoned(t) ? NULL : jt_table_org(t, &who->org);
	if (org && org->active && team_of(t, &who->org, place, &team))
		counts = who->kind == JT_KIND_PERSONAL ? user_holds(t, p, who, org, &team, &h)
						       : token_holds(t, p, who, &team, &h);
	jt_table_unlock(v->table);
	if (counts)
		jt_grant_compute(p, &h, place->kind, out);
	jt_verify_policy_done(v);
}

enum jt_result jt_verify_role(struct jt_verify *v, const struct jt_id *org, const struct jt_id *role,
	struct jt_scopes *scopes, enum jt_reach *reach)
{
	const struct jt_policy *p = jt_verify_policy(v);
	struct jt_verify_role_facts facts = {0};
	enum jt_result r = JT_STALE;

	jt_table_lock(v->table);
	if (!jt_table_poisoned(v->table)) {
		jt_verify_role_facts(v->table, p, org, role, &facts);
		r = facts.known ? JT_OK : JT_NOT_FOUND;
	}
	jt_table_unlock(v->table);
	jt_verify_policy_done(v);
	if (r == JT_OK) {
		*scopes = facts.scopes;
		*reach = facts.reach;
	}
	return r;
}

static size_t teams_of_token(const struct jt_table *t, const struct jt_caller *who, struct jt_id *out, size_t max)
{
	struct jt_table_token k;
	size_t count = 0;

	if (!jt_table_token(t, &who->org, &who->token, &k) || !k.limited)
		return 0;
	for (unsigned i = 0; i < k.teams; i++) {
		if (jt_table_has_team(t, &who->org, &k.team[i])) {
			if (count < max)
				out[count] = k.team[i];
			count++;
		}
	}
	return count;
}

static size_t teams_of(const struct jt_table *t, const struct jt_caller *who, struct jt_id *out, size_t max)
{
	return who->kind == JT_KIND_PERSONAL ? jt_table_teams_of_user(t, &who->org, &who->user, out, max)
					     : teams_of_token(t, who, out, max);
}

enum jt_result jt_verify_teams(struct jt_verify *v, const struct jt_caller *who, struct jt_id **teams, size_t *count)
{
	struct jt_id *made = NULL;
	size_t n = 0;
	enum jt_result r = JT_OK;

	jt_table_lock(v->table);
	if (jt_table_poisoned(v->table))
		r = JT_STALE;
	else
		n = teams_of(v->table, who, NULL, 0);
	if (n > 0) {
		made = calloc(n, sizeof(*made));
		r = made ? JT_OK : JT_NOMEM;
	}
	if (made)
		(void)teams_of(v->table, who, made, n);
	jt_table_unlock(v->table);
	*teams = made;
	*count = made ? n : 0;
	return r;
}

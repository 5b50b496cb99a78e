/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/rules.h"

#include "authority/authority.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum jt_result exceeds(struct jt_tx *tx, unsigned bit, const char *where, struct jt_why *why)
{
	const char *name = jt_policy_scope_name(tx->policy, bit);

	if (why)
		(void)snprintf(why->scope, sizeof(why->scope), "%s", name);
	return jt_why_say(why, JT_CANNOT_EXCEED_SELF,
		"nobody gives or takes what they do not hold: you do not hold %s%s", name, where);
}

/* The caller as the table knows them at this moment: an earlier job of the same batch may have changed what they are. */
static enum jt_result refresh(
	struct jt_tx *tx, const struct jt_actor *who, struct jt_caller *caller, struct jt_why *why)
{
	enum jt_step step;

	*caller = who->caller;
	step = jt_verify_again(tx->verify, caller);
	if (step == JT_STEP_ALLOWED)
		return JT_OK;
	return step == JT_STEP_STALE ? JT_STALE
				     : jt_why_say(why, JT_UNAUTHENTICATED, "your access ended while this was waiting");
}

static enum jt_result covers_org(
	struct jt_tx *tx, const struct jt_caller *caller, const struct jt_scopes *scopes, struct jt_why *why)
{
	const struct jt_place org = {.kind = JT_PLACE_ORG};
	const struct jt_scopes nothing = {{0}};
	struct jt_grant grant;
	int missing;

	/* Whoever sees only some teams cannot give what reaches all of them, however harmless. */
	if (caller->confined) {
		missing = jt_scopes_missing(&nothing, scopes);
		if (missing < 0)
			return jt_why_say(why, JT_CANNOT_EXCEED_SELF,
				"you reach your teams only, and this would reach the whole org");
		return exceeds(tx, (unsigned)missing, " in the whole org, but in your teams only", why);
	}
	jt_verify_grant(tx->verify, caller, &org, &grant);
	missing = jt_scopes_missing(&grant.held, scopes);
	return missing < 0 ? JT_OK : exceeds(tx, (unsigned)missing, "", why);
}

/* The scopes marked `everyone`, which are held at org level even by whom has reach teams. */
static enum jt_result covers_everyone(
	struct jt_tx *tx, const struct jt_caller *caller, const struct jt_scopes *scopes, struct jt_why *why)
{
	const struct jt_place org = {.kind = JT_PLACE_ORG};
	struct jt_scopes wanted = *scopes;
	struct jt_grant grant;
	int missing;

	jt_scopes_cut(&wanted, &tx->policy->everyone);
	jt_verify_grant(tx->verify, caller, &org, &grant);
	missing = jt_scopes_missing(&grant.held, &wanted);
	return missing < 0 ? JT_OK : exceeds(tx, (unsigned)missing, "", why);
}

static enum jt_result covers_team(struct jt_tx *tx, const struct jt_caller *caller, const struct jt_scopes *scopes,
	const struct jt_id *team, struct jt_why *why)
{
	const struct jt_place place = {.kind = JT_PLACE_TEAM, .team = *team};
	char where[JT_ID_TEXT_SIZE + 16], id[JT_ID_TEXT_SIZE];
	struct jt_grant grant;
	int missing;

	jt_verify_grant(tx->verify, caller, &place, &grant);
	missing = jt_scopes_missing(&grant.held, scopes);
	if (missing < 0)
		return JT_OK;
	(void)snprintf(where, sizeof(where), " on team %s", jt_id_text(team, id));
	return exceeds(tx, (unsigned)missing, where, why);
}

enum jt_result jt_rule_ceiling(struct jt_tx *tx, const struct jt_actor *who, const struct jt_scopes *scopes,
	const struct jt_extent *extent, struct jt_why *why)
{
	struct jt_caller caller;
	enum jt_result r;

	r = refresh(tx, who, &caller, why);
	if (r != JT_OK)
		return r;
	if (extent->reach == JT_REACH_ORG)
		return covers_org(tx, &caller, scopes, why);
	r = covers_everyone(tx, &caller, scopes, why);
	for (size_t i = 0; r == JT_OK && i < extent->teams; i++)
		r = covers_team(tx, &caller, scopes, &extent->team[i], why);
	return r;
}

enum jt_result jt_rule_owner(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why)
{
	struct jt_caller caller;
	enum jt_result r;

	if (who->how == JT_ACTOR_OPERATOR)
		return JT_OK;
	r = refresh(tx, who, &caller, why);
	if (r != JT_OK)
		return r;
	if (caller.kind != JT_KIND_PERSONAL || !caller.owner)
		return jt_why_say(
			why, JT_OWNER_ONLY, "only the owner of the org may do this, with their own personal token");
	return JT_OK;
}

enum jt_result jt_rule_holds(struct jt_tx *tx, const struct jt_actor *who, const char *scope,
	const struct jt_place *place, struct jt_why *why)
{
	const struct jt_scope *known;
	struct jt_caller caller;
	struct jt_grant grant;
	enum jt_result r;

	r = refresh(tx, who, &caller, why);
	if (r != JT_OK)
		return r;
	known = jt_policy_scope(tx->policy, scope, strlen(scope));
	jt_verify_grant(tx->verify, &caller, place, &grant);
	if (known && jt_scopes_has(&grant.held, known->bit))
		return JT_OK;
	if (why)
		(void)snprintf(why->scope, sizeof(why->scope), "%s", scope);
	return jt_why_say(why, JT_MISSING_SCOPE, "this needs %s, which you do not hold there", scope);
}

enum jt_result jt_rule_role(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *role,
	struct jt_scopes *scopes, enum jt_reach *reach, struct jt_why *why)
{
	enum jt_result r = jt_verify_role(tx->verify, org, role, scopes, reach);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, JT_ROLE_NOT_APPLICABLE, "there is no such role");
	return r;
}

/* Where a user stands, copied out of the table. */
struct standing {
	bool known, owner, super_admin;
	struct jt_id role;
	struct jt_id *team;
	struct jt_id *team_role;
	size_t teams;
};

static void standing_free(struct standing *s)
{
	free(s->team);
	free(s->team_role);
	*s = (struct standing){0};
}

static enum jt_result copy_teams(
	const struct jt_view *v, const struct jt_id *org, const struct jt_id *user, struct standing *s)
{
	struct jt_table_member member;
	size_t count = jt_view_teams_of_user(v, org, user, NULL, 0);

	if (count == 0)
		return JT_OK;
	s->team = calloc(count, sizeof(*s->team));
	s->team_role = calloc(count, sizeof(*s->team_role));
	if (!s->team || !s->team_role)
		return JT_NOMEM;
	(void)jt_view_teams_of_user(v, org, user, s->team, count);
	s->teams = count;
	for (size_t i = 0; i < count; i++) {
		if (jt_view_member(v, org, &s->team[i], user, &member))
			s->team_role[i] = member.role;
	}
	return JT_OK;
}

static enum jt_result look_up(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, struct standing *s)
{
	const struct jt_view *v = jt_table_view(jt_authority_table(tx->au));
	const struct jt_role *admin = jt_policy_super_admin(tx->policy);
	struct jt_table_user u;
	struct jt_table_org o;

	if (!v || !jt_view_user(v, org, user, &u) || !jt_view_org(v, org, &o))
		return JT_OK;
	s->known = true;
	s->owner = jt_id_equal(&o.owner, user);
	s->role = u.role;
	s->super_admin = admin && jt_id_equal(&admin->id, &u.role);
	return copy_teams(v, org, user, s);
}

/* What an org role gives somebody who is not the owner. A role that is gone gives nothing. */
static enum jt_reach held_at_org(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *role, struct jt_scopes *out)
{
	enum jt_reach reach = JT_REACH_TEAMS;

	if (jt_verify_role(tx->verify, org, role, out, &reach) != JT_OK) {
		*out = (struct jt_scopes){{0}};
		reach = JT_REACH_TEAMS;
	}
	jt_scopes_cut(out, &tx->policy->may[JT_KIND_PERSONAL]);
	jt_scopes_minus(out, &tx->policy->owner_only);
	return reach;
}

/* What somebody with this org role holds in a team by being in it: managed roles may add to what they give there. */
static void held_in_team(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *role,
	const struct jt_id *team_role, struct jt_scopes *out)
{
	const struct jt_role *managed = jt_policy_role(tx->policy, team_role);
	struct jt_scopes all;

	(void)held_at_org(tx, org, team_role, out);
	if (managed) {
		*out = managed->in_team;
		jt_scopes_cut(out, &tx->policy->may[JT_KIND_PERSONAL]);
		jt_scopes_minus(out, &tx->policy->owner_only);
	}
	if (held_at_org(tx, org, role, &all) == JT_REACH_TEAMS)
		jt_scopes_unite(out, &all);
}

enum jt_result jt_rule_membership(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *role,
	const struct jt_id *team_role, const struct jt_extent *extent, struct jt_why *why)
{
	struct jt_scopes held;

	held_in_team(tx, &who->caller.org, role, team_role, &held);
	return jt_rule_ceiling(tx, who, &held, extent, why);
}

static enum jt_result cover_standing(
	struct jt_tx *tx, const struct jt_actor *who, const struct standing *s, struct jt_why *why)
{
	struct jt_scopes role;
	struct jt_extent extent = {.reach = held_at_org(tx, &who->caller.org, &s->role, &role)};
	enum jt_result r;

	r = jt_rule_ceiling(tx, who, &role, &extent, why); /* reach teams, no team: what is held at org level */
	for (size_t i = 0; r == JT_OK && i < s->teams; i++) {
		extent = (struct jt_extent){.reach = JT_REACH_TEAMS, .team = &s->team[i], .teams = 1};
		r = jt_rule_membership(tx, who, &s->role, &s->team_role[i], &extent, why);
	}
	return r;
}

static enum jt_result over_super_admin(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why)
{
	enum jt_result r = jt_rule_owner(tx, who, why);

	if (r != JT_OWNER_ONLY)
		return r;
	return jt_why_say(
		why, JT_FELLOW_ADMIN, "a Super Admin is deleted, demoted, disabled or reset by the owner only");
}

enum jt_result jt_rule_over_user(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, struct jt_why *why)
{
	struct standing s = {0};
	enum jt_result r;

	r = look_up(tx, &who->caller.org, user, &s);
	if (r != JT_OK)
		goto out;
	if (!s.known)
		r = jt_why_say(why, JT_NOT_FOUND, "there is no such user");
	else if (s.owner)
		r = jt_why_say(
			why, JT_OWNER_PROTECTED, "the owner cannot be deleted, demoted, disabled or reset by anybody");
	else if (s.super_admin)
		r = over_super_admin(tx, who, why);
	else
		r = cover_standing(tx, who, &s, why);
out:
	standing_free(&s);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/token_rules.h"

#include "authority/authority.h"
#include "base/clock.h"
#include "store/org.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool by_service(const struct jt_actor *who)
{
	return who->how == JT_ACTOR_TOKEN && who->caller.kind == JT_KIND_SERVICE;
}

static enum jt_result not_applicable(struct jt_why *why, const char *role)
{
	return jt_why_say(why, JT_ROLE_NOT_APPLICABLE, "role_id: %.60s is not a role that a token can have", role);
}

static enum jt_result custom_role(
	struct jt_tx *tx, const struct jt_id *org, struct jt_token_role *out, const char *name, struct jt_why *why)
{
	enum jt_reach reach;
	enum jt_result r = jt_token_role_for_teams(tx->db, org, &out->id, &out->for_teams);

	if (r == JT_OK)
		r = jt_verify_role(tx->verify, org, &out->id, &out->scopes, &reach);
	if (r == JT_NOT_FOUND)
		return not_applicable(why, name);
	out->kind = JT_KIND_CUSTOM;
	out->token_type = "integration";
	return r;
}

enum jt_result jt_token_rule_role(
	struct jt_tx *tx, const struct jt_id *org, const char *role, struct jt_token_role *out, struct jt_why *why)
{
	const struct jt_role *managed = NULL;
	enum jt_result r = JT_OK;

	*out = (struct jt_token_role){.for_teams = false};
	if (jt_id_parse(role, strlen(role), &out->id) == JT_OK)
		managed = jt_policy_role(tx->policy, &out->id);
	else
		managed = jt_policy_role_by_alias(tx->policy, JT_ALIAS_ORG, role);
	if (managed && managed->use == JT_ROLE_FOR_TOKENS) {
		out->id = managed->id;
		out->kind = managed->kind;
		out->token_type = managed->token_type;
		out->scopes = managed->scopes;
	} else if (managed || jt_id_is_none(&out->id)) {
		return not_applicable(why, role);
	} else {
		r = custom_role(tx, org, out, role, why);
	}
	/* No integration token ever holds what is the owner's alone. */
	jt_scopes_cut(&out->scopes, &tx->policy->may[out->kind]);
	jt_scopes_minus(&out->scopes, &tx->policy->owner_only);
	return r;
}

enum jt_result jt_token_rule_team_role(const struct jt_token_role *role, bool limited, struct jt_why *why)
{
	if (role->for_teams && !limited)
		return jt_why_say(
			why, JT_ROLE_NOT_APPLICABLE, "role_id: a team role is for tokens that are limited to teams");
	return JT_OK;
}

enum jt_result jt_token_rule_service(struct jt_tx *tx, const struct jt_actor *who, const char *role, struct jt_why *why)
{
	const struct jt_role *ci = jt_policy_token_role(tx->policy, JT_KIND_CI);
	struct jt_id id;

	if (!by_service(who))
		return JT_OK;
	if (ci && jt_id_parse(role, strlen(role), &id) == JT_OK && jt_id_equal(&id, &ci->id))
		return JT_OK;
	return jt_why_say(why, JT_SERVICE_CI_ONLY,
		"a service token issues CI tokens and nothing else: role_id must be that of %s", ci ? ci->name : "CI");
}

static bool team_is_visible(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team)
{
	const struct jt_place place = {.kind = JT_PLACE_TEAM, .team = *team};
	const struct jt_view *v = jt_table_view(jt_authority_table(tx->au));
	struct jt_grant grant = {.visible = false};
	bool there = v && jt_view_has_team(v, &who->caller.org, team);

	if (there)
		jt_verify_grant(tx->verify, &who->caller, &place, &grant);
	return there && grant.visible;
}

enum jt_result jt_token_rule_teams(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, size_t teams, struct jt_why *why)
{
	for (size_t i = 0; i < teams; i++) {
		if (!team_is_visible(tx, who, &team[i]))
			return jt_why_say(why, JT_NOT_FOUND, "teams[%zu]: no such team", i);
	}
	return JT_OK;
}

/* What a service token gives it does not hold itself; where it gives it is bounded by its own teams. */
static enum jt_result give_by_service(const struct jt_actor *who, const struct jt_extent *extent, struct jt_why *why)
{
	if (who->caller.limited && (extent->reach == JT_REACH_ORG || extent->teams == 0))
		return jt_why_say(why, JT_CANNOT_EXCEED_SELF,
			"this service token is limited to teams: name some of them in teams");
	return JT_OK;
}

enum jt_result jt_token_rule_give(struct jt_tx *tx, const struct jt_actor *who, const struct jt_token_role *role,
	const struct jt_extent *extent, struct jt_why *why)
{
	if (by_service(who))
		return give_by_service(who, extent, why);
	if (role->kind == JT_KIND_SERVICE)
		return jt_rule_owner(tx, who, why);
	return jt_rule_ceiling(tx, who, &role->scopes, extent, why);
}

enum jt_result jt_token_rule_lifetime(struct jt_tx *tx, const struct jt_actor *who, enum jt_kind kind, int64_t asked_s,
	int64_t *lifetime_s, struct jt_why *why)
{
	int64_t max_s = 0, own_end_s = 0, own_s = 0;
	enum jt_result r = jt_org_limit(tx->db, &who->caller.org, kind, &max_s);

	if (r == JT_OK && by_service(who))
		r = jt_token_expiry(tx->db, &who->caller.org, &who->caller.token, &own_end_s);
	if (r != JT_OK)
		return r;
	*lifetime_s = asked_s ? asked_s : max_s;
	if (max_s && asked_s > max_s)
		return jt_why_field(why, "valid_for_seconds", "the org lets %s tokens live %" PRId64 " seconds at most",
			jt_kind_name(kind), max_s);
	if (own_end_s == 0)
		return JT_OK;
	own_s = own_end_s - tx->now_ns / JT_NS_PER_S;
	if (own_s < 1 || asked_s > own_s)
		return jt_why_say(why, JT_CANNOT_EXCEED_SELF, "a service token issues nothing that outlives it");
	if (*lifetime_s == 0 || *lifetime_s > own_s)
		*lifetime_s = own_s;
	return JT_OK;
}

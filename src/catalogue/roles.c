/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/inside.h"

#include <stdio.h>
#include <string.h>

static struct jt_role *role_called(struct jt_policy *p, const char *name)
{
	for (unsigned i = 0; i < p->role_count; i++) {
		if (strcmp(p->role[i].name, name) == 0)
			return &p->role[i];
	}
	return NULL;
}

/* What roles of both sorts have. */
static enum jt_result read_common(
	const struct jt_source *src, struct jt_node *map, struct jt_policy *p, struct jt_role *out)
{
	char id[JT_ID_TEXT_SIZE];
	enum jt_result r = map->type == JT_NODE_MAP ? JT_OK : jt_source_wrong(src, map, "a role must be a mapping");

	if (r == JT_OK && p->role_count == JT_ROLES_MANAGED_MAX)
		r = jt_source_wrong(src, map, "more than %d roles", JT_ROLES_MANAGED_MAX);
	if (r == JT_OK)
		r = jt_section_text(src, map, "name", JT_NEED_IT, out->name, sizeof(out->name));
	if (r == JT_OK && role_called(p, out->name))
		r = jt_source_wrong(src, map, "there are two roles '%s'", out->name);
	if (r == JT_OK)
		r = jt_section_text(src, map, "id", JT_NEED_IT, id, sizeof(id));
	if (r == JT_OK && jt_id_parse(id, strlen(id), &out->id) != JT_OK)
		r = jt_source_wrong(src, jt_node_get(map, "id"), "role '%s': '%s' is not a UUID", out->name, id);
	if (r == JT_OK && jt_policy_role(p, &out->id))
		r = jt_source_wrong(src, jt_node_get(map, "id"), "role '%s' has the id of '%s'", out->name,
			jt_policy_role(p, &out->id)->name);
	if (r == JT_OK)
		r = jt_section_text(src, map, "description", JT_MAY_BE, out->description, sizeof(out->description));
	return r;
}

static enum jt_result read_aliases(const struct jt_source *src, struct jt_node *map, const struct jt_policy *p,
	enum jt_alias_of of, struct jt_role *out)
{
	char(*names)[JT_ROLE_ALIAS_MAX] = of == JT_ALIAS_ORG ? out->alias : out->team_alias;
	unsigned *count = of == JT_ALIAS_ORG ? &out->aliases : &out->team_aliases;
	struct jt_node *list = NULL;
	enum jt_result r =
		jt_section(src, map, of == JT_ALIAS_ORG ? "aliases" : "team_aliases", JT_NODE_LIST, JT_MAY_BE, &list);

	for (const struct jt_node *n = list ? list->first : NULL; r == JT_OK && n; n = n->next) {
		if (n->type != JT_NODE_TEXT || !*n->text || strlen(n->text) >= JT_ROLE_ALIAS_MAX)
			return jt_source_wrong(src, n, "an alias has 1 to %d bytes", JT_ROLE_ALIAS_MAX - 1);
		if (*count == JT_ROLE_ALIASES_MAX)
			return jt_source_wrong(src, n, "more than %d aliases", JT_ROLE_ALIASES_MAX);
		if (jt_policy_role_by_alias(p, of, n->text))
			return jt_source_wrong(src, n, "another role has the alias '%s'", n->text);
		(void)snprintf(names[(*count)++], JT_ROLE_ALIAS_MAX, "%s", n->text);
	}
	return r;
}

static enum jt_result read_flag(const struct jt_source *src, struct jt_node *map, const char *key, bool *out)
{
	char text[8];
	enum jt_result r = jt_section_text(src, map, key, JT_MAY_BE, text, sizeof(text));

	*out = strcmp(text, "true") == 0;
	if (r == JT_OK && text[0] && !*out && strcmp(text, "false") != 0)
		r = jt_source_wrong(src, jt_node_get(map, key), "'%s' must be true or false", key);
	return r;
}

static enum jt_result read_reach(const struct jt_source *src, struct jt_node *map, struct jt_role *out)
{
	char text[8];
	enum jt_result r = jt_section_text(src, map, "reach", JT_NEED_IT, text, sizeof(text));

	out->reach = strcmp(text, "teams") == 0 ? JT_REACH_TEAMS : JT_REACH_ORG;
	if (r == JT_OK && out->reach == JT_REACH_ORG && strcmp(text, "org") != 0)
		r = jt_source_wrong(src, jt_node_get(map, "reach"), "'reach' must be org or teams");
	return r;
}

/* `scopes` beside what the role extends, or everything but `all_except`. */
static enum jt_result read_role_scopes(
	const struct jt_source *src, struct jt_node *map, struct jt_policy *p, struct jt_role *out)
{
	char extends[sizeof(out->name)];
	struct jt_scopes except = {{0}}, own = {{0}}, extra = {{0}};
	const struct jt_role *base = NULL;
	enum jt_result r = jt_section_text(src, map, "extends", JT_MAY_BE, extends, sizeof(extends));

	if (r == JT_OK && extends[0] && !(base = role_called(p, extends)))
		r = jt_source_wrong(src, jt_node_get(map, "extends"), "no role '%s' stands above", extends);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, map, "scopes", &own);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, map, "all_except", &except);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, map, "in_team", &extra);
	if (r != JT_OK)
		return r;
	if (jt_node_get(map, "all_except")) {
		if (base || jt_node_get(map, "scopes"))
			return jt_source_wrong(src, map, "'all_except' goes with neither 'scopes' nor 'extends'");
		out->scopes = p->all;
		jt_scopes_minus(&out->scopes, &except);
	} else {
		out->scopes = own;
		if (base)
			jt_scopes_unite(&out->scopes, &base->scopes);
	}
	out->in_team = out->scopes;
	jt_scopes_unite(&out->in_team, &extra);
	return JT_OK;
}

static enum jt_result read_user_role(const struct jt_source *src, struct jt_node *map, struct jt_policy *p)
{
	struct jt_role role = {.use = JT_ROLE_FOR_USERS, .kind = JT_KIND_PERSONAL};
	enum jt_result r = read_common(src, map, p, &role);

	if (r == JT_OK)
		r = read_aliases(src, map, p, JT_ALIAS_ORG, &role);
	if (r == JT_OK)
		r = read_aliases(src, map, p, JT_ALIAS_TEAM, &role);
	if (r == JT_OK)
		r = read_reach(src, map, &role);
	if (r == JT_OK)
		r = read_flag(src, map, "super_admin", &role.super_admin);
	if (r == JT_OK && role.super_admin && jt_policy_super_admin(p))
		r = jt_source_wrong(src, map, "two roles are the super admin's");
	if (r == JT_OK)
		r = read_role_scopes(src, map, p, &role);
	if (r == JT_OK)
		r = jt_node_known(src, map);
	if (r == JT_OK)
		p->role[p->role_count++] = role;
	return r;
}

static enum jt_result read_token_role(const struct jt_source *src, struct jt_node *map, struct jt_policy *p)
{
	struct jt_role role = {.use = JT_ROLE_FOR_TOKENS};
	char kind[16];
	enum jt_result r = read_common(src, map, p, &role);

	if (r == JT_OK)
		r = jt_section_text(src, map, "kind", JT_NEED_IT, kind, sizeof(kind));
	if (r == JT_OK && (jt_kind_parse(kind, &role.kind) != JT_OK || role.kind == JT_KIND_PERSONAL ||
				  role.kind == JT_KIND_CUSTOM))
		r = jt_source_wrong(
			src, jt_node_get(map, "kind"), "'%s' is not the kind of a managed token role", kind);
	if (r == JT_OK && jt_policy_token_role(p, role.kind))
		r = jt_source_wrong(src, jt_node_get(map, "kind"), "two roles make %s tokens", kind);
	if (r == JT_OK)
		r = jt_section_text(src, map, "token_type", JT_NEED_IT, role.token_type, sizeof(role.token_type));
	if (r == JT_OK && strcmp(role.token_type, "access") != 0 && strcmp(role.token_type, "integration") != 0)
		r = jt_source_wrong(src, jt_node_get(map, "token_type"), "'token_type' must be access or integration");
	if (r == JT_OK)
		r = jt_node_known(src, map);
	if (r != JT_OK)
		return r;
	role.scopes = role.in_team = p->may[role.kind];
	p->role[p->role_count++] = role;
	return JT_OK;
}

enum jt_result jt_read_roles(const struct jt_source *src, struct jt_node *root, struct jt_policy *p)
{
	struct jt_node *users = NULL;
	struct jt_node *tokens = NULL;
	enum jt_result r = jt_section(src, root, "roles", JT_NODE_LIST, JT_NEED_IT, &users);

	for (struct jt_node *n = r == JT_OK ? users->first : NULL; r == JT_OK && n; n = n->next)
		r = read_user_role(src, n, p);
	if (r == JT_OK && !jt_policy_super_admin(p))
		r = jt_source_wrong(src, users, "no role has 'super_admin: true': an org's owner needs one");
	if (r == JT_OK)
		r = jt_section(src, root, "token_roles", JT_NODE_LIST, JT_MAY_BE, &tokens);
	for (struct jt_node *n = tokens ? tokens->first : NULL; r == JT_OK && n; n = n->next)
		r = read_token_role(src, n, p);
	return r;
}

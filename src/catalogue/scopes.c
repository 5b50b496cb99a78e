/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/inside.h"

#include <stdio.h>
#include <string.h>

/* Before there is an index. */
static struct jt_scope *find(struct jt_policy *p, const char *name)
{
	for (unsigned i = 0; i < p->scope_count; i++) {
		if (strcmp(p->scope[i].name, name) == 0)
			return &p->scope[i];
	}
	return NULL;
}

/* A resource either names its operations or is one scope as a whole (`resource:*`); with both, the pattern would be two things. */
static bool mixes(const struct jt_policy *p, const char *name)
{
	const size_t resource = (size_t)(strchr(name, ':') - name) + 1;
	const bool whole = name[resource] == '*';

	for (unsigned i = 0; i < p->scope_count; i++) {
		if (strncmp(p->scope[i].name, name, resource) == 0 && (p->scope[i].name[resource] == '*') != whole)
			return true;
	}
	return false;
}

static enum jt_result add_scope(
	const struct jt_source *src, const struct jt_node *n, struct jt_policy *p, unsigned area)
{
	struct jt_scope *s = NULL;

	if (n->type != JT_NODE_TEXT)
		return jt_source_wrong(src, n, "area '%s' must be a list of scopes", p->area[area]);
	if (!jt_scope_name_is_valid(n->text, strlen(n->text)))
		return jt_source_wrong(
			src, n, "area '%s': '%.64s' is not of the form resource:operation", p->area[area], n->text);
	if (mixes(p, n->text))
		return jt_source_wrong(src, n,
			"area '%s': '%.64s': a resource has either named operations or '*' alone", p->area[area],
			n->text);
	s = find(p, n->text);
	if (!s && p->scope_count == JT_SCOPES_MAX)
		return jt_source_wrong(src, n, "more than %d scopes", JT_SCOPES_MAX);
	if (!s) {
		s = &p->scope[p->scope_count];
		(void)snprintf(s->name, sizeof(s->name), "%s", n->text);
		s->bit = (uint16_t)p->scope_count++;
	}
	if (s->areas >> area & 1)
		return jt_source_wrong(src, n, "area '%s' has '%s' twice", p->area[area], s->name);
	s->areas |= 1U << area;
	return JT_OK;
}

static enum jt_result read_areas(const struct jt_source *src, struct jt_node *root, struct jt_policy *p)
{
	struct jt_node *areas = NULL;
	enum jt_result r = jt_section(src, root, "areas", JT_NODE_MAP, JT_NEED_IT, &areas);

	for (struct jt_node *a = areas ? areas->first : NULL; r == JT_OK && a; a = a->next) {
		if (p->area_count == JT_AREAS_MAX)
			return jt_source_wrong(src, a, "more than %d areas", JT_AREAS_MAX);
		if (!*a->key || strlen(a->key) >= sizeof(p->area[0]))
			return jt_source_wrong(src, a, "an area's name has 1 to %zu bytes", sizeof(p->area[0]) - 1);
		if (a->type != JT_NODE_LIST)
			return jt_source_wrong(src, a, "area '%s' must be a list of scopes", a->key);
		(void)snprintf(p->area[p->area_count], sizeof(p->area[0]), "%s", a->key);
		for (const struct jt_node *n = a->first; r == JT_OK && n; n = n->next)
			r = add_scope(src, n, p, p->area_count);
		p->area_count++;
	}
	if (r == JT_OK && p->scope_count == 0)
		r = jt_source_wrong(src, areas, "there is no scope");
	return r;
}

enum jt_result jt_read_scopes(const struct jt_source *src, struct jt_node *root, struct jt_policy *p)
{
	struct jt_scopes everyone = {{0}}, by_team = {{0}}, owner_only = {{0}};
	struct jt_node *marks = NULL;
	enum jt_result r = read_areas(src, root, p);

	if (r != JT_OK)
		return r;
	jt_policy_index(p);
	r = jt_section(src, root, "marks", JT_NODE_MAP, JT_MAY_BE, &marks);
	if (r != JT_OK || !marks)
		return r;
	r = jt_section_scopes(src, p, marks, "everyone", &everyone);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, marks, "by_team", &by_team);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, marks, "owner_only", &owner_only);
	if (r == JT_OK)
		r = jt_node_known(src, marks);
	for (unsigned i = 0; i < p->scope_count; i++) {
		p->scope[i].everyone = jt_scopes_has(&everyone, p->scope[i].bit);
		p->scope[i].by_team = jt_scopes_has(&by_team, p->scope[i].bit);
		p->scope[i].owner_only = jt_scopes_has(&owner_only, p->scope[i].bit);
	}
	jt_policy_index(p);
	return r;
}

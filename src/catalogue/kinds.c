/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/inside.h"

#include <string.h>

static enum jt_result add_area(
	const struct jt_source *src, const struct jt_node *n, struct jt_policy *p, enum jt_kind kind)
{
	for (unsigned a = 0; n->type == JT_NODE_TEXT && a < p->area_count; a++) {
		if (strcmp(p->area[a], n->text) != 0)
			continue;
		p->kind_areas[kind] |= 1U << a;
		jt_scopes_unite(&p->may[kind], &p->in_area[a]);
		return JT_OK;
	}
	return jt_source_wrong(
		src, n, "kind '%s': there is no area '%.64s'", jt_kind_name(kind), n->text ? n->text : "");
}

static enum jt_result read_kind(
	const struct jt_source *src, struct jt_node *map, struct jt_policy *p, enum jt_kind kind)
{
	struct jt_node *areas = jt_node_get(map, "areas");
	enum jt_result r = JT_OK;
	int beyond;

	if (areas && areas->type == JT_NODE_TEXT && strcmp(areas->text, "all") == 0) {
		p->kind_areas[kind] = (1U << p->area_count) - 1;
		p->may[kind] = p->all;
	} else if (areas && areas->type != JT_NODE_LIST) {
		return jt_source_wrong(src, areas, "'areas' must be a list of areas, or all");
	} else {
		for (const struct jt_node *n = areas ? areas->first : NULL; r == JT_OK && n; n = n->next)
			r = add_area(src, n, p, kind);
	}
	if (r == JT_OK)
		r = jt_section_scopes(src, p, map, "scopes", &p->may[kind]);
	if (r == JT_OK)
		r = jt_section_scopes(src, p, map, "own", &p->own[kind]);
	if (r == JT_OK)
		r = jt_node_known(src, map);
	beyond = jt_scopes_missing(&p->may[kind], &p->own[kind]);
	if (r == JT_OK && beyond >= 0)
		r = jt_source_wrong(src, map, "kind '%s' has '%s' in 'own' without holding it", jt_kind_name(kind),
			jt_policy_scope_name(p, (unsigned)beyond));
	return r;
}

enum jt_result jt_read_kinds(const struct jt_source *src, struct jt_node *root, struct jt_policy *p)
{
	struct jt_node *kinds = NULL;
	enum jt_result r = jt_section(src, root, "kinds", JT_NODE_MAP, JT_NEED_IT, &kinds);

	for (struct jt_node *k = kinds ? kinds->first : NULL; r == JT_OK && k; k = k->next) {
		enum jt_kind kind;

		k->seen = true;
		if (jt_kind_parse(k->key, &kind) != JT_OK)
			return jt_source_wrong(src, k, "there is no kind '%.60s'", k->key);
		if (k->type != JT_NODE_MAP)
			return jt_source_wrong(src, k, "kind '%s' must be a mapping", k->key);
		r = read_kind(src, k, p, kind);
	}
	for (int kind = 0; r == JT_OK && kind < JT_KIND_COUNT; kind++) {
		if (!jt_node_get(kinds, jt_kind_name((enum jt_kind)kind)))
			r = jt_source_wrong(src, kinds, "kind '%s' is missing", jt_kind_name((enum jt_kind)kind));
	}
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/inside.h"

#include <stdio.h>
#include <string.h>

static const char *const TYPES[] = {[JT_NODE_TEXT] = "a text", [JT_NODE_LIST] = "a list", [JT_NODE_MAP] = "a mapping"};

enum jt_result jt_section(const struct jt_source *src, struct jt_node *map, const char *key, enum jt_node_type type,
	enum jt_need need, struct jt_node **out)
{
	*out = jt_node_get(map, key);
	if (!*out)
		return need == JT_MAY_BE ? JT_OK : jt_source_wrong(src, map, "'%s' is missing", key);
	if ((*out)->type != type)
		return jt_source_wrong(src, *out, "'%s' must be %s", key, TYPES[type]);
	return JT_OK;
}

enum jt_result jt_section_text(
	const struct jt_source *src, struct jt_node *map, const char *key, enum jt_need need, char *out, size_t size)
{
	struct jt_node *n = NULL;
	enum jt_result r = jt_section(src, map, key, JT_NODE_TEXT, need, &n);

	out[0] = '\0';
	if (r != JT_OK || !n)
		return r;
	if (strlen(n->text) >= size)
		return jt_source_wrong(src, n, "'%s' is longer than %zu bytes", key, size - 1);
	if (need == JT_NEED_IT && !*n->text)
		return jt_source_wrong(src, n, "'%s' is empty", key);
	(void)snprintf(out, size, "%s", n->text);
	return JT_OK;
}

enum jt_result jt_section_scopes(const struct jt_source *src, const struct jt_policy *p, struct jt_node *map,
	const char *key, struct jt_scopes *into)
{
	struct jt_node *list = NULL;
	enum jt_result r = jt_section(src, map, key, JT_NODE_LIST, JT_MAY_BE, &list);

	for (const struct jt_node *n = list ? list->first : NULL; r == JT_OK && n; n = n->next) {
		const struct jt_scope *s =
			n->type == JT_NODE_TEXT ? jt_policy_scope(p, n->text, strlen(n->text)) : NULL;

		if (n->type != JT_NODE_TEXT)
			r = jt_source_wrong(src, n, "'%s' must be a list of scopes", key);
		else if (!s)
			r = jt_source_wrong(src, n, "'%.64s' is not a scope of any area", n->text);
		else if (jt_scopes_has(into, s->bit))
			r = jt_source_wrong(src, n, "'%.64s' is there already", n->text);
		else
			jt_scopes_add(into, s->bit);
	}
	return r;
}

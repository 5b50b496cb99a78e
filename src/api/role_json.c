/* SPDX-License-Identifier: Apache-2.0 */
#include "api/role_json.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *jt_json_scopes(const struct jt_policy *p, const struct jt_scopes *scopes)
{
	const char *name[JT_SCOPES_MAX] = {NULL};
	json_t *list = json_array();
	size_t count = 0;

	for (unsigned bit = 0; bit < JT_SCOPES_MAX; bit++)
		if (jt_scopes_has(scopes, bit))
			name[count++] = jt_policy_scope_name(p, bit);
	qsort(name, count, sizeof(*name), by_name);
	for (size_t i = 0; list != NULL && i < count; i++)
		if (json_array_append_new(list, json_string(name[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

json_t *jt_json_aliases(const struct jt_role *role)
{
	json_t *list = json_array();
	bool whole = list != NULL;

	for (unsigned i = 0; whole && role != NULL && i < role->aliases; i++)
		whole = json_array_append_new(list, json_string(role->alias[i])) == 0;
	for (unsigned i = 0; whole && role != NULL && i < role->team_aliases; i++)
		whole = json_array_append_new(list, json_string(role->team_alias[i])) == 0;
	if (whole)
		return list;
	json_decref(list);
	return NULL;
}

json_t *jt_json_managed_role(const struct jt_policy *p, const struct jt_role *role)
{
	char id[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "id", jt_id_text(&role->id, id), "name", role->name,
		"description", role->description, "scopes", jt_json_scopes(p, &role->scopes), "id_aliases",
		jt_json_aliases(role), "role_type", "qwiet", "resource_type", "organization");
}

static json_t *split(const char *names)
{
	json_t *list = json_array();

	while (list != NULL && *names != '\0') {
		size_t n = strcspn(names, " ");

		if (json_array_append_new(list, json_stringn(names, n)) != 0) {
			json_decref(list);
			return NULL;
		}
		names += n + (names[n] == ' ');
	}
	return list;
}

json_t *jt_json_custom_role(const struct jt_role_row *row)
{
	const char *type = row->for_teams ? "team" : "organization";
	char id[JT_ID_TEXT_SIZE], org[JT_ID_TEXT_SIZE];
	json_t *o = json_pack("{s:s, s:s, s:s, s:o, s:[], s:s, s:s, s:s}", "id", jt_id_text(&row->id, id), "name",
		row->name, "description", row->description, "scopes", split(row->scopes), "id_aliases", "role_type",
		type, "resource_type", type, "organization_id", jt_id_text(&row->org, org));

	if (o != NULL && !row->for_teams &&
		json_object_set_new(o, "reach", json_string(row->reach_teams ? "teams" : "org")) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

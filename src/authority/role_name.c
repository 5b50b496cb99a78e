/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/role.h"

#include <stdio.h>
#include <string.h>

static bool fits(const struct jt_role *role, enum jt_role_place place)
{
	if (role->use != JT_ROLE_FOR_USERS)
		return false;
	return place == JT_ROLE_AT_ORG || role->team_aliases > 0;
}

static enum jt_result refuse(const char *field, const char *text, enum jt_role_place place, struct jt_why *why)
{
	return jt_why_say(why, JT_ROLE_NOT_APPLICABLE, "%s: '%.64s' is not a role that can be held %s", field, text,
		place == JT_ROLE_AT_ORG ? "in the organization" : "in a team");
}

enum jt_result jt_role_named(struct jt_tx *tx, const struct jt_id *org, const char *field, const char *text,
	enum jt_role_place place, struct jt_id *id, struct jt_why *why)
{
	enum jt_alias_of of = place == JT_ROLE_AT_ORG ? JT_ALIAS_ORG : JT_ALIAS_TEAM;
	const struct jt_role *managed = jt_policy_role_by_alias(tx->policy, of, text);
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = JT_OK;

	if (managed == NULL) {
		if (jt_id_parse(text, strlen(text), id) != JT_OK)
			return refuse(field, text, place, why);
		managed = jt_policy_role(tx->policy, id);
	}
	if (managed != NULL) {
		*id = managed->id;
		return fits(managed, place) ? JT_OK : refuse(field, text, place, why);
	}
	r = jt_role_get(tx->db, org, id, &rows, &row);
	if (r == JT_NOT_FOUND || (r == JT_OK && row.for_teams != (place == JT_ROLE_IN_TEAM)))
		r = refuse(field, text, place, why);
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_role_called(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *id, char *name,
	size_t size, const struct jt_role **managed)
{
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = JT_OK;

	*managed = jt_policy_role(tx->policy, id);
	if (*managed != NULL) {
		snprintf(name, size, "%s", (*managed)->name);
		return JT_OK;
	}
	r = jt_role_get(tx->db, org, id, &rows, &row);
	if (r == JT_OK)
		snprintf(name, size, "%s", row.name);
	jt_rows_close(&rows);
	return r;
}

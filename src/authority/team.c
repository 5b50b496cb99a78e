/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/team.h"

#include "authority/note.h"
#include "authority/role.h"
#include "base/text.h"
#include "store/identity.h"
#include "store/member.h"

#include <stdio.h>
#include <string.h>

static enum jt_result add_members(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, json_t *list,
	const struct jt_extent *extent, struct jt_why *why)
{
	enum jt_result r = JT_OK;
	json_t *item = NULL;
	size_t i = 0;

	json_array_foreach(list, i, item)
	{
		const char *user = json_string_value(json_object_get(item, "user_id_v2"));
		const char *role = json_string_value(json_object_get(item, "team_role"));
		struct jt_id user_id, role_id;

		if (jt_id_parse(user, strlen(user), &user_id) != JT_OK)
			return jt_why_field(why, "user_id_v2", "must be a UUID");
		r = jt_role_named(tx, &who->caller.org, "team_role", role, JT_ROLE_IN_TEAM, &role_id, why);
		if (r == JT_OK)
			r = jt_team_put_member(tx, who, team, &user_id, &role_id, extent, why);
		r = r == JT_DONE ? JT_OK : r;
		if (r != JT_OK)
			break;
	}
	return r;
}

static enum jt_result remove_members(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	json_t *list, const struct jt_extent *extent, struct jt_why *why)
{
	enum jt_result r = JT_OK;
	json_t *item = NULL;
	size_t i = 0;

	json_array_foreach(list, i, item)
	{
		const char *user = json_string_value(item);
		struct jt_id id;

		if (jt_id_parse(user, strlen(user), &id) != JT_OK)
			return jt_why_field(why, "remove_team_membership", "must be UUIDs");
		if ((r = jt_team_drop_member(tx, who, team, &id, extent, why)) != JT_OK)
			break;
	}
	return r;
}

/* Steps: members go, members come, apps go, apps come. */
static enum jt_result change_parts(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team,
	const struct jt_team_order *order, const struct jt_extent *extent, struct jt_why *why)
{
	enum jt_result r = remove_members(tx, who, team, order->remove_members, extent, why);
	json_t *item = NULL;
	size_t i = 0;

	if (r == JT_OK)
		r = add_members(tx, who, team, order->add_members, extent, why);
	json_array_foreach(order->remove_apps, i, item)
	{
		if (r == JT_OK)
			r = jt_team_remove_app(tx, who, team, json_string_value(item), why);
	}
	json_array_foreach(order->add_apps, i, item)
	{
		if (r == JT_OK)
			r = jt_team_add_app(tx, who, team, extent, json_string_value(item), order->force, why);
	}
	return r;
}

static bool put_list(json_t *o, const char *key, json_t *list)
{
	return json_array_size(list) == 0 || json_object_set(o, key, list) == 0;
}

static json_t *tell(const struct jt_team_order *order, const char *name)
{
	json_t *o = json_pack("{s:s*}", "name", name);

	if (o != NULL && put_list(o, "add_applications", order->add_apps) &&
		put_list(o, "remove_applications", order->remove_apps) &&
		put_list(o, "add_team_membership", order->add_members) &&
		put_list(o, "remove_team_membership", order->remove_members))
		return o;
	json_decref(o);
	return NULL;
}

enum jt_result jt_team_create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_team_order *order,
	struct jt_id *id, struct jt_why *why)
{
	/* Nobody has a grant on a team that is not in the table yet: whoever makes one gives out of what they hold in the org. */
	const struct jt_extent everywhere = {.reach = JT_REACH_ORG};
	struct jt_team_row row = {
		.org = who->caller.org, .id = jt_id_new(tx->now_ns), .version = 1, .created_ns = tx->now_ns};
	enum jt_result r = jt_text_fold(order->name, row.name_fold, sizeof(row.name_fold));

	snprintf(row.name, sizeof(row.name), "%s", order->name);
	if (r == JT_OK && (r = jt_team_insert(tx->db, &row)) == JT_CONSTRAINT)
		r = jt_why_say(why, JT_ALREADY_EXISTS, "there is a team named '%s' already", order->name);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &row.org, JT_NOUN_TEAM, &row.id);
	if (r == JT_OK)
		r = change_parts(tx, who, &row.id, order, &everywhere, why);
	*id = row.id;
	return r == JT_OK ? jt_note_id(tx, who, "create_team", "team", &row.id, tell(order, order->name)) : r;
}

/* Step: the team is as the caller has seen it. */
static enum jt_result take_version(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	int64_t version, struct jt_team_row *row, struct jt_why *why)
{
	enum jt_result r = jt_team_get(tx->db, &who->caller.org, id, row);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such team");
	if (r == JT_OK && version >= 0 && version != row->version)
		return jt_why_say(why, JT_STALE_VERSION, "the team is at version %lld by now; read it again",
			(long long)row->version);
	return r;
}

enum jt_result jt_team_change(struct jt_tx *tx, const struct jt_actor *who, const char *operation,
	const struct jt_id *id, const struct jt_team_order *order, struct jt_why *why)
{
	const struct jt_extent here = {.reach = JT_REACH_TEAMS, .team = id, .teams = 1};
	struct jt_team_row row;
	enum jt_result r = take_version(tx, who, id, order->version, &row, why);

	if (r == JT_OK && order->name != NULL) {
		snprintf(row.name, sizeof(row.name), "%s", order->name);
		r = jt_text_fold(row.name, row.name_fold, sizeof(row.name_fold));
	}
	row.version++;
	if (r == JT_OK && (r = jt_team_update(tx->db, &row)) == JT_CONSTRAINT)
		r = jt_why_say(why, JT_ALREADY_EXISTS, "there is a team named '%s' already", row.name);
	if (r == JT_OK)
		r = change_parts(tx, who, id, order, &here, why);
	return r == JT_OK ? jt_note_id(tx, who, operation, "team", id, tell(order, order->name)) : r;
}

#define APPS_AT_ONCE 256

/* Takes the team's apps out of it, telling the followers of each. *freed gets how many. */
static enum jt_result free_apps(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *team, json_int_t *freed)
{
	char after[JT_APP_NAME_MAX + 1] = "";
	struct jt_app_row app;
	enum jt_result r = JT_OK;

	do {
		struct jt_rows *rows = NULL;

		r = jt_app_list(tx->db, org, team, JT_APP_RISING, after, APPS_AT_ONCE, 0, &rows);
		for (unsigned n = 0; r == JT_OK && (r = jt_app_next(rows, &app)) == JT_OK; n++) {
			snprintf(after, sizeof(after), "%s", app.id);
			(*freed)++;
			r = jt_tx_change(tx, org, JT_NOUN_APP, app.id, strlen(app.id));
			if (r == JT_OK && n + 1 == APPS_AT_ONCE)
				break;
		}
		jt_rows_close(&rows);
	} while (r == JT_OK);
	return r == JT_DONE ? jt_app_leave_team(tx->db, org, team) : r;
}

/* Step: whoever ends all memberships could end each. */
static enum jt_result covers_members(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *team, json_int_t *members, struct jt_why *why)
{
	const struct jt_extent here = {.reach = JT_REACH_TEAMS, .team = team, .teams = 1};
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_member_of_team(tx->db, &who->caller.org, team, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id user = jt_rows_id(rows, 0), role = jt_rows_id(rows, 1);
		struct jt_identity identity;

		(*members)++;
		r = jt_identity_get(tx->db, &who->caller.org, &user, &identity);
		if (r == JT_OK)
			r = jt_rule_membership(tx, who, &identity.role, &role, &here, why);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_team_remove(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, int64_t version, struct jt_why *why)
{
	const struct jt_id *org = &who->caller.org;
	json_int_t members = 0, apps = 0;
	struct jt_team_row row;
	enum jt_result r = take_version(tx, who, id, version, &row, why);

	if (r == JT_OK)
		r = covers_members(tx, who, id, &members, why);
	if (r == JT_OK)
		r = free_apps(tx, org, id, &apps);
	if (r == JT_OK)
		r = jt_team_delete(tx->db, org, id);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_TEAM, id);
	return r == JT_OK ? jt_note_id(tx, who, "delete_team", "team", id,
				    json_pack("{s:s, s:I, s:I}", "name", row.name, "members", members, "apps", apps))
			  : r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/user_json.h"

#include "api/role_json.h"
#include "authority/password.h"
#include "authority/role.h"
#include "base/clock.h"
#include "http/request.h"
#include "http/server.h"
#include "store/member.h"

#include <stdlib.h>
#include <string.h>

/* One entry of team_membership. */
static enum jt_result add_role(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *role,
	const char *team_name, const char *team_id, json_t *list)
{
	const struct jt_role *managed = NULL;
	char name[JT_ROLE_NAME_SIZE] = "", text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_role_called(tx, org, role, name, sizeof(name), &managed);

	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	return json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "team_name", team_name, "team_id",
						   team_id, "role", jt_id_text(role, text), "role_name", name,
						   "role_aliases", jt_json_aliases(managed))) == 0
		       ? JT_OK
		       : JT_NOMEM;
}

enum jt_result jt_json_teams_of(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, json_t *list)
{
	struct jt_rows *rows = NULL;
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_member_of_account(tx->db, org, user, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id team = jt_rows_id(rows, 0), role = jt_rows_id(rows, 1);

		r = add_role(tx, org, &role, jt_rows_text(rows, 2), jt_id_text(&team, text), list);
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result memberships(struct jt_tx *tx, const struct jt_account_row *row, json_t *list)
{
	enum jt_result r = add_role(tx, &row->org, &row->role, "", "", list);

	return r == JT_OK ? jt_json_teams_of(tx, &row->org, &row->id, list) : r;
}

/* There is one sign-in to tell of, or none. */
static json_t *logins(const struct jt_account_row *row)
{
	return row->login_ns != 0 ? json_pack("[I]", (json_int_t)row->login_ns) : json_array();
}

/* The later of sign-in and use of the personal token; neither: left out. */
static enum jt_result add_activity(struct jt_tx *tx, const struct jt_account_row *row, json_t *o)
{
	int64_t last_ns = row->login_ns, used_s = 0;
	enum jt_result r = jt_account_last_use(tx->db, &row->org, &row->id, &used_s);

	if (used_s * JT_NS_PER_S > last_ns)
		last_ns = used_s * JT_NS_PER_S;
	if (r != JT_OK || last_ns == 0)
		return r;
	return jt_json_set(o, "last_activity_utc_timestamp", jt_json_time_ns(last_ns), JT_ABSENT_NOMEM);
}

static enum jt_result add_details(struct jt_tx *tx, const struct jt_account_row *row, json_t *o)
{
	enum jt_result r = jt_json_set(o, "joined_utc_timestamp", jt_json_time_ns(row->joined_ns), JT_ABSENT_NOMEM);

	if (r == JT_OK)
		r = add_activity(tx, row, o);
	if (r == JT_OK)
		r = jt_json_set(o, "last_login_utc_timestamp_history", logins(row), JT_ABSENT_NOMEM);
	if (r == JT_OK)
		r = jt_json_set(o, "disabled", json_boolean(row->disabled), JT_ABSENT_NOMEM);
	return r;
}

enum jt_result jt_json_user(
	struct jt_tx *tx, const struct jt_account_row *row, enum jt_user_details details, json_t **out)
{
	char id[JT_ID_TEXT_SIZE];
	json_t *list = json_array(), *o = NULL;
	enum jt_result r = list != NULL ? memberships(tx, row, list) : JT_NOMEM;

	if (r != JT_OK) {
		json_decref(list);
		return r;
	}
	o = json_pack("{s:s, s:s, s:s, s:o}", "name", row->name, "email", row->email, "id_v2", jt_id_text(&row->id, id),
		"team_membership", list);
	if (o == NULL)
		return JT_NOMEM;
	if (details == JT_USER_DETAILS)
		r = add_details(tx, row, o);
	if (r == JT_OK)
		*out = o;
	else
		json_decref(o);
	return r;
}

json_t *jt_json_me(const struct jt_account_row *row, const char *org_name)
{
	char id[JT_ID_TEXT_SIZE], org[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:b, s:[{s:s, s:s}], s:[], s:o}", "idv2", jt_id_text(&row->id, id), "name",
		row->name, "email", row->email, "emailVerified", 0, "membership", "organization",
		jt_id_text(&row->org, org), "organizationName", org_name, "invites", "lastLoginUTCTimestampHistory",
		logins(row));
}

json_t *jt_json_link(const struct jt_call *c, const char *purpose, const char *secret)
{
	return json_sprintf("%s/%s#token=%s", jt_server_url_public(c->http->server), purpose, secret);
}

enum jt_result jt_api_hash_password(struct jt_call *c)
{
	const char *password = jt_call_text(c, "password");
	char *hash = NULL;
	enum jt_result r;

	if (password == NULL || c->state != NULL)
		return JT_OK;
	hash = malloc(JT_PASSWORD_HASH_SIZE);
	if (hash == NULL)
		return JT_NOMEM;
	r = jt_password_hash(password, strlen(password), hash);
	if (r == JT_OK)
		c->state = hash;
	else
		free(hash);
	return r;
}

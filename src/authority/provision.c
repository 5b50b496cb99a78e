/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/provision.h"

#include "authority/audit.h"
#include "authority/authority.h"
#include "authority/note.h"
#include "authority/role.h"
#include "authority/team.h"
#include "base/text.h"

#include <string.h>

/* Is it about what was asked for, not about the machinery or the caller's token? What is about the caller's power is recorded:
 * the answer is a success, and only names the item. */
static bool is_refusal(struct jt_tx *tx, const struct jt_actor *who, enum jt_result r)
{
	if (jt_result_about_power(r))
		jt_refusals_note(jt_authority_refusals(tx->au), who, "provision_users", jt_result_code(r));
	return r != JT_OK && r != JT_UNAUTHENTICATED && jt_result_status(r) < 500;
}

static enum jt_result name_once(json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
			return JT_OK;
	return json_array_append_new(list, json_string(text)) == 0 ? JT_OK : JT_NOMEM;
}

static const char *text_of(const json_t *item, const char *field)
{
	return json_string_value(json_object_get(item, field));
}

static enum jt_result make(struct jt_tx *tx, const struct jt_actor *who, const json_t *item, const struct jt_id *role,
	struct jt_account_row *row)
{
	struct jt_new_user user = {
		.org = who->caller.org, .role = *role, .email = text_of(item, "email"), .name = text_of(item, "name")};
	char text[JT_ID_TEXT_SIZE];
	enum jt_result r = jt_user_add(tx, &user, row, NULL);

	return r == JT_OK ? jt_note_id(tx, who, "provision_users", "user", &row->id,
				    json_pack("{s:s, s:s, s:s}", "email", row->email, "name", row->name, "role",
					    jt_id_text(role, text)))
			  : r;
}

/* Step: the role, to one who is there or to one who comes. *list gets where a refusal belongs. A role with reach `teams` is
 * asked about even if the user has it: memberships give it more reach. */
static enum jt_result settle(struct jt_tx *tx, const struct jt_actor *who, const json_t *item,
	struct jt_rejected *rejected, struct jt_account_row *row, json_t **list)
{
	const struct jt_id *org = &who->caller.org;
	char fold[JT_ACCOUNT_EMAIL_SIZE];
	struct jt_scopes scopes;
	enum jt_reach reach = JT_REACH_ORG;
	struct jt_id role;
	bool known, same;
	enum jt_result r = jt_role_named(
		tx, org, "organization_role", text_of(item, "organization_role"), JT_ROLE_AT_ORG, &role, NULL);

	*list = rejected->org_roles;
	if (r != JT_OK || (r = jt_text_fold(text_of(item, "email"), fold, sizeof(fold))) != JT_OK)
		return r;
	r = jt_account_by_email(tx->db, org, fold, row);
	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	known = r == JT_OK;
	same = known && jt_id_equal(&row->role, &role);
	r = jt_rule_role(tx, org, &role, &scopes, &reach, NULL);
	if (r == JT_OK && !(same && reach == JT_REACH_ORG))
		r = jt_user_may_be(tx, who, &role, NULL);
	if (r != JT_OK)
		return r;
	*list = rejected->emails;
	if (!known)
		return make(tx, who, item, &role, row);
	if (same)
		return JT_OK;
	r = jt_user_set_role(tx, who, "provision_users", &row->id, &role, NULL);
	row->role = role;
	return r;
}

/* Step: one membership. JT_NOT_FOUND for a team that is not there. */
static enum jt_result place(
	struct jt_tx *tx, const struct jt_actor *who, const json_t *entry, const struct jt_account_row *row)
{
	const char *team_text = text_of(entry, "team_id");
	const char *role_text = text_of(entry, "role");
	char text[JT_ID_TEXT_SIZE];
	struct jt_team_row team;
	struct jt_id id, role;
	struct jt_extent here = {.reach = JT_REACH_TEAMS, .team = &id, .teams = 1};
	enum jt_result r = jt_id_parse(team_text, strlen(team_text), &id);

	if (r == JT_OK)
		r = jt_team_get(tx->db, &row->org, &id, &team);
	if (r == JT_OK)
		r = jt_role_named(tx, &row->org, "role", role_text, JT_ROLE_IN_TEAM, &role, NULL);
	if (r == JT_OK)
		r = jt_team_put_member(tx, who, &id, &row->id, &role, &here, NULL);
	if (r == JT_DONE)
		return JT_OK;
	if (r == JT_OK)
		r = jt_team_touch(tx->db, &row->org, &id);
	return r == JT_OK ? jt_note_id(tx, who, "provision_users", "team", &id,
				    json_pack("{s:s, s:s}", "email", row->email, "team_role", jt_id_text(&role, text)))
			  : r;
}

static enum jt_result place_all(struct jt_tx *tx, const struct jt_actor *who, const json_t *item,
	struct jt_rejected *rejected, const struct jt_account_row *row)
{
	const json_t *list = json_object_get(item, "team_membership");
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		r = place(tx, who, entry, row);
		if (is_refusal(tx, who, r))
			r = name_once(rejected->team_roles, text_of(entry, "role"));
	}
	return r;
}

enum jt_result jt_provision(struct jt_tx *tx, const struct jt_actor *who, const json_t *item,
	struct jt_rejected *rejected, struct jt_account_row *row, bool *done)
{
	const char *email = text_of(item, "email");
	const uint64_t changes = tx->changes;
	json_t *list = NULL;
	enum jt_result r, undone;

	*done = false;
	if (!jt_text_is_email(email, strlen(email)))
		return name_once(rejected->emails, email);
	r = jt_db_savepoint(tx->db);
	if (r != JT_OK)
		return r;
	r = settle(tx, who, item, rejected, row, &list);
	if (r == JT_OK)
		r = place_all(tx, who, item, rejected, row);
	if (r == JT_OK) {
		*done = true;
		return jt_db_release(tx->db);
	}
	/* What is undone leaves no changes behind either. */
	undone = jt_db_undo(tx->db);
	tx->changes = changes;
	if (!is_refusal(tx, who, r))
		return r;
	if (undone != JT_OK)
		return undone;
	return name_once(list, list == rejected->emails ? email : text_of(item, "organization_role"));
}

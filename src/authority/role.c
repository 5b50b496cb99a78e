/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/role.h"

#include "authority/note.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE (128 * 4 + 1)
#define SCOPES_SIZE (JT_SCOPES_MAX * (JT_SCOPE_NAME_MAX + 1) + 1)

/* Step: every item is a scope, or a family of them, that a custom role may have. */
static enum jt_result take_scopes(struct jt_tx *tx, json_t *list, struct jt_scopes *out, struct jt_why *why)
{
	enum jt_result r = JT_OK;
	json_t *item = NULL;
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	json_array_foreach(list, i, item)
	{
		const char *name = json_string_value(item);
		struct jt_scopes one = {{0}}, forbidden;
		char field[32];

		snprintf(field, sizeof(field), "scopes[%zu]", i);
		if (jt_policy_expand(tx->policy, name, &one) != JT_OK) {
			r = jt_why_field(why, field, "'%s' is not a scope here", name);
			continue;
		}
		forbidden = one;
		jt_scopes_cut(&forbidden, &tx->policy->owner_only);
		if (!jt_scopes_empty(&forbidden) && strchr(name, '*') == NULL)
			r = jt_why_field(why, field, "'%s' belongs to the owner and cannot be in a role", name);
		jt_scopes_minus(&one, &tx->policy->owner_only);
		jt_scopes_unite(out, &one);
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a set, sorted, one space between: a new text. */
static enum jt_result spell_scopes(const struct jt_policy *p, const struct jt_scopes *scopes, char **out)
{
	const char *name[JT_SCOPES_MAX] = {NULL};
	char *text = malloc(SCOPES_SIZE);
	size_t count = 0, at = 0;

	if (text == NULL)
		return JT_NOMEM;
	for (unsigned bit = 0; bit < JT_SCOPES_MAX; bit++)
		if (jt_scopes_has(scopes, bit))
			name[count++] = jt_policy_scope_name(p, bit);
	qsort(name, count, sizeof(*name), by_name);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(name[i]);

		if (i > 0)
			text[at++] = ' ';
		memcpy(text + at, name[i], length);
		at += length;
	}
	text[at] = '\0';
	*out = text;
	return JT_OK;
}

static bool is_managed_name(const struct jt_policy *p, const char *fold)
{
	char other[sizeof(p->role[0].name)];

	for (unsigned i = 0; i < p->role_count; i++)
		if (jt_text_fold(p->role[i].name, other, sizeof(other)) == JT_OK && strcmp(other, fold) == 0)
			return true;
	return false;
}

static const struct jt_extent EVERYWHERE = {.reach = JT_REACH_ORG};

/* Step: there is room for one more. */
static enum jt_result has_room(struct jt_tx *tx, const struct jt_id *org, struct jt_why *why)
{
	int64_t count = 0;
	enum jt_result r = jt_role_count(tx->db, org, &count);

	if (r == JT_OK && count >= JT_ROLES_CUSTOM_MAX)
		return jt_why_say(
			why, JT_CUSTOM_ROLE_CONFLICT, "an org has at most %d custom roles", JT_ROLES_CUSTOM_MAX);
	return r;
}

enum jt_result jt_role_create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_role_order *order,
	struct jt_id *id, struct jt_why *why)
{
	char fold[NAME_SIZE], *text = NULL;
	struct jt_role_row row = {.org = who->caller.org,
		.id = jt_id_new(tx->now_ns),
		.name = order->name,
		.name_fold = fold,
		.description = order->description != NULL ? order->description : "",
		.for_teams = order->for_teams,
		.reach_teams = order->reach_teams,
		.created_ns = tx->now_ns};
	struct jt_scopes scopes;
	enum jt_result r = jt_text_fold(order->name, fold, sizeof(fold));

	if (r == JT_OK)
		r = take_scopes(tx, order->scopes, &scopes, why);
	if (r == JT_OK)
		r = jt_rule_ceiling(tx, who, &scopes, &EVERYWHERE, why);
	if (r == JT_OK && is_managed_name(tx->policy, fold))
		r = jt_why_say(why, JT_CUSTOM_ROLE_CONFLICT, "'%s' is the name of a managed role", order->name);
	if (r == JT_OK)
		r = has_room(tx, &row.org, why);
	if (r == JT_OK)
		r = spell_scopes(tx->policy, &scopes, &text);
	if (r == JT_OK) {
		row.scopes = text;
		r = jt_role_insert(tx->db, &row);
		if (r == JT_CONSTRAINT)
			r = jt_why_say(why, JT_CUSTOM_ROLE_CONFLICT, "there is a role named '%s' already", order->name);
	}
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &row.org, JT_NOUN_ROLE, &row.id);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "create_role", "role", &row.id,
			json_pack("{s:s, s:s, s:s, s:s}", "name", row.name, "scopes", text, "role_type",
				row.for_teams ? "team" : "organization", "reach", row.reach_teams ? "teams" : "org"));
	*id = row.id;
	free(text);
	return r;
}

/* Step: nobody changes a role that they hold, at large or in a team. */
static enum jt_result not_own(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *role, struct jt_why *why)
{
	int64_t teams = 0;
	enum jt_result r = JT_OK;

	if (jt_id_equal(&who->caller.role, role))
		return jt_why_say(why, JT_OWN_ROLE, "you hold this role yourself: somebody else has to change it");
	if (jt_id_is_none(&who->caller.user))
		return JT_OK;
	r = jt_role_held_in_teams(tx->db, &who->caller.org, role, &who->caller.user, &teams);
	if (r == JT_OK && teams > 0)
		return jt_why_say(why, JT_OWN_ROLE, "you hold this role in a team: somebody else has to change it");
	return r;
}

/* What differs between two sets: what is given and what is taken. */
static struct jt_scopes difference(const struct jt_scopes *a, const struct jt_scopes *b)
{
	struct jt_scopes given = *b, taken = *a;

	jt_scopes_minus(&given, a);
	jt_scopes_minus(&taken, b);
	jt_scopes_unite(&given, &taken);
	return given;
}

static enum jt_result write_change(struct jt_tx *tx, const struct jt_actor *who, const struct jt_role_row *old,
	const struct jt_role_order *order, const char *scopes, struct jt_why *why)
{
	char fold[NAME_SIZE];
	struct jt_role_row row = *old;
	json_t *detail = json_pack("{s:s, s:s}", "scopes_were", old->scopes, "scopes", scopes);
	enum jt_result r = detail != NULL ? JT_OK : JT_NOMEM;

	row.scopes = scopes;
	row.name = order->name != NULL ? order->name : old->name;
	row.description = order->description != NULL ? order->description : old->description;
	row.name_fold = fold;
	if (r == JT_OK)
		r = jt_text_fold(row.name, fold, sizeof(fold));
	if (r == JT_OK && order->name != NULL && json_object_set_new(detail, "name", json_string(order->name)) != 0)
		r = JT_NOMEM;
	if (r == JT_OK && is_managed_name(tx->policy, fold))
		r = jt_why_say(why, JT_ALREADY_EXISTS, "'%s' is the name of a managed role", row.name);
	if (r == JT_OK && (r = jt_role_update(tx->db, &row)) == JT_CONSTRAINT)
		r = jt_why_say(why, JT_ALREADY_EXISTS, "there is a role named '%s' already", row.name);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &row.org, JT_NOUN_ROLE, &row.id);
	if (r != JT_OK) {
		json_decref(detail);
		return r;
	}
	return jt_note_id(tx, who, "update_role", "role", &row.id, detail);
}

enum jt_result jt_role_change(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	const struct jt_role_order *order, struct jt_why *why)
{
	struct jt_scopes old_scopes, new_scopes, changed;
	struct jt_rows *rows = NULL;
	struct jt_role_row old;
	enum jt_reach reach;
	char *text = NULL;
	enum jt_result r = jt_role_get(tx->db, &who->caller.org, id, &rows, &old);

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such custom role");
	if (r == JT_OK)
		r = not_own(tx, who, id, why);
	if (r == JT_OK)
		r = take_scopes(tx, order->scopes, &new_scopes, why);
	if (r == JT_OK)
		r = jt_rule_role(tx, &who->caller.org, id, &old_scopes, &reach, why);
	if (r == JT_OK) {
		changed = difference(&old_scopes, &new_scopes);
		r = jt_rule_ceiling(tx, who, &changed, &EVERYWHERE, why);
	}
	if (r == JT_OK)
		r = spell_scopes(tx->policy, &new_scopes, &text);
	if (r == JT_OK)
		r = write_change(tx, who, &old, order, text, why);
	free(text);
	jt_rows_close(&rows);
	return r;
}

enum jt_result jt_role_remove(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, struct jt_why *why)
{
	struct jt_role_use_count uses = {0};
	struct jt_rows *rows = NULL;
	struct jt_role_row row;
	enum jt_result r = jt_role_get(tx->db, &who->caller.org, id, &rows, &row);
	json_t *detail = NULL;

	if (r == JT_NOT_FOUND)
		return jt_why_say(why, r, "there is no such custom role");
	if (r != JT_OK)
		return r;
	detail = json_pack("{s:s, s:s}", "name", row.name, "scopes", row.scopes);
	jt_rows_close(&rows);
	r = jt_role_uses(tx->db, &who->caller.org, id, &uses);
	if (r == JT_OK && uses.users + uses.members + uses.tokens + uses.invitations > 0)
		r = jt_why_say(why, JT_ROLE_IN_USE,
			"in use: %lld users, %lld team memberships, %lld tokens, %lld pending invitations",
			(long long)uses.users, (long long)uses.members, (long long)uses.tokens,
			(long long)uses.invitations);
	if (r == JT_OK)
		r = jt_role_delete(tx->db, &who->caller.org, id);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &who->caller.org, JT_NOUN_ROLE, id);
	if (r != JT_OK) {
		json_decref(detail);
		return r;
	}
	return jt_note_id(tx, who, "delete_role", "role", id, detail);
}

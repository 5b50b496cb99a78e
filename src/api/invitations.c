/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/user_json.h"
#include "authority/invitation.h"

#include <stdlib.h>
#include <string.h>

#define WHOLE_MAX 1000

static json_t *invitation_json(const struct jt_invitation_row *row)
{
	char id[JT_ID_TEXT_SIZE], role[JT_ID_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:s, s:I}", "id", jt_id_text(&row->id, id), "name", row->name, "email",
		row->email, "role", jt_id_text(&row->role, role), "invited_utc_timestamp", (json_int_t)row->created_ns);
}

static enum jt_result open_list(struct jt_call *c, struct jt_tx *tx, const struct jt_page *page, struct jt_rows **rows)
{
	struct jt_id after;

	if (page->continued && page->after_size != sizeof(after.b))
		return jt_why_field(&c->why, "after", "is not what a next_page had");
	memcpy(after.b, page->after, sizeof(after.b));
	return jt_invitation_list(tx->db, &c->org, page->descending ? JT_INVITATION_FALLING : JT_INVITATION_RISING,
		page->continued ? &after : NULL, (int64_t)page->limit + 1, page->offset, rows);
}

/* Takes the rows beyond `keep` away again and says where the list goes on. */
static enum jt_result cut(struct jt_call *c, const struct jt_page *page, json_t *list)
{
	unsigned keep = 0;
	const char *last = NULL;
	struct jt_id id;

	jt_page_full(page, &keep);
	while (json_array_size(list) > keep)
		if (json_array_remove(list, json_array_size(list) - 1) != 0)
			return JT_INTERNAL;
	last = json_string_value(json_object_get(json_array_get(list, keep - 1), "id"));
	if (last == NULL || jt_id_parse(last, strlen(last), &id) != JT_OK)
		return JT_INTERNAL;
	return jt_page_more(c, page, id.b, sizeof(id.b));
}

static enum jt_result run_list(struct jt_call *c, struct jt_tx *tx)
{
	json_t *list = json_array();
	struct jt_invitation_row row;
	struct jt_rows *rows = NULL;
	struct jt_page page;
	enum jt_result r = list != NULL ? jt_page_read(c, WHOLE_MAX, &page) : JT_NOMEM;

	if (r == JT_OK)
		r = open_list(c, tx, &page, &rows);
	while (r == JT_OK && (r = jt_invitation_next(rows, &row)) == JT_OK)
		if (json_array_append_new(list, invitation_json(&row)) != 0)
			r = JT_NOMEM;
	jt_rows_close(&rows);
	if (r == JT_DONE)
		r = json_array_size(list) > page.limit ? cut(c, &page, list) : JT_OK;
	if (r == JT_OK)
		return jt_call_answer(c, list);
	json_decref(list);
	return r;
}

static enum jt_result run_create(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_invitation_order order = {.email = jt_call_text(c, "email"),
		.name = jt_call_text(c, "name"),
		.role = jt_call_text(c, "org_role")};
	struct jt_invitation_row row;
	struct jt_new_link link;
	json_t *answer = NULL;
	enum jt_result r = jt_invitation_make(tx, &c->who, &order, &row, &link, &c->why);

	if (r == JT_OK) {
		answer = invitation_json(&row);
		if (answer != NULL &&
			json_object_set_new(answer, "url", jt_json_link(c, "invitation", link.secret)) != 0) {
			json_decref(answer);
			answer = NULL;
		}
		r = jt_call_answer(c, answer);
	}
	jt_secret_wipe(&link, sizeof(link));
	return r;
}

static enum jt_result run_delete(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_id id;
	enum jt_result r = jt_call_path_id(c, "invitation", &id);

	return r == JT_OK ? jt_invitation_withdraw(tx, &c->who, &id, &c->why) : r;
}

static enum jt_result check_accept(struct jt_call *c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *secret = jt_call_text(c, "token");

	if (secret[strspn(secret, letters)] != '\0')
		return jt_why_field(&c->why, "token", "must be the secret at the end of a link");
	return JT_OK;
}

static enum jt_result run_accept(struct jt_call *c, struct jt_tx *tx)
{
	struct jt_acceptance order = {
		.secret = jt_call_text(c, "token"), .name = jt_call_text(c, "name"), .password = c->state};

	return jt_link_accept(tx, &c->who, &order, &c->why);
}

static const struct jt_field create_fields[] = {
	{.name = "email", .type = JT_FIELD_EMAIL, .need = JT_REQUIRED, .min = 3, .max = 254},
	{.name = "org_role", .type = JT_FIELD_NAME, .need = JT_REQUIRED, .min = 1, .max = 128},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{0},
};
static const struct jt_field create_body[] = {{.type = JT_FIELD_OBJECT, .of = create_fields}};
static const struct jt_field accept_fields[] = {
	{.name = "token", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 16, .max = 128},
	{.name = "name", .type = JT_FIELD_NAME, .min = 1, .max = 128},
	{.name = "password", .type = JT_FIELD_SECRET, .need = JT_REQUIRED, .min = 12, .max = 1024},
	{0},
};
static const struct jt_field accept_body[] = {{.type = JT_FIELD_OBJECT, .of = accept_fields}};

#define INVITATIONS "/api/v4/orgs/{org}/rbac/invitations"

const struct jt_op jt_api_invitations[] = {
	{.id = "list_invitations",
		.method = "GET",
		.path = INVITATIONS,
		.scope = "org_invitations:list",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_FULL,
		.run = run_list},
	{.id = "create_invitation",
		.method = "POST",
		.path = INVITATIONS,
		.scope = "org_invitations:create",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL | JT_OP_STRICT | JT_OP_SECRET,
		.body = create_body,
		.run = run_create},
	{.id = "delete_invitation",
		.method = "DELETE",
		.path = INVITATIONS "/{invitation}",
		.scope = "org_invitations:delete",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_WRITE | JT_OP_FULL,
		.run = run_delete},
	{.id = "accept_invitation",
		.method = "POST",
		.path = "/api/v4/invitations/accept",
		.level = JT_LEVEL_OPEN,
		.flags = JT_OP_WRITE | JT_OP_STRICT | JT_OP_GUARDED,
		.body = accept_body,
		.check = check_accept,
		.hash = jt_api_hash_password,
		.run = run_accept},
	{0},
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"
#include "authority/note.h"
#include "authority/personal.h"
#include "base/text.h"
#include "store/identity.h"
#include "store/org.h"

#include <stdio.h>
#include <string.h>

#define SLUGS_MAX 10000
#define NAME_MAX_CHARACTERS 128

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static bool is_name(const char *text)
{
	return jt_text_is_name(text, strlen(text)) && characters(text) <= NAME_MAX_CHARACTERS;
}

enum jt_result jt_new_org_check(const struct jt_new_org *order, struct jt_why *why)
{
	enum jt_result r = JT_OK;

	if (!is_name(order->name))
		r = jt_why_field(why, "name", "must be 1 to %d characters, none of them a control character",
			NAME_MAX_CHARACTERS);
	if (!jt_text_is_email(order->owner_email, strlen(order->owner_email)))
		r = jt_why_field(why, "owner", "'%.100s' is not an e-mail address", order->owner_email);
	if (order->owner_name && !is_name(order->owner_name))
		r = jt_why_field(why, "owner name", "must be 1 to %d characters, none of them a control character",
			NAME_MAX_CHARACTERS);
	return r;
}

/* The name's slug, or the first of slug-2, slug-3, ... that nobody has. */
static enum jt_result free_slug(struct jt_db *db, const char *name, char out[JT_ORG_SLUG_SIZE])
{
	char base[JT_ORG_SLUG_SIZE - 8];
	char whole[JT_ORG_NAME_SIZE];
	struct jt_id taken;
	enum jt_result r = jt_text_slug(name, whole, sizeof(whole));

	if (r != JT_OK)
		return r;
	(void)snprintf(base, sizeof(base), "%.*s", (int)sizeof(base) - 1, whole);
	(void)snprintf(out, JT_ORG_SLUG_SIZE, "%s", base);
	for (unsigned n = 2; (r = jt_org_by_slug(db, out, &taken)) == JT_OK; n++) {
		if (n > SLUGS_MAX)
			return JT_CONFLICT;
		(void)snprintf(out, JT_ORG_SLUG_SIZE, "%s-%u", base, n);
	}
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result insert_owner(
	struct jt_tx *tx, const struct jt_org_row *org, const struct jt_new_org *order, const char *password_hash)
{
	const struct jt_role *admin = jt_policy_super_admin(tx->policy);
	char email_fold[256], name[JT_ORG_NAME_SIZE], name_fold[JT_ORG_NAME_SIZE];
	struct jt_founder owner = {.org = org->id,
		.id = org->owner,
		.email = order->owner_email,
		.email_fold = email_fold,
		.name = name,
		.name_fold = name_fold,
		.password = password_hash,
		.joined_ns = tx->now_ns};
	enum jt_result r = admin ? JT_OK : JT_CONFLICT;

	if (order->owner_name)
		(void)snprintf(name, sizeof(name), "%s", order->owner_name);
	else
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(order->owner_email, "@"), order->owner_email);
	if (r == JT_OK)
		r = jt_text_fold(owner.email, email_fold, sizeof(email_fold));
	if (r == JT_OK)
		r = jt_text_fold(name, name_fold, sizeof(name_fold));
	if (r != JT_OK)
		return r;
	owner.role = admin->id;
	return jt_founder_insert(tx->db, &owner);
}

enum jt_result jt_org_found(struct jt_tx *tx, const struct jt_actor *who, const struct jt_new_org *order,
	const char *password_hash, const char *operation, struct jt_made_org *out, struct jt_why *why)
{
	struct jt_org_row org = {.id = jt_id_new(tx->now_ns), .owner = jt_id_new(tx->now_ns), .active = true};
	struct jt_actor within = *who;
	enum jt_result r = jt_new_org_check(order, why);

	if (r != JT_OK)
		return r;
	org.created_ns = tx->now_ns;
	(void)snprintf(org.name, sizeof(org.name), "%s", order->name);
	r = free_slug(tx->db, order->name, org.slug);
	if (r == JT_OK)
		r = jt_org_insert(tx->db, &org);
	if (r == JT_OK)
		r = insert_owner(tx, &org, order, password_hash);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &org.id, JT_NOUN_ORG, &org.id);
	if (r == JT_OK)
		r = jt_tx_changed_id(tx, &org.id, JT_NOUN_USER, &org.owner);
	if (r == JT_OK)
		r = jt_personal_issue(tx, &org.id, &org.owner, out->token, NULL);
	if (r != JT_OK)
		return r;
	out->org = org.id;
	out->owner = org.owner;
	within.caller.org = org.id;
	return jt_note_id(tx, &within, operation, "org", &org.id,
		json_pack("{s:s, s:s, s:s}", "name", org.name, "slug", org.slug, "owner", order->owner_email));
}

enum jt_result jt_org_create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_new_org *order,
	const char *password_hash, struct jt_made_org *out, struct jt_why *why)
{
	return jt_org_found(tx, who, order, password_hash, "create_org", out, why);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/vocabulary.h"

#include "catalogue/catalogue.h"
#include "store/meta.h"
#include "store/scope.h"

#include <stdlib.h>
#include <string.h>

enum jt_result jt_vocabulary_load(const char *path, struct jt_policy **out, struct jt_why *why)
{
	struct jt_catalogue_error error = {{0}};
	bool own = path && *path;
	enum jt_result r = own ? jt_catalogue_load(path, out, &error) : jt_catalogue_default(out, &error);

	if (r == JT_OK)
		return JT_OK;
	*out = NULL;
	if (error.text[0])
		return jt_why_say(why, r, "%s", error.text);
	return jt_why_say(why, r, "catalogue %s: %s", own ? path : "(built in)", jt_result_text(r));
}

/* What the database knows: who has which bit, and which bit is the next that nobody ever had. */
struct bits {
	struct jt_scope_bit known[JT_SCOPES_MAX];
	size_t count;
	unsigned next;
};

static int known_bit(const struct bits *b, const char *name)
{
	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(b->known[i].name, name) == 0)
			return b->known[i].bit;
	}
	return -1;
}

static enum jt_result give_bits(
	struct jt_db *db, const struct jt_policy *p, struct bits *b, uint16_t out[JT_SCOPES_MAX], struct jt_why *why)
{
	for (unsigned i = 0; i < p->scope_count; i++) {
		int bit = known_bit(b, p->scope[i].name);
		enum jt_result r = JT_OK;

		if (bit < 0) {
			if (b->next >= JT_SCOPES_MAX)
				return jt_why_say(why, JT_CONFLICT,
					"scope %s: all %d bits were given to scopes, some no longer in the catalogue",
					p->scope[i].name, JT_SCOPES_MAX);
			bit = (int)b->next++;
			r = jt_scope_bit_add(db, (unsigned)bit, p->scope[i].name);
			if (r != JT_OK)
				return r;
		}
		out[i] = (uint16_t)bit;
	}
	return JT_OK;
}

enum jt_result jt_vocabulary_assign(struct jt_db *db, struct jt_policy *p, struct jt_why *why)
{
	struct bits *b = calloc(1, sizeof(*b));
	uint16_t given[JT_SCOPES_MAX] = {0};
	char digest[JT_META_VALUE_MAX] = "";
	enum jt_result r = b ? jt_scope_bits(db, b->known, &b->count) : JT_NOMEM;

	for (size_t i = 0; r == JT_OK && i < b->count; i++) {
		if (b->known[i].bit >= b->next)
			b->next = b->known[i].bit + 1u;
	}
	if (r == JT_OK)
		r = give_bits(db, p, b, given, why);
	if (r == JT_OK)
		r = jt_meta_get(db, JT_META_CATALOGUE_DIGEST, digest, sizeof(digest));
	if (r == JT_NOT_FOUND)
		r = JT_OK;
	if (r == JT_OK && strcmp(digest, p->digest) != 0)
		r = jt_meta_set(db, JT_META_CATALOGUE_DIGEST, p->digest);
	if (r == JT_OK)
		jt_catalogue_assign(p, given);
	free(b);
	return r;
}

/* Names with one space between, of one role. Returns how many the catalogue lacks. */
static unsigned missing_scopes(
	const struct jt_policy *p, const char *names, const char *org, const char *role, struct jt_why *why)
{
	unsigned missing = 0;

	while (*names) {
		size_t length = strcspn(names, " ");

		if (!jt_policy_scope(p, names, length)) {
			(void)jt_why_field(why, "catalogue", "scope %.*s is used by role '%.60s' of org %.40s",
				(int)length, names, role, org);
			missing++;
		}
		names += length + (names[length] == ' ' ? 1 : 0);
	}
	return missing;
}

static enum jt_result check_scopes(struct jt_db *db, const struct jt_policy *p, unsigned *missing, struct jt_why *why)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_scope_uses(db, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK)
		*missing += missing_scopes(p, jt_rows_text(rows, 2), jt_rows_text(rows, 0), jt_rows_text(rows, 1), why);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

/* Roles that no org made must be the catalogue's, and of the sort that they are used as. */
static enum jt_result check_roles(struct jt_db *db, const struct jt_policy *p, unsigned *missing, struct jt_why *why)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_scope_role_uses(db, &rows);

	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		const char *used_by = jt_rows_text(rows, 0);
		struct jt_id id = jt_rows_id(rows, 1);
		const struct jt_role *role = jt_policy_role(p, &id);
		enum jt_role_use use = strcmp(used_by, "token") == 0 ? JT_ROLE_FOR_TOKENS : JT_ROLE_FOR_USERS;
		char text[JT_ID_TEXT_SIZE];

		if (role && role->use == use)
			continue;
		(void)jt_why_field(why, "catalogue", "role %s is that of %lld %ss", jt_id_text(&id, text),
			(long long)jt_rows_int(rows, 2), used_by);
		(*missing)++;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_vocabulary_covers(struct jt_db *db, const struct jt_policy *p, struct jt_why *why)
{
	unsigned missing = 0;
	enum jt_result r = check_scopes(db, p, &missing, why);

	if (r == JT_OK)
		r = check_roles(db, p, &missing, why);
	if (r == JT_OK && missing > 0)
		r = jt_why_say(why, JT_CONFLICT, "the catalogue lacks %u scopes or roles that are in use", missing);
	return r;
}

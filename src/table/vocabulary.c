/* SPDX-License-Identifier: Apache-2.0 */
#include "table/vocabulary.h"

#include <string.h>

static void put_set(struct jt_buf *out, const struct jt_scopes *s)
{
	for (unsigned i = 0; i < JT_SCOPES_MAX / 64; i++)
		jt_buf_put_u64(out, s->word[i]);
}

static enum jt_result read_set(struct jt_reader *in, struct jt_scopes *s)
{
	enum jt_result r = JT_OK;

	for (unsigned i = 0; r == JT_OK && i < JT_SCOPES_MAX / 64; i++)
		r = jt_read_u64(in, &s->word[i]);
	return r;
}

static void put_name(struct jt_buf *out, const char *name)
{
	jt_buf_put_blob(out, name, strlen(name));
}

/* A text of less than `size` bytes, without a NUL inside. */
static enum jt_result read_name(struct jt_reader *in, char *out, size_t size)
{
	const uint8_t *at = NULL;
	size_t length = 0;
	enum jt_result r = jt_read_blob(in, size - 1, &at, &length);

	if (r != JT_OK)
		return r;
	if (length > 0 && memchr(at, 0, length))
		return JT_MALFORMED;
	if (length > 0)
		memcpy(out, at, length);
	out[length] = '\0';
	return JT_OK;
}

static enum jt_result read_count(struct jt_reader *in, unsigned max, unsigned *out)
{
	uint32_t n = 0;
	enum jt_result r = jt_read_u32(in, &n);

	if (r == JT_OK && n > max)
		r = JT_MALFORMED;
	*out = r == JT_OK ? n : 0;
	return r;
}

static void put_scope(struct jt_buf *out, const struct jt_scope *s)
{
	put_name(out, s->name);
	jt_buf_put_u32(out, s->bit);
	jt_buf_put_u32(out, s->areas);
	jt_buf_put_u8(out, (uint8_t)(s->everyone | s->by_team << 1 | s->owner_only << 2));
}

static enum jt_result read_scope(struct jt_reader *in, struct jt_scopes *seen, struct jt_scope *s)
{
	unsigned bit = 0;
	uint8_t marks = 0;
	enum jt_result r = read_name(in, s->name, sizeof(s->name));

	if (r == JT_OK)
		r = read_count(in, JT_SCOPES_MAX - 1, &bit);
	if (r == JT_OK)
		r = jt_read_u32(in, &s->areas);
	if (r == JT_OK)
		r = jt_read_u8(in, &marks);
	if (r == JT_OK && (jt_scopes_has(seen, bit) || !jt_scope_name_is_valid(s->name, strlen(s->name))))
		r = JT_MALFORMED;
	if (r != JT_OK)
		return r;
	jt_scopes_add(seen, bit);
	s->bit = (uint16_t)bit;
	s->everyone = marks & 1;
	s->by_team = marks >> 1 & 1;
	s->owner_only = marks >> 2 & 1;
	return JT_OK;
}

static void put_aliases(struct jt_buf *out, const char list[][JT_ROLE_ALIAS_MAX], unsigned count)
{
	jt_buf_put_u32(out, count);
	for (unsigned i = 0; i < count; i++)
		put_name(out, list[i]);
}

static enum jt_result read_aliases(struct jt_reader *in, char list[][JT_ROLE_ALIAS_MAX], unsigned *count)
{
	enum jt_result r = read_count(in, JT_ROLE_ALIASES_MAX, count);

	for (unsigned i = 0; r == JT_OK && i < *count; i++)
		r = read_name(in, list[i], JT_ROLE_ALIAS_MAX);
	return r;
}

static void put_role(struct jt_buf *out, const struct jt_role *role)
{
	jt_buf_put(out, role->id.b, sizeof(role->id.b));
	put_name(out, role->name);
	put_name(out, role->description);
	put_name(out, role->token_type);
	jt_buf_put_u8(out, (uint8_t)role->use);
	jt_buf_put_u8(out, (uint8_t)role->reach);
	jt_buf_put_u8(out, (uint8_t)role->kind);
	jt_buf_put_u8(out, role->super_admin);
	put_aliases(out, role->alias, role->aliases);
	put_aliases(out, role->team_alias, role->team_aliases);
	put_set(out, &role->scopes);
	put_set(out, &role->in_team);
}

static enum jt_result read_role(struct jt_reader *in, struct jt_role *role)
{
	uint8_t what[4] = {0};
	enum jt_result r = jt_read_bytes(in, role->id.b, sizeof(role->id.b));

	if (r == JT_OK)
		r = read_name(in, role->name, sizeof(role->name));
	if (r == JT_OK)
		r = read_name(in, role->description, sizeof(role->description));
	if (r == JT_OK)
		r = read_name(in, role->token_type, sizeof(role->token_type));
	if (r == JT_OK)
		r = jt_read_bytes(in, what, sizeof(what));
	if (r == JT_OK && (what[0] > JT_ROLE_FOR_TOKENS || what[1] > JT_REACH_TEAMS || what[2] >= JT_KIND_COUNT))
		r = JT_MALFORMED;
	if (r == JT_OK)
		r = read_aliases(in, role->alias, &role->aliases);
	if (r == JT_OK)
		r = read_aliases(in, role->team_alias, &role->team_aliases);
	if (r == JT_OK)
		r = read_set(in, &role->scopes);
	if (r == JT_OK)
		r = read_set(in, &role->in_team);
	role->use = (enum jt_role_use)what[0];
	role->reach = (enum jt_reach)what[1];
	role->kind = (enum jt_kind)what[2];
	role->super_admin = what[3] != 0;
	return r;
}

enum jt_result jt_vocabulary_write(const struct jt_policy *p, const char *brand, struct jt_buf *out)
{
	put_name(out, brand);
	put_name(out, p->digest);
	jt_buf_put_u32(out, JT_KIND_COUNT);
	for (unsigned k = 0; k < JT_KIND_COUNT; k++) {
		put_name(out, jt_kind_name((enum jt_kind)k));
		jt_buf_put_u32(out, p->kind_areas[k]);
		put_set(out, &p->may[k]);
		put_set(out, &p->own[k]);
	}
	jt_buf_put_u32(out, p->area_count);
	for (unsigned a = 0; a < p->area_count; a++)
		put_name(out, p->area[a]);
	jt_buf_put_u32(out, p->scope_count);
	for (unsigned i = 0; i < p->scope_count; i++)
		put_scope(out, &p->scope[i]);
	jt_buf_put_u32(out, p->role_count);
	for (unsigned i = 0; i < p->role_count; i++)
		put_role(out, &p->role[i]);
	return jt_buf_check(out);
}

/* A kind is a number in the table: its name must be the one that we have for it. */
static enum jt_result read_kinds(struct jt_reader *in, struct jt_policy *p)
{
	char name[32];
	unsigned count = 0;
	enum jt_result r = read_count(in, JT_KIND_COUNT, &count);

	if (r == JT_OK && count != JT_KIND_COUNT)
		r = JT_MALFORMED;
	for (unsigned k = 0; r == JT_OK && k < count; k++) {
		r = read_name(in, name, sizeof(name));
		if (r == JT_OK && strcmp(name, jt_kind_name((enum jt_kind)k)) != 0)
			r = JT_MALFORMED;
		if (r == JT_OK)
			r = jt_read_u32(in, &p->kind_areas[k]);
		if (r == JT_OK)
			r = read_set(in, &p->may[k]);
		if (r == JT_OK)
			r = read_set(in, &p->own[k]);
	}
	return r;
}

enum jt_result jt_vocabulary_read(const void *bytes, size_t size, struct jt_policy *p, char brand[JT_BRAND_MAX + 1])
{
	struct jt_reader in = jt_reader_of(bytes, size);
	struct jt_scopes seen = {{0}};
	enum jt_result r = JT_OK;

	memset(p, 0, sizeof(*p));
	r = read_name(&in, brand, JT_BRAND_MAX + 1);
	if (r == JT_OK && !jt_brand_is_valid(brand))
		r = JT_MALFORMED;
	if (r == JT_OK)
		r = read_name(&in, p->digest, sizeof(p->digest));
	if (r == JT_OK)
		r = read_kinds(&in, p);
	if (r == JT_OK)
		r = read_count(&in, JT_AREAS_MAX, &p->area_count);
	for (unsigned a = 0; r == JT_OK && a < p->area_count; a++)
		r = read_name(&in, p->area[a], sizeof(p->area[a]));
	if (r == JT_OK)
		r = read_count(&in, JT_SCOPES_MAX, &p->scope_count);
	for (unsigned i = 0; r == JT_OK && i < p->scope_count; i++)
		r = read_scope(&in, &seen, &p->scope[i]);
	if (r == JT_OK)
		r = read_count(&in, JT_ROLES_MANAGED_MAX, &p->role_count);
	for (unsigned i = 0; r == JT_OK && i < p->role_count; i++)
		r = read_role(&in, &p->role[i]);
	if (r == JT_OK)
		r = jt_read_end(&in);
	if (r == JT_OK)
		jt_policy_index(p);
	return r;
}

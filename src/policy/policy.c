/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <assert.h>
#include <string.h>

/* Orders a name of `length` bytes against a terminated one. */
static int compare(const char *name, size_t length, const char *with)
{
	size_t other = strlen(with);
	int order = memcmp(name, with, length < other ? length : other);

	return order != 0 ? order : (length > other) - (length < other);
}

static void sort_names(struct jt_policy *p)
{
	for (unsigned i = 0; i < p->scope_count; i++) {
		unsigned at = i;

		for (; at > 0 && strcmp(p->scope[p->by_name[at - 1]].name, p->scope[i].name) > 0; at--)
			p->by_name[at] = p->by_name[at - 1];
		p->by_name[at] = (uint16_t)i;
	}
}

void jt_policy_index(struct jt_policy *p)
{
	static const struct jt_scopes none;

	assert(p->scope_count <= JT_SCOPES_MAX && p->area_count <= JT_AREAS_MAX);
	p->all = p->everyone = p->by_team = p->owner_only = none;
	for (unsigned a = 0; a < JT_AREAS_MAX; a++)
		p->in_area[a] = none;
	for (unsigned i = 0; i < JT_SCOPES_MAX; i++)
		p->by_bit[i] = -1;
	for (unsigned i = 0; i < p->scope_count; i++) {
		const struct jt_scope *s = &p->scope[i];

		assert(s->bit < JT_SCOPES_MAX && p->by_bit[s->bit] < 0);
		p->by_bit[s->bit] = (int16_t)i;
		jt_scopes_add(&p->all, s->bit);
		if (s->everyone)
			jt_scopes_add(&p->everyone, s->bit);
		if (s->by_team)
			jt_scopes_add(&p->by_team, s->bit);
		if (s->owner_only)
			jt_scopes_add(&p->owner_only, s->bit);
		for (unsigned a = 0; a < p->area_count; a++) {
			if (s->areas >> a & 1)
				jt_scopes_add(&p->in_area[a], s->bit);
		}
	}
	sort_names(p);
}

static size_t word_length(const char *text, size_t length)
{
	size_t n = 0;

	if (length == 0 || text[0] < 'a' || text[0] > 'z')
		return 0;
	while (n < length &&
		((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= '0' && text[n] <= '9') || text[n] == '_'))
		n++;
	return n;
}

bool jt_scope_name_is_valid(const char *name, size_t length)
{
	size_t n = word_length(name, length);

	if (length > JT_SCOPE_NAME_MAX || n == 0 || n == length || name[n] != ':')
		return false;
	name += n + 1;
	length -= n + 1;
	return (length == 1 && name[0] == '*') || (length > 0 && word_length(name, length) == length);
}

const struct jt_scope *jt_policy_scope(const struct jt_policy *p, const char *name, size_t length)
{
	unsigned from = 0;
	unsigned to = p->scope_count;

	if (length > JT_SCOPE_NAME_MAX)
		return NULL;
	while (from < to) {
		unsigned middle = from + (to - from) / 2;
		const struct jt_scope *s = &p->scope[p->by_name[middle]];
		int order = compare(name, length, s->name);

		if (order == 0)
			return s;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

const char *jt_policy_scope_name(const struct jt_policy *p, unsigned bit)
{
	return bit < JT_SCOPES_MAX && p->by_bit[bit] >= 0 ? p->scope[p->by_bit[bit]].name : "";
}

enum jt_result jt_policy_expand(const struct jt_policy *p, const char *pattern, struct jt_scopes *into)
{
	size_t length = strnlen(pattern, JT_SCOPE_NAME_MAX + 1);
	const struct jt_scope *one = NULL;
	bool found = false;

	if (!jt_scope_name_is_valid(pattern, length))
		return JT_MALFORMED;
	if (pattern[length - 1] != '*') {
		one = jt_policy_scope(p, pattern, length);
		if (!one)
			return JT_NOT_FOUND;
		jt_scopes_add(into, one->bit);
		return JT_OK;
	}
	for (unsigned i = 0; i < p->scope_count; i++) {
		if (strncmp(p->scope[i].name, pattern, length - 1) == 0) {
			jt_scopes_add(into, p->scope[i].bit);
			found = true;
		}
	}
	return found ? JT_OK : JT_NOT_FOUND;
}

const struct jt_role *jt_policy_role(const struct jt_policy *p, const struct jt_id *id)
{
	for (unsigned i = 0; i < p->role_count; i++) {
		if (jt_id_equal(&p->role[i].id, id))
			return &p->role[i];
	}
	return NULL;
}

static bool has_alias(const char list[][JT_ROLE_ALIAS_MAX], unsigned count, const char *alias)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(list[i], alias) == 0)
			return true;
	}
	return false;
}

const struct jt_role *jt_policy_role_by_alias(const struct jt_policy *p, enum jt_alias_of of, const char *alias)
{
	for (unsigned i = 0; i < p->role_count; i++) {
		const struct jt_role *role = &p->role[i];

		if (of == JT_ALIAS_ORG ? has_alias(role->alias, role->aliases, alias)
				       : has_alias(role->team_alias, role->team_aliases, alias))
			return role;
	}
	return NULL;
}

const struct jt_role *jt_policy_token_role(const struct jt_policy *p, enum jt_kind kind)
{
	for (unsigned i = 0; i < p->role_count; i++) {
		if (p->role[i].use == JT_ROLE_FOR_TOKENS && p->role[i].kind == kind)
			return &p->role[i];
	}
	return NULL;
}

const struct jt_role *jt_policy_super_admin(const struct jt_policy *p)
{
	for (unsigned i = 0; i < p->role_count; i++) {
		if (p->role[i].super_admin)
			return &p->role[i];
	}
	return NULL;
}

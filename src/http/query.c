/* SPDX-License-Identifier: Apache-2.0 */
#include "http/query.h"

#include "base/text.h"
#include "http/field.h"

#include <string.h>

/* What every list takes; jt_page_read looks at the values. */
static bool is_paging(const char *name)
{
	static const char *const names[] = {"page", "per_page", "after", "order"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

static const struct jt_param *find(const struct jt_param *params, const char *name)
{
	for (; params && params->name; params++) {
		if (strcmp(params->name, name) == 0)
			return params;
	}
	return NULL;
}

/* Is `value` one of "asc|desc"? */
static bool among(const char *values, const char *value)
{
	size_t length = strlen(value);

	for (const char *at = values; *at; at += strcspn(at, "|") + (at[strcspn(at, "|")] == '|')) {
		if (strcspn(at, "|") == length && strncmp(at, value, length) == 0)
			return true;
	}
	return false;
}

static enum jt_result check(const struct jt_param *p, const char *value, struct jt_why *why)
{
	char room[JT_FIELD_ROOM];
	uint64_t number = 0;
	const char *wrong = NULL;

	if (p->values && !among(p->values, value))
		return jt_why_field(why, p->name, "must be one of %s", p->values);
	if (p->type == JT_FIELD_BOOL)
		wrong = strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ? NULL : "must be true or false";
	else if (p->type == JT_FIELD_INT)
		wrong = jt_text_u64(value, strlen(value), (uint64_t)p->max, &number) == JT_OK &&
					number >= (uint64_t)p->min
				? NULL
				: "is not a number, or out of range";
	else
		wrong = jt_field_text_wrong(p->type, p->min, p->max ? p->max : 4096, value, strlen(value), room);
	return wrong ? jt_why_field(why, p->name, "%s", wrong) : JT_OK;
}

enum jt_result jt_query_check(const struct jt_op *op, const struct jt_target *target, struct jt_why *why)
{
	bool pages = strcmp(op->method, "GET") == 0 && !(op->flags & JT_OP_VERIFIES);
	enum jt_result r = JT_OK;

	for (unsigned i = 0; i < target->count; i++) {
		const struct jt_pair *pair = &target->query[i];
		const struct jt_param *p = find(op->query, pair->name);
		enum jt_result of = JT_OK;

		if (!(p && p->many) && jt_target_query(target, pair->name) != pair->value)
			of = jt_why_field(why, "query", "a parameter is repeated");
		else if (p)
			of = check(p, pair->value, why);
		else if (!pages || !is_paging(pair->name))
			of = jt_why_field(why, pair->name, "is not a parameter of this operation");
		r = of == JT_OK ? r : of;
	}
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ask.h"

#include <string.h>

/* Names that are looked up once for each file. */

_Static_assert(JT_SCOPES_MAX == 512 && JT_KIND_COUNT == 7, "a scope's facts fit into 32 bits");

static uint32_t keep(struct jt_term *t, const struct jt_view *v, uint32_t what)
{
	atomic_store_explicit(&t->found, (uint64_t)jt_term_tag(v) << 32 | what, memory_order_release);
	return what;
}

static uint32_t scope_facts(const struct jt_view *v, const char *name, size_t length)
{
	const struct jt_policy *p = &v->policy;
	const struct jt_scope *s = jt_policy_scope(p, name, length);
	uint32_t facts = 0;

	if (!s)
		return 0;
	facts = JT_TERM_KNOWN | s->bit;
	for (unsigned k = 0; k < JT_KIND_COUNT; k++) {
		facts |= (uint32_t)jt_scopes_has(&p->may[k], s->bit) << (9 + k);
		facts |= (uint32_t)jt_scopes_has(&p->own[k], s->bit) << (16 + k);
	}
	facts |= s->everyone ? JT_TERM_EVERYONE : 0;
	facts |= s->by_team ? JT_TERM_BY_TEAM : 0;
	facts |= s->owner_only ? JT_TERM_OWNER_ONLY : 0;
	return facts;
}

uint32_t jt_term_look_scope(struct jt_term *t, const struct jt_view *v)
{
	return t->length ? keep(t, v, scope_facts(v, t->name, t->length)) : 0;
}

/* Scopes are fixed in a file; other things may come later: what is not there is looked for each time. */
static uint32_t keep_found(struct jt_term *t, const struct jt_view *v, uint32_t element)
{
	return element ? keep(t, v, element) : 0;
}

uint32_t jt_term_look_org(struct jt_term *t, const struct jt_view *v)
{
	return keep_found(t, v, jt_find_org(v, &t->id));
}

uint32_t jt_term_look_team(struct jt_term *t, const struct jt_view *v)
{
	return keep_found(t, v, jt_find_team(v, jt_find_org(v, &t->org), &t->id));
}

uint32_t jt_term_look_app(struct jt_term *t, const struct jt_view *v)
{
	return keep_found(t, v, jt_find_app(v, jt_find_org(v, &t->org), t->name, t->length));
}

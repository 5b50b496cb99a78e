/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/grant.h"

#include <assert.h>

/* All that the holder's role gives, wherever: cut to the kind, and owner_only left to the owner's own token. */
static struct jt_scopes cut_to_kind(const struct jt_policy *p, const struct jt_holding *h, const struct jt_scopes *role)
{
	bool owner = h->owner && h->kind == JT_KIND_PERSONAL;
	struct jt_scopes s = owner ? p->all : *role;

	jt_scopes_cut(&s, &p->may[h->kind]);
	if (!owner)
		jt_scopes_minus(&s, &p->owner_only);
	return s;
}

static void at_org(const struct jt_policy *p, const struct jt_holding *h, struct jt_grant *out)
{
	struct jt_scopes role = cut_to_kind(p, h, &h->role);
	struct jt_scopes own = p->own[h->kind];

	out->visible = true;
	out->held = role;
	if (!h->confined)
		return;
	jt_scopes_cut(&out->held, &p->everyone);
	jt_scopes_cut(&own, &role);
	jt_scopes_unite(&out->held, &own);
	out->partly = role;
	jt_scopes_cut(&out->partly, &p->by_team);
	jt_scopes_minus(&out->partly, &out->held);
}

static void in_place(const struct jt_policy *p, const struct jt_holding *h, struct jt_grant *out)
{
	struct jt_scopes sum = h->role;

	if (h->confined && !h->among)
		return;
	out->visible = true;
	if (h->among && h->kind == JT_KIND_PERSONAL)
		jt_scopes_unite(&sum, &h->in_team);
	out->held = cut_to_kind(p, h, &sum);
}

void jt_grant_compute(
	const struct jt_policy *p, const struct jt_holding *h, enum jt_place_kind place, struct jt_grant *out)
{
	assert((unsigned)h->kind < JT_KIND_COUNT);
	*out = (struct jt_grant){.visible = false};
	if (place == JT_PLACE_ORG)
		at_org(p, h, out);
	else
		in_place(p, h, out);
}

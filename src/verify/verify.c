/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include "base/secret.h"

#include <string.h>

/* Who is calling: from a value, a caller let in before, or a user, to the steps shape ... user active. */

static int64_t sooner(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 || a < b ? a : b;
}

/* The rest of what is known about a caller whose org, user or role, kind and limits are set; adds to the facts. */
static void complete(const struct jt_table *t, const struct jt_policy *p, struct jt_caller *c, struct jt_facts *f)
{
	const struct jt_table_org *org = jt_table_org(t, &c->org);
	const struct jt_table_user *user = NULL;
	struct jt_verify_role_facts role;

	f->org_active = org && org->active;
	f->user_active = true;
	c->confined = c->limited;
	if (c->kind != JT_KIND_PERSONAL)
		return;
	user = jt_table_user(t, &c->org, &c->user);
	f->user_active = user && user->active;
	if (!user)
		return;
	c->role = user->role;
	c->owner = org && jt_id_equal(&org->owner, &c->user);
	jt_verify_role_facts(t, p, &c->org, &c->role, &role);
	c->confined = !c->owner && role.reach == JT_REACH_TEAMS;
}

static enum jt_step by_value(struct jt_verify *v, const struct jt_policy *p, const uint8_t digest[JT_DIGEST_SIZE],
	int64_t now_s, struct jt_caller *out)
{
	struct jt_facts f = {.shape = JT_SHAPE_OK, .same_org = true};
	struct jt_table_token k;
	enum jt_step step = JT_STEP_UNKNOWN;
	struct jt_caller c;
	unsigned which = 0;

	memset(&c, 0, sizeof(c));
	jt_table_lock(v->table);
	if (!jt_table_poisoned(v->table) && jt_table_by_digest(v->table, digest, &which, &k)) {
		c.org = k.org;
		c.token = k.id;
		c.user = k.user;
		c.role = k.role;
		c.kind = k.kind;
		c.limited = k.limited;
		c.expires_s = sooner(k.expires_s, k.value_expires_s[which]);
		memcpy(c.digest, digest, sizeof(c.digest));
		f.known = true;
		f.revoked = k.revoked;
		f.expires_s = c.expires_s;
		complete(v->table, p, &c, &f);
		step = jt_decide_token(&f, now_s);
		if (step == JT_STEP_ALLOWED) {
			*out = c;
		} else {
			out->org = k.org;
			out->token = k.id;
		}
	}
	jt_table_unlock(v->table);
	return step;
}

static enum jt_step by_user(struct jt_verify *v, const struct jt_policy *p, const struct jt_id *org,
	const struct jt_id *user, int64_t now_s, struct jt_caller *out)
{
	struct jt_facts f = {.shape = JT_SHAPE_OK, .same_org = true};
	struct jt_table_token k;
	enum jt_step step = JT_STEP_UNKNOWN;
	struct jt_caller c;

	memset(&c, 0, sizeof(c));
	c.org = *org;
	c.user = *user;
	c.kind = JT_KIND_PERSONAL;
	jt_table_lock(v->table);
	if (!jt_table_poisoned(v->table) && jt_table_user(v->table, org, user)) {
		f.known = true;
		if (jt_table_personal(v->table, org, user, &k))
			c.token = k.id;
		complete(v->table, p, &c, &f);
		step = jt_decide_token(&f, now_s);
		if (step == JT_STEP_ALLOWED) {
			*out = c;
		} else {
			out->org = c.org;
			out->token = c.token;
		}
	}
	jt_table_unlock(v->table);
	return step;
}

enum jt_step jt_verify_token(struct jt_verify *v, const char *text, size_t length, int64_t now_s, struct jt_caller *out)
{
	const struct jt_policy *p = NULL;
	uint8_t digest[JT_DIGEST_SIZE];
	enum jt_step step = JT_STEP_UNKNOWN;

	memset(out, 0, sizeof(*out));
	if (length > JT_TOKEN_MAX)
		return JT_STEP_SHAPE;
	jt_token_digest(text, length, digest);
	p = jt_verify_policy(v);
	step = by_value(v, p, digest, now_s, out);
	jt_verify_policy_done(v);
	if (step == JT_STEP_UNKNOWN) {
		/* What is not of our shape is not in the table: only here does the shape tell the reason. */
		struct jt_facts f = {.shape = jt_token_parse(v->brand, text, length, NULL)};

		step = jt_decide_token(&f, now_s);
	}
	return step;
}

enum jt_step jt_verify_again(struct jt_verify *v, struct jt_caller *who, int64_t now_s)
{
	static const uint8_t nothing[JT_DIGEST_SIZE];
	const struct jt_policy *p = jt_verify_policy(v);
	struct jt_caller fresh;
	enum jt_step step = JT_STEP_UNKNOWN;

	memset(&fresh, 0, sizeof(fresh));
	if (!jt_secret_equal(who->digest, sizeof(who->digest), nothing, sizeof(nothing)))
		step = by_value(v, p, who->digest, now_s, &fresh);
	else if (!jt_id_is_none(&who->user))
		step = by_user(v, p, &who->org, &who->user, now_s, &fresh);
	jt_verify_policy_done(v);
	if (step == JT_STEP_ALLOWED && !jt_id_equal(&fresh.org, &who->org))
		step = JT_STEP_OTHER_ORG;
	if (step == JT_STEP_ALLOWED)
		*who = fresh;
	return step;
}

enum jt_step jt_verify_user(
	struct jt_verify *v, const struct jt_id *org, const struct jt_id *user, int64_t now_s, struct jt_caller *out)
{
	const struct jt_policy *p = jt_verify_policy(v);
	enum jt_step step = JT_STEP_UNKNOWN;

	memset(out, 0, sizeof(*out));
	step = by_user(v, p, org, user, now_s, out);
	jt_verify_policy_done(v);
	return step;
}

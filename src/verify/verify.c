/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/inside.h"

#include "base/secret.h"

#include <string.h>

/* Who is calling: from a value, a caller let in before, or a user, to the steps shape ... user active. */

#define TRIES 4 /* files that may be replaced under one question */

static struct jt_id role_id(const struct jt_view *v, uint32_t role)
{
	return role != 0 && role < v->room[JT_SECTION_ROLE] ? v->role[role].id : (struct jt_id){{0}};
}

/* What the user of a caller is now: role, owner, confined. False: no such user. */
static bool user_facts(const struct jt_view *v, uint32_t org, uint32_t user, struct jt_caller *c, struct jt_facts *f)
{
	struct jt_verify_role_facts role;
	uint32_t at = 0;
	enum jt_record_state state = jt_user_state(v, org, user, &at);

	f->user_active = state == JT_RECORD_ACTIVE;
	if ((state != JT_RECORD_ACTIVE && state != JT_RECORD_INACTIVE) || !jt_user_id(v, user, &c->user))
		return false;
	c->role = role_id(v, at);
	c->owner = jt_org_owner(v, org) == user;
	jt_verify_role_facts(v, at, &role);
	c->confined = !c->owner && role.reach == JT_REACH_TEAMS;
	return true;
}

/* What an entry says of its caller; false: it is not whole. */
static bool entry_facts(
	const struct jt_view *v, const struct jt_hot_entry *e, uint64_t word, struct jt_caller *c, struct jt_facts *f)
{
	if (!jt_word_is_sound(word, e->org, e->token) || jt_word_kind(word) >= JT_KIND_COUNT ||
		!jt_org_id(v, e->org, &c->org) || !jt_token_id(v, e->token, &c->token))
		return false;
	c->kind = (enum jt_kind)jt_word_kind(word);
	c->limited = jt_word_limited(word);
	c->confined = c->limited;
	c->expires_s = jt_word_expires_s(word, v->epoch_s);
	c->at.instance = v->instance;
	c->at.org = e->org;
	c->at.token = e->token;
	f->known = true;
	f->revoked = jt_word_state(word) == JT_VALUE_REVOKED;
	f->expires_s = jt_word_expiry(word) == JT_EXPIRY_BURNT ? INT64_MIN : c->expires_s;
	f->org_active = jt_org_is_active(v, e->org);
	f->user_active = jt_word_state(word) == JT_VALUE_LIVES;
	if (c->kind == JT_KIND_PERSONAL)
		return user_facts(v, e->org, jt_cold_ref(v, e->token), c, f) || f->revoked || !f->user_active;
	c->role = role_id(v, jt_word_role(word));
	return true;
}

static enum jt_step in_view(
	const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE], int64_t now_s, struct jt_caller *out)
{
	struct jt_facts f = {.shape = JT_SHAPE_OK, .same_org = true};
	const struct jt_hot_entry *e = NULL;
	enum jt_step step = JT_STEP_UNKNOWN;
	struct jt_caller c;
	uint64_t word = 0;

	memset(&c, 0, sizeof(c));
	e = jt_find_value(v, digest, &word);
	if (!e || !entry_facts(v, e, word, &c, &f))
		return JT_STEP_UNKNOWN;
	memcpy(c.digest, digest, sizeof(c.digest));
	step = jt_decide_token(&f, now_s);
	if (step == JT_STEP_ALLOWED) {
		*out = c;
	} else {
		out->org = c.org;
		out->token = c.token;
	}
	return step;
}

/* What a view refuses that was retired meanwhile is asked of its successor. What time it is, the table's writer says: the
 * same to every reader, and it sees to it that nothing lives again when the clock is stepped back. */
static enum jt_step by_value(struct jt_verify *v, const uint8_t digest[JT_DIGEST_SIZE], struct jt_caller *out)
{
	enum jt_step step = JT_STEP_UNKNOWN;
	int64_t now_s = 0;

	for (unsigned i = 0; i < TRIES; i++) {
		const struct jt_view *view = jt_table_view(v->table);

		if (!view || !jt_table_now(v->table, &now_s))
			return JT_STEP_STALE;
		step = in_view(view, digest, now_s, out);
		if (step == JT_STEP_ALLOWED || view == jt_table_view(v->table))
			return step;
	}
	return step;
}

static enum jt_step by_user(
	struct jt_verify *v, const struct jt_id *org, const struct jt_id *user, struct jt_caller *out)
{
	struct jt_facts f = {.shape = JT_SHAPE_OK, .same_org = true};
	const struct jt_view *view = jt_table_view(v->table);
	enum jt_step step = JT_STEP_UNKNOWN;
	struct jt_caller c;
	uint32_t of = 0;

	memset(&c, 0, sizeof(c));
	if (!view || jt_table_poisoned(v->table))
		return JT_STEP_STALE;
	c.org = *org;
	c.kind = JT_KIND_PERSONAL;
	of = jt_find_org(view, org);
	if (!of || !user_facts(view, of, jt_find_user(view, of, user), &c, &f))
		return JT_STEP_UNKNOWN;
	f.known = true;
	f.org_active = jt_org_is_active(view, of);
	(void)jt_view_personal(view, org, user, &c.token);
	step = jt_decide_token(&f, 0);
	if (step == JT_STEP_ALLOWED) {
		*out = c;
	} else {
		out->org = c.org;
		out->token = c.token;
	}
	return step;
}

enum jt_step jt_verify_token(struct jt_verify *v, const char *text, size_t length, struct jt_caller *out)
{
	uint8_t digest[JT_DIGEST_SIZE];
	enum jt_step step = JT_STEP_UNKNOWN;

	memset(out, 0, sizeof(*out));
	if (length > JT_TOKEN_MAX)
		return JT_STEP_SHAPE;
	jt_token_digest(text, length, digest);
	step = by_value(v, digest, out);
	if (step == JT_STEP_UNKNOWN) {
		/* What is not of our shape is not in the table: only here does the shape tell the reason. */
		struct jt_facts f = {.shape = jt_token_parse(v->brand, text, length, NULL)};

		step = jt_decide_token(&f, 0);
	}
	return step;
}

bool jt_came_with_value(const struct jt_caller *who)
{
	static const uint8_t nothing[JT_DIGEST_SIZE];

	return !jt_secret_equal(who->digest, sizeof(who->digest), nothing, sizeof(nothing));
}

enum jt_step jt_verify_again(struct jt_verify *v, struct jt_caller *who)
{
	struct jt_caller fresh;
	enum jt_step step = JT_STEP_UNKNOWN;

	memset(&fresh, 0, sizeof(fresh));
	if (jt_came_with_value(who))
		step = by_value(v, who->digest, &fresh);
	else if (!jt_id_is_none(&who->user))
		step = by_user(v, &who->org, &who->user, &fresh);
	if (step == JT_STEP_ALLOWED && !jt_id_equal(&fresh.org, &who->org))
		step = JT_STEP_OTHER_ORG;
	if (step == JT_STEP_ALLOWED)
		*who = fresh;
	return step;
}

enum jt_step jt_verify_user(
	struct jt_verify *v, const struct jt_id *org, const struct jt_id *user, struct jt_caller *out)
{
	memset(out, 0, sizeof(*out));
	return by_user(v, org, user, out);
}

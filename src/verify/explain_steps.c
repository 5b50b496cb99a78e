/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/explaining.h"

#include "base/clock.h"
#include "table/table.h"
#include "verify/ask.h"

#include <inttypes.h>
#include <string.h>

/* The steps of a decision, one function each, in their order. */

static bool step_fresh(struct jt_explaining *x, char *text)
{
	int64_t now_s = 0;
	char time[JT_TIME_TEXT_SIZE];

	if (!jt_ask_lives(x->v)) {
		jt_explain_say(text, "the table was retired, or could not be kept: nothing in it counts");
		return false;
	}
	if (!jt_view_fresh(x->v, &now_s)) {
		jt_explain_say(text, "the server has not renewed the table's lease: is it running?");
		return false;
	}
	x->e->now_s = now_s;
	jt_explain_say(text, "it shows every change up to %" PRIu64 "; decided for %s", x->e->as_of,
		jt_time_text(now_s, time));
	return true;
}

static bool step_shows(struct jt_explaining *x, char *text)
{
	if (x->e->as_of < x->ask->min_seq) {
		jt_explain_say(text, "change %" PRIu64 " is demanded, and the table shows only those up to %" PRIu64,
			x->ask->min_seq, x->e->as_of);
		return false;
	}
	if (x->ask->min_seq)
		jt_explain_say(text, "change %" PRIu64 " is demanded, and shown", x->ask->min_seq);
	else
		jt_explain_say(text, "no change in particular is demanded");
	return true;
}

/* What is in the table has our shape. */
static bool step_shape(struct jt_explaining *x, char *text)
{
	const struct jt_explain_ask *ask = x->ask;
	size_t brand = strlen(x->v->brand);
	enum jt_token_shape shape = x->found ? JT_SHAPE_OK : jt_token_parse(x->v->brand, ask->token, ask->length, NULL);

	if (shape == JT_SHAPE_BAD) {
		jt_explain_say(text,
			"this is not one of our values, or not a whole one: they look like %s.._ and 38 "
			"letters and digits",
			x->v->brand);
		return false;
	}
	x->e->shape = true;
	x->e->checksum = shape == JT_SHAPE_OK;
	if (ask->length > brand)
		x->e->letter = ask->token[brand];
	jt_explain_say(text, "a value of the brand %s and the kind letter %c", x->v->brand, x->e->letter);
	return true;
}

static bool step_checksum(struct jt_explaining *x, char *text)
{
	jt_explain_say(text, x->e->checksum
				     ? "the checksum is right"
				     : "the checksum is wrong: a character was changed, lost or added on the way");
	return x->e->checksum;
}

static void tell_holder(struct jt_explaining *x, char *text)
{
	struct jt_explanation *e = x->e;
	char id[JT_ID_TEXT_SIZE];

	if (e->kind != JT_KIND_PERSONAL) {
		jt_explain_say(text, "%s token %s; it has ", jt_kind_name(e->kind), jt_id_text(&e->token, id));
	} else {
		jt_explain_say(text, "personal token %s", jt_id_text(&e->token, id));
		jt_explain_say(text, " of the user %s, who %shas ", jt_id_text(&e->user, id),
			e->owner ? "is the org's owner and " : "");
	}
	jt_explain_say_role(text, &e->role);
	if (e->kind == JT_KIND_PERSONAL && !e->owner)
		jt_explain_say(text, ", which reaches %s",
			e->role.reach == JT_REACH_ORG ? "the whole org" : "the user's teams alone");
	else if (e->limited)
		jt_explain_say_teams(text, e, ", and is limited to ");
	else if (!e->owner)
		jt_explain_say(text, ", in the whole org");
}

static bool step_known(struct jt_explaining *x, char *text)
{
	struct jt_explanation *e = x->e;

	if (!x->found || x->hidden) {
		jt_explain_say(text,
			"nothing here has this value now: it is of another deployment or org, was replaced "
			"by a newer value, or belonged to what was deleted");
		return false;
	}
	e->known = true;
	tell_holder(x, text);
	return true;
}

static bool step_org(struct jt_explaining *x, char *text)
{
	char id[JT_ID_TEXT_SIZE];

	if (x->ask->org && !jt_id_equal(x->ask->org, &x->e->org)) {
		jt_explain_say(text, "the token belongs to the org %s", jt_id_text(&x->e->org, id));
		jt_explain_say(text, ", and one of the org %s is asked for", jt_id_text(x->ask->org, id));
		return false;
	}
	jt_explain_say(text, "the token belongs to the org %s%s", jt_id_text(&x->e->org, id),
		x->ask->org ? "" : "; no org in particular is asked for");
	return true;
}

/* Whether another value of the same token lives on. */
static bool lives_on(const struct jt_explaining *x)
{
	struct jt_table_token k = {.values = 0};

	return jt_view_token(x->v, &x->e->org, &x->e->token, &k) && k.values > 0;
}

static bool step_not_revoked(struct jt_explaining *x, char *text)
{
	if (jt_word_state(x->word) != JT_VALUE_REVOKED) {
		jt_explain_say(text, "neither the token nor this value of it was");
		return true;
	}
	jt_explain_say(text, "%s",
		lives_on(x) ? "this value was replaced: the token lives on with a newer one"
			    : "the token was revoked, or reset by its user");
	return false;
}

static bool step_valid_by_now(struct jt_explaining *x, char *text)
{
	(void)x;
	jt_explain_say(text, "values are valid from the moment they are made");
	return true;
}

/* "3 hours", roughly. */
static void say_span(char *text, int64_t seconds)
{
	static const struct {
		int64_t size;
		const char *name;
	} unit[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	unsigned i = 0;

	while (unit[i].size > 1 && seconds < 2 * unit[i].size)
		i++;
	seconds /= unit[i].size;
	jt_explain_say(text, "%" PRId64 " %s%s", seconds, unit[i].name, seconds == 1 ? "" : "s");
}

static bool step_not_expired(struct jt_explaining *x, char *text)
{
	int64_t at_s = x->e->expires_s;
	bool over = at_s != 0 && x->e->now_s >= at_s;
	char time[JT_TIME_TEXT_SIZE];

	if (at_s == 0) {
		jt_explain_say(text, "the value never expires");
		return true;
	}
	jt_explain_say(text, "the value expire%s %s, ", over ? "d" : "s", jt_time_text(at_s, time));
	if (!over)
		jt_explain_say(text, "in ");
	say_span(text, over ? x->e->now_s - at_s : at_s - x->e->now_s);
	if (over)
		jt_explain_say(text, " ago");
	return !over;
}

static bool step_org_active(struct jt_explaining *x, char *text)
{
	bool active = jt_org_is_active(x->v, x->org);

	jt_explain_say(text, active ? "the org is active" : "the org was disabled or deleted");
	return active;
}

static bool step_user_active(struct jt_explaining *x, char *text)
{
	bool active = jt_word_state(x->word) == JT_VALUE_LIVES;

	if (!active)
		jt_explain_say(text, "the user was disabled or deleted");
	else
		jt_explain_say(
			text, x->e->kind == JT_KIND_PERSONAL ? "the user is active" : "the token belongs to no user");
	return active;
}

/* The first scope that refuses by this step. */
static bool none_refuses(struct jt_explaining *x, enum jt_step step)
{
	for (size_t i = 0; i < x->e->scopes; i++) {
		if (x->e->scope[i].step == step) {
			x->e->missing = i;
			return false;
		}
	}
	return true;
}

static size_t count_of(const struct jt_explanation *e, enum jt_step step)
{
	size_t n = 0;

	for (size_t i = 0; i < e->scopes; i++)
		n += e->scope[i].step == step;
	return n;
}

static bool step_scopes_known(struct jt_explaining *x, char *text)
{
	struct jt_explanation *e = x->e;

	for (size_t i = 0; i < e->scopes; i++)
		jt_explain_scope(x, i);
	if (e->scopes == 0)
		jt_explain_say(text, "no scope is asked for");
	else
		jt_explain_say(text, "the catalogue has %zu of %zu", e->scopes - count_of(e, JT_STEP_UNKNOWN_SCOPE),
			e->scopes);
	return none_refuses(x, JT_STEP_UNKNOWN_SCOPE);
}

static bool step_scopes_held(struct jt_explaining *x, char *text)
{
	struct jt_explanation *e = x->e;

	if (e->scopes == 0)
		jt_explain_say(text, "no scope is asked for");
	else
		jt_explain_say(text, "%zu of %zu are held", e->scopes - count_of(e, JT_STEP_SCOPE), e->scopes);
	return none_refuses(x, JT_STEP_SCOPE);
}

static bool step_in_full(struct jt_explaining *x, char *text)
{
	size_t partly = count_of(x->e, JT_STEP_PARTIAL);

	if (partly)
		jt_explain_say(text, "%zu of %zu are held for %zu team%s only", partly, x->e->scopes, x->e->teams,
			x->e->teams == 1 ? "" : "s");
	else
		jt_explain_say(text, "nothing is held for some teams only");
	return none_refuses(x, JT_STEP_PARTIAL);
}

const struct jt_explain_check jt_explain_checks[JT_EXPLAIN_STEP_COUNT] = {
	{JT_STEP_STALE, "table fresh", step_fresh},
	{JT_STEP_BEHIND, "table new enough", step_shows},
	{JT_STEP_SHAPE, "shape", step_shape},
	{JT_STEP_CHECKSUM, "checksum", step_checksum},
	{JT_STEP_UNKNOWN, "known", step_known},
	{JT_STEP_OTHER_ORG, "same org", step_org},
	{JT_STEP_REVOKED, "not revoked", step_not_revoked},
	{JT_STEP_NOT_YET_VALID, "valid by now", step_valid_by_now},
	{JT_STEP_EXPIRED, "not expired", step_not_expired},
	{JT_STEP_ORG_INACTIVE, "org active", step_org_active},
	{JT_STEP_USER_INACTIVE, "user active", step_user_active},
	{JT_STEP_NOT_VISIBLE, "visible", jt_explain_visible},
	{JT_STEP_UNKNOWN_SCOPE, "scopes known", step_scopes_known},
	{JT_STEP_SCOPE, "scopes held", step_scopes_held},
	{JT_STEP_PARTIAL, "held in full", step_in_full},
};

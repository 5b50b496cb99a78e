/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/personal.h"
#include "base/clock.h"
#include "store/usage.h"

#include <stdlib.h>

/* All that the token holds anywhere: in the org, wholly or for its teams, and in each of its teams. */
static void held_anywhere(struct jt_tx *tx, const struct jt_token_shown *shown, struct jt_scopes *out)
{
	const struct jt_caller holder = {.org = shown->row.org,
		.token = shown->row.id,
		.role = shown->row.role,
		.kind = shown->row.kind,
		.limited = shown->row.limited,
		.confined = shown->row.limited};
	struct jt_place place = {.kind = JT_PLACE_ORG};
	struct jt_grant grant;

	jt_verify_grant(tx->verify, &holder, &place, &grant);
	*out = grant.held;
	jt_scopes_unite(out, &grant.partly);
	place.kind = JT_PLACE_TEAM;
	for (size_t i = 0; i < shown->teams; i++) {
		place.team = shown->team[i];
		jt_verify_grant(tx->verify, &holder, &place, &grant);
		jt_scopes_unite(out, &grant.held);
	}
}

/* Of a token that is there. */
static enum jt_result read_used(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *id, struct jt_token_used *out)
{
	struct jt_usage_row row = {.uses = 0};
	enum jt_result r = jt_usage_get(tx->db, org, id, tx->now_ns / JT_NS_PER_S / JT_TRACE_DAY_S, &row);

	*out = (struct jt_token_used){
		.uses = row.uses, .last_used_s = row.last_used_s, .exercised = row.scopes, .trace = row.trace};
	jt_scopes_cut(&out->exercised, &tx->policy->all);
	return r == JT_NOT_FOUND ? JT_OK : r; /* nothing is known of it */
}

enum jt_result jt_token_usage(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	struct jt_token_used *out, struct jt_why *why)
{
	struct jt_token_shown *shown = calloc(1, sizeof(*shown));
	enum jt_result r = shown ? jt_token_show(tx, who, id, shown, why) : JT_NOMEM;

	if (r == JT_OK)
		r = read_used(tx, &shown->row.org, id, out);
	if (r == JT_OK) {
		held_anywhere(tx, shown, &out->never);
		jt_scopes_minus(&out->never, &out->exercised);
	}
	free(shown);
	return r;
}

enum jt_result jt_personal_usage(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *account, struct jt_personal_used *out)
{
	enum jt_result r = jt_personal_get(tx->db, org, account, &out->row, &out->kept);

	return r == JT_OK ? read_used(tx, org, &out->row.id, &out->used) : r;
}

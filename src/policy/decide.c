/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decide.h"

#include <string.h>

const char *jt_step_name(enum jt_step step)
{
	static const char *const names[JT_STEP_COUNT] = {
#define JT_STEP_TEXT(name, text) [JT_STEP_##name] = (text),
		JT_STEPS(JT_STEP_TEXT)
#undef JT_STEP_TEXT
	};

	return (unsigned)step < JT_STEP_COUNT ? names[step] : "unknown-step";
}

enum jt_step jt_decide_token(const struct jt_facts *facts, int64_t now_s)
{
	if (facts->shape == JT_SHAPE_BAD)
		return JT_STEP_SHAPE;
	if (facts->shape != JT_SHAPE_OK)
		return JT_STEP_CHECKSUM;
	if (!facts->known)
		return JT_STEP_UNKNOWN;
	if (!facts->same_org)
		return JT_STEP_OTHER_ORG;
	if (facts->revoked)
		return JT_STEP_REVOKED;
	if (facts->not_before_s != 0 && now_s < facts->not_before_s)
		return JT_STEP_NOT_YET_VALID;
	if (facts->expires_s != 0 && now_s >= facts->expires_s)
		return JT_STEP_EXPIRED;
	if (!facts->org_active)
		return JT_STEP_ORG_INACTIVE;
	if (!facts->user_active)
		return JT_STEP_USER_INACTIVE;
	return JT_STEP_ALLOWED;
}

enum jt_step jt_decide_scopes(const struct jt_policy *p, const struct jt_grant *grant, const char *const *wanted,
	size_t count, size_t *missing)
{
	enum jt_step step = JT_STEP_ALLOWED;
	size_t first = 0;

	if (!grant->visible)
		return JT_STEP_NOT_VISIBLE;
	/* In the order of the steps: every scope is known before any is looked for, every one is held before one is partial. */
	for (size_t i = 0; i < count; i++) {
		const struct jt_scope *s = jt_policy_scope(p, wanted[i], strlen(wanted[i]));
		enum jt_step of = JT_STEP_ALLOWED;

		if (!s)
			of = JT_STEP_UNKNOWN_SCOPE;
		else if (!jt_scopes_has(&grant->held, s->bit))
			of = jt_scopes_has(&grant->partly, s->bit) ? JT_STEP_PARTIAL : JT_STEP_SCOPE;
		if (of != JT_STEP_ALLOWED && (step == JT_STEP_ALLOWED || of < step)) {
			step = of;
			first = i;
		}
	}
	if (missing && step != JT_STEP_ALLOWED)
		*missing = first;
	return step;
}

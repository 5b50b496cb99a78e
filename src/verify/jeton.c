/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/handle.h"

#include "token/hash.h"

#include <string.h>

/* include/jeton.h: the decision. */

#define VIEWS_MAX 4 /* tables that may take each other's place under one question */

_Static_assert(JETON_TOKEN_MAX == JT_TOKEN_MAX && JETON_ID_SIZE == JT_ID_TEXT_SIZE, "the same limits");

const char *jeton_result_text(enum jeton_result result)
{
	switch (result) {
#define JETON_RESULT_TEXT(name, number, text) \
	case JETON_##name: \
		return text;
		JETON_RESULTS(JETON_RESULT_TEXT)
#undef JETON_RESULT_TEXT
	}
	return "unknown result";
}

static enum jeton_result result_of(enum jt_step step)
{
	switch (step) {
	case JT_STEP_ALLOWED:
		return JETON_ALLOWED;
	case JT_STEP_PARTIAL:
		return JETON_PARTIAL;
	case JT_STEP_SCOPE:
	case JT_STEP_UNKNOWN_SCOPE:
		return JETON_SCOPE;
	case JT_STEP_NOT_VISIBLE:
		return JETON_NOT_VISIBLE;
	case JT_STEP_BEHIND:
		return JETON_BEHIND;
	case JT_STEP_STALE:
		return JETON_UNAVAILABLE;
	default:
		return JETON_INVALID;
	}
}

/* What is not of our shape is not in the table: only here does the shape tell the reason. */
static enum jt_step name_unknown(const struct jt_view *v, const char *token, size_t length)
{
	struct jt_facts facts = {.shape = jt_token_parse(v->brand, token, length, NULL)};

	return jt_decide_token(&facts, 0);
}

/* A view that refuses for being old, or that was retired meanwhile, is followed to its successor. */
static enum jt_step ask_again(struct jeton *j, const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE],
	const struct jeton_request *ask, struct jt_asked *out, enum jt_step step)
{
	for (unsigned i = 0; i < VIEWS_MAX; i++) {
		const struct jt_view *next = NULL;

		if (step == JT_STEP_ALLOWED || (step != JT_STEP_STALE && jt_ask_lives(v)))
			return step;
		next = jt_handle_follow(j, v);
		if (!next)
			return JT_STEP_STALE;
		v = next;
		step = jt_ask_view(v, digest, ask, out);
	}
	return step == JT_STEP_ALLOWED || jt_ask_lives(v) ? step : JT_STEP_STALE;
}

static void tell(struct jeton_answer *answer, const struct jt_asked *asked, enum jt_step step)
{
	answer->as_of = asked->as_of;
	answer->expires_s = asked->expires_s;
	answer->missing = asked->missing;
	answer->reason = jt_step_name(step);
	answer->inside[0] = asked->instance;
	answer->inside[1] = (uint64_t)asked->org << 32 | asked->token;
	answer->inside[2] = asked->token ? asked->word : 0;
	answer->inside[3] = asked->token ? (uint64_t)asked->moves << 32 | asked->entry : 0;
}

enum jeton_result jeton_verify(struct jeton *j, const char *token, size_t length, const struct jeton_request *request,
	struct jeton_answer *answer)
{
	static const struct jeton_request nothing;
	const struct jt_view *v = atomic_load_explicit(&j->view, memory_order_acquire);
	uint8_t digest[JT_DIGEST_SIZE];
	const struct jeton_request *ask = request ? request : &nothing;
	struct jt_asked asked;
	enum jt_step step = JT_STEP_SHAPE;

	if (!token || (ask->app && ask->team)) {
		if (answer)
			*answer = (struct jeton_answer){.reason = "bad-argument"};
		return JETON_BAD_ARGUMENT;
	}
	if (length > JT_TOKEN_MAX) {
		memset(digest, 0, sizeof(digest)); /* no value has it: the rest is refused as it would be */
		step = jt_ask_view(v, digest, ask, &asked);
		step = ask_again(j, v, digest, ask, &asked, step);
		step = step == JT_STEP_UNKNOWN ? JT_STEP_SHAPE : step;
	} else {
		jt_token_hash(token, length, digest);
		step = jt_ask_view(v, digest, ask, &asked);
		if (step != JT_STEP_ALLOWED)
			step = ask_again(j, v, digest, ask, &asked, step);
		if (step == JT_STEP_UNKNOWN)
			step = name_unknown(v, token, length);
	}
	if (answer)
		tell(answer, &asked, step);
	if (j->recorder && step == JT_STEP_ALLOWED)
		jt_handle_record(j, ask, &asked);
	return result_of(step);
}

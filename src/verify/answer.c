/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/handle.h"

#include "jeton.h"

#include <string.h>

/* include/jeton.h: more about the token of an answer. */

/* The file that the answer is of, if its memory is still there. */
static const struct jt_view *view_of(struct jeton *j, const struct jeton_answer *answer)
{
	const struct jt_view *v = atomic_load_explicit(&j->view, memory_order_acquire);

	while (v && v->instance != answer->inside[0])
		v = v->older;
	return v;
}

static uint32_t org_of(const struct jeton_answer *answer)
{
	return (uint32_t)(answer->inside[1] >> 32);
}

static uint32_t token_of(const struct jeton_answer *answer)
{
	return (uint32_t)answer->inside[1];
}

/* Is all as it was when it was decided? What was read until now, and after the decision, is then of the same moment. */
static bool still(const struct jt_view *v, const struct jeton_answer *answer)
{
	uint32_t entry = (uint32_t)answer->inside[3];

	return entry < v->room[JT_SECTION_HOT] &&
	       atomic_load_explicit(&v->hot[entry].word, memory_order_acquire) == answer->inside[2] &&
	       (uint32_t)jt_moves(v) == (uint32_t)(answer->inside[3] >> 32);
}

static bool is_personal(const struct jeton_answer *answer)
{
	return jt_word_kind(answer->inside[2]) == JT_KIND_PERSONAL;
}

/* As the decision has it: limited, or a user whose role reaches no further than teams. */
static bool is_confined(const struct jt_view *v, const struct jeton_answer *answer)
{
	uint64_t word = answer->inside[2];
	const struct jt_set_record *set = NULL;

	if (!is_personal(answer))
		return jt_word_limited(word);
	set = jt_role_set(v, jt_word_role(word));
	return !jt_word_owner(word) && (!set || set->reach != jt_pair(JT_REACH_ORG));
}

/* Was all that was read so far read from a file that was there? One whose memory was given back shows zeros, from its beginning
 * on. */
static bool was_there(const struct jt_view *v)
{
#ifndef __SANITIZE_THREAD__ /* which knows no fences */
	atomic_thread_fence(memory_order_acquire);
#endif
	return atomic_load_explicit(&v->live->state, memory_order_relaxed) != 0;
}

static enum jeton_result write_id(const struct jt_view *v, uint32_t element,
	bool (*id_of)(const struct jt_view *v, uint32_t element, struct jt_id *out), char out[JETON_ID_SIZE])
{
	struct jt_id id;

	if (!id_of(v, element, &id) || !was_there(v))
		return JETON_UNAVAILABLE;
	(void)jt_id_text(&id, out);
	return JETON_ALLOWED;
}

static enum jeton_result find(struct jeton *j, const struct jeton_answer *answer, const struct jt_view **v)
{
	if (token_of(answer) == 0)
		return JETON_BAD_ARGUMENT;
	*v = view_of(j, answer);
	return *v && token_of(answer) < (*v)->room[JT_SECTION_TOKEN_ID] && org_of(answer) < (*v)->room[JT_SECTION_ORG]
		       ? JETON_ALLOWED
		       : JETON_UNAVAILABLE;
}

enum jeton_result jeton_answer_token(struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE])
{
	const struct jt_view *v = NULL;
	enum jeton_result r = find(j, answer, &v);

	id[0] = '\0';
	return r == JETON_ALLOWED ? write_id(v, token_of(answer), jt_token_id, id) : r;
}

enum jeton_result jeton_answer_org(struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE])
{
	const struct jt_view *v = NULL;
	enum jeton_result r = find(j, answer, &v);

	id[0] = '\0';
	return r == JETON_ALLOWED ? write_id(v, org_of(answer), jt_org_id, id) : r;
}

enum jeton_result jeton_answer_user(struct jeton *j, const struct jeton_answer *answer, char id[JETON_ID_SIZE])
{
	const struct jt_view *v = NULL;
	enum jeton_result r = find(j, answer, &v);

	id[0] = '\0';
	if (r != JETON_ALLOWED || !is_personal(answer))
		return r;
	return write_id(v, jt_cold_ref(v, token_of(answer)), jt_user_id, id);
}

enum jeton_result jeton_answer_kind(struct jeton *j, const struct jeton_answer *answer, const char **kind)
{
	(void)j;
	*kind = "";
	if (token_of(answer) == 0)
		return JETON_BAD_ARGUMENT;
	*kind = jt_kind_name((enum jt_kind)jt_word_kind(answer->inside[2]));
	return JETON_ALLOWED;
}

struct ids {
	char (*at)[JETON_ID_SIZE];
	size_t room, count;
};

static void add_team(const struct jt_view *v, uint32_t org, uint32_t team, struct ids *out)
{
	struct jt_id id;

	if (!jt_team_is_there(v, org, team) || !jt_team_id(v, team, &id))
		return;
	if (out->count < out->room)
		(void)jt_id_text(&id, out->at[out->count]);
	out->count++;
}

static void teams_of_token(const struct jt_view *v, uint32_t org, uint32_t token, struct ids *out)
{
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned count = jt_cold_list(v, jt_cold_ref(v, token), list, JT_TOKEN_TEAMS_MAX);

	for (unsigned i = 0; i < count; i++)
		add_team(v, org, list[i], out);
}

static void teams_of_user(const struct jt_view *v, uint32_t org, uint32_t user, struct ids *out)
{
	struct jt_teams_of walk = jt_teams_of(v, user);

	for (uint32_t team = jt_teams_next(&walk); team; team = jt_teams_next(&walk))
		add_team(v, org, team, out);
}

enum jeton_result jeton_answer_teams(
	struct jeton *j, const struct jeton_answer *answer, char (*ids)[JETON_ID_SIZE], size_t room, size_t *count)
{
	struct ids out = {.at = ids, .room = room};
	const struct jt_view *v = NULL;
	enum jeton_result r = find(j, answer, &v);

	*count = 0;
	if (r != JETON_ALLOWED)
		return r;
	if (!is_confined(v, answer))
		return still(v, answer) ? JETON_BAD_ARGUMENT : JETON_UNAVAILABLE;
	if (is_personal(answer))
		teams_of_user(v, org_of(answer), jt_cold_ref(v, token_of(answer)), &out);
	else
		teams_of_token(v, org_of(answer), token_of(answer), &out);
	if (!still(v, answer) || !was_there(v))
		return JETON_UNAVAILABLE;
	*count = out.count;
	return JETON_ALLOWED;
}

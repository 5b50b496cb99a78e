/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/ask.h"

#include <string.h>

#define LOOKS_MAX 64 /* how often what changes under a look is looked at anew */

bool jt_ask_lives(const struct jt_view *v)
{
	return atomic_load_explicit(&v->live->state, memory_order_acquire) == JT_TABLE_LIVES;
}

/* Who was found, while it is decided what they may. */
struct holder {
	const struct jt_view *v;
	const struct jt_set_record *set; /* of the token's or the user's role; NULL: grants nothing */
	uint32_t org, token;
	unsigned kind;
	bool personal, owner, limited;
};

static inline bool set_has(const struct jt_set_word *words, unsigned bit)
{
	const struct jt_set_word *w = &words[bit / 64];

	return (w->held >> (bit % 64) & 1) != 0 && w->held == ~w->not_held;
}

/* Whoever holds it: may a token of this kind, of this person, hold it at all? */
static inline bool may_hold(const struct holder *h, uint32_t scope)
{
	return JT_TERM_MAY(scope, h->kind) && (!(scope & JT_TERM_OWNER_ONLY) || h->owner);
}

static inline bool role_has(const struct holder *h, uint32_t scope)
{
	return h->owner || (h->set && set_has(h->set->scopes, JT_TERM_BIT(scope)));
}

/* Of a user: is what the role gives held in the user's teams alone? A role that grants nothing reaches no further. */
static inline bool reaches_teams(const struct holder *h)
{
	return !h->set || h->set->reach != jt_pair(JT_REACH_ORG);
}

/* The first step that refuses, over all scopes: one that is not known, then one that is not held, then one held in part. */
struct refusal {
	enum jt_step step;
	uint32_t at;
};

static inline void refuse(struct refusal *r, enum jt_step step, size_t at)
{
	if (r->step == JT_STEP_ALLOWED || step < r->step) {
		r->step = step;
		r->at = (uint32_t)at;
	}
}

static bool any_team_left(const struct holder *h)
{
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned count = jt_cold_list(h->v, jt_cold_ref(h->v, h->token), list, JT_TOKEN_TEAMS_MAX);

	for (unsigned i = 0; i < count; i++) {
		if (jt_team_is_there(h->v, h->org, list[i]))
			return true;
	}
	return false;
}

/* At org level, of those who are confined to teams. */
static struct refusal confined_at_org(const struct holder *h, const struct jeton_request *ask)
{
	bool anything = !h->limited || any_team_left(h);
	struct refusal r = {JT_STEP_ALLOWED, 0};

	for (size_t i = 0; i < ask->scope_count; i++) {
		uint32_t scope = jt_term_is(&ask->scopes[i]->term, h->v, jt_term_look_scope);
		bool base = anything && role_has(h, scope) && may_hold(h, scope);

		if (!(scope & JT_TERM_KNOWN))
			refuse(&r, JT_STEP_UNKNOWN_SCOPE, i);
		else if (base && ((scope & JT_TERM_EVERYONE) || JT_TERM_OWN(scope, h->kind)))
			continue;
		else
			refuse(&r, base && (scope & JT_TERM_BY_TEAM) ? JT_STEP_PARTIAL : JT_STEP_SCOPE, i);
	}
	return r;
}

static inline struct refusal at_org(const struct holder *h, const struct jeton_request *ask)
{
	struct refusal r = {JT_STEP_ALLOWED, 0};

	if (h->limited || (h->personal && !h->owner && reaches_teams(h)))
		return confined_at_org(h, ask);
	for (size_t i = 0; i < ask->scope_count; i++) {
		uint32_t scope = jt_term_is(&ask->scopes[i]->term, h->v, jt_term_look_scope);

		if (!(scope & JT_TERM_KNOWN))
			refuse(&r, JT_STEP_UNKNOWN_SCOPE, i);
		else if (!role_has(h, scope) || !may_hold(h, scope))
			refuse(&r, JT_STEP_SCOPE, i);
	}
	return r;
}

static bool is_among(const struct holder *h, uint32_t team)
{
	uint32_t list[JT_TOKEN_TEAMS_MAX];
	unsigned count = jt_cold_list(h->v, jt_cold_ref(h->v, h->token), list, JT_TOKEN_TEAMS_MAX);

	for (unsigned i = 0; i < count; i++) {
		if (list[i] == team)
			return team != 0;
	}
	return false;
}

/* In a team that is there, or in an app (of a team, or of 0). */
static struct refusal in_place(const struct holder *h, const struct jeton_request *ask, uint32_t team)
{
	bool confined = h->limited || (h->personal && !h->owner && reaches_teams(h));
	const struct jt_set_record *in_team = NULL;
	struct refusal r = {JT_STEP_ALLOWED, 0};
	bool looked = false;

	if (h->limited && !is_among(h, team))
		return (struct refusal){JT_STEP_NOT_VISIBLE, 0};
	for (size_t i = 0; i < ask->scope_count || (h->personal && confined && !looked); i++) {
		uint32_t scope = i < ask->scope_count ? jt_term_is(&ask->scopes[i]->term, h->v, jt_term_look_scope) : 0;
		bool held = role_has(h, scope);

		/* A user's role in the team is looked up only for who needs it. */
		if (h->personal && !looked && (confined || !held)) {
			uint32_t role = team ? jt_member_role(h->v, jt_cold_ref(h->v, h->token), team) : 0;

			looked = true;
			if (confined && role == 0)
				return (struct refusal){JT_STEP_NOT_VISIBLE, 0};
			in_team = jt_role_set(h->v, role);
		}
		if (i >= ask->scope_count)
			break;
		held = held || (in_team && set_has(in_team->in_team, JT_TERM_BIT(scope)));
		if (!(scope & JT_TERM_KNOWN))
			refuse(&r, JT_STEP_UNKNOWN_SCOPE, i);
		else if (!held || !may_hold(h, scope))
			refuse(&r, JT_STEP_SCOPE, i);
	}
	return r;
}

/* The team that an app or team is asked about in; false: it is not there. */
static bool find_place(const struct holder *h, const struct jeton_request *ask, uint32_t *team)
{
	if (ask->team) {
		*team = jt_term_is(&ask->team->term, h->v, jt_term_look_team);
		return jt_team_is_there(h->v, h->org, *team);
	}
	if (!jt_app_team(h->v, h->org, jt_term_is(&ask->app->term, h->v, jt_term_look_app), team))
		return false;
	if (!jt_team_is_there(h->v, h->org, *team))
		*team = 0;
	return true;
}

static inline struct refusal decide(const struct holder *h, const struct jeton_request *ask)
{
	uint32_t team = 0;

	if (!ask->app && !ask->team)
		return at_org(h, ask);
	return find_place(h, ask, &team) ? in_place(h, ask, team) : (struct refusal){JT_STEP_NOT_VISIBLE, 0};
}

/* The steps from known to user active, of a word that is sound. */
static inline enum jt_step of_word(const struct jt_view *v, uint64_t word, uint32_t org, uint32_t wanted_org,
	const struct jeton_request *ask, int64_t now_s)
{
	if (ask->org && org != wanted_org)
		return JT_STEP_OTHER_ORG;
	if (jt_word_state(word) == JT_VALUE_REVOKED)
		return JT_STEP_REVOKED;
	if (jt_word_expired(word, v->epoch_s, now_s))
		return JT_STEP_EXPIRED;
	if (!jt_org_is_active(v, org))
		return JT_STEP_ORG_INACTIVE;
	return jt_word_state(word) == JT_VALUE_LIVES ? JT_STEP_ALLOWED : JT_STEP_USER_INACTIVE;
}

static inline void hold(struct holder *h, const struct jt_view *v, const struct jt_hot_entry *e, uint64_t word)
{
	h->v = v;
	h->org = e->org;
	h->token = e->token;
	h->kind = jt_word_kind(word);
	h->personal = h->kind == JT_KIND_PERSONAL;
	h->owner = h->personal && jt_word_owner(word);
	h->limited = !h->personal && jt_word_limited(word);
	h->set = jt_role_set(v, jt_word_role(word));
}

static void fill(
	struct jt_asked *out, const struct jt_view *v, const struct jt_hot_entry *e, uint64_t word, uint64_t moves)
{
	out->moves = (uint32_t)moves;
	out->instance = v->instance;
	out->org = e->org;
	out->token = e->token;
	out->entry = (uint32_t)(e - v->hot);
	out->word = word;
	out->expires_s = jt_word_expires_s(word, v->epoch_s);
}

/* After all else was read: was all of it so at one moment? */
static inline bool still(const struct jt_view *v, const struct jt_hot_entry *e, uint64_t word, uint64_t moves)
{
	return atomic_load_explicit(&e->word, memory_order_acquire) == word && jt_moves(v) == moves;
}

/* Everything that the quick way leaves open. */
static __attribute__((noinline)) enum jt_step ask_whole(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE],
	const struct jeton_request *ask, struct jt_asked *out)
{
	uint32_t wanted_org = 0;
	struct holder h;

	if (!jt_ask_lives(v) || !jt_view_fresh(v, &out->now_s))
		return JT_STEP_STALE;
	if (out->as_of < ask->min_seq)
		return JT_STEP_BEHIND;
	if (ask->org)
		wanted_org = jt_term_is(&ask->org->term, v, jt_term_look_org);
	for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
		struct refusal r = {JT_STEP_UNKNOWN, 0};
		const struct jt_hot_entry *e = NULL;
		uint64_t moves = jt_moves(v), word = 0;

		e = jt_find_value(v, digest, &word);
		if (!e || !jt_word_is_sound(word, e->org, e->token) || e->org >= v->room[JT_SECTION_ORG] ||
			jt_word_kind(word) >= JT_KIND_COUNT || e->token >= v->room[JT_SECTION_TOKEN_ID])
			return JT_STEP_UNKNOWN;
		r.step = of_word(v, word, e->org, wanted_org, ask, out->now_s);
		if (r.step == JT_STEP_ALLOWED) {
			hold(&h, v, e, word);
			r = decide(&h, ask);
		} else {
			moves = jt_moves(v); /* refused by the word, whatever else was changed */
		}
		if (!still(v, e, word, moves))
			continue;
		fill(out, v, e, word, moves);
		out->missing = r.at;
		return r.step;
	}
	return JT_STEP_STALE;
}

/* The entry of a digest if it is one of the two where it belongs, which are one cache line. */
static inline const struct jt_hot_entry *at_home(
	const struct jt_hot_entry *home, const uint64_t wanted[2], uint64_t *word)
{
	for (unsigned i = 0; i < 2; i++) {
		*word = atomic_load_explicit(&home[i].word, memory_order_acquire);
		/* The digest of what is not published yet is not to be looked at: it is being written. */
		if (*word != 0 && home[i].digest[0] == wanted[0] && home[i].digest[1] == wanted[1])
			return &home[i];
	}
	return NULL;
}

/* The same facts as in ask_whole, for what is asked most: at org level, of a token or a user not confined to teams. Only ever
 * says yes; what it leaves open is decided there. */
static inline bool quickly_yes(const struct jt_view *v, const struct jt_hot_entry *home, const uint64_t wanted[2],
	const struct jeton_request *ask, struct jt_asked *out)
{
	const uint64_t plain = (uint64_t)JT_VALUE_LIVES << JT_WORD_STATE;
	const uint64_t varied = (uint64_t)3 << JT_WORD_STATE | (uint64_t)1 << JT_WORD_LIMITED;
	const struct jt_hot_entry *e = NULL;
	const struct jt_set_record *set = NULL;
	uint64_t moves = jt_moves(v), word = 0;
	unsigned kind;
	bool owner;

	if (!jt_ask_lives(v) || !jt_view_fresh_at_once(v, &out->now_s) || out->as_of < ask->min_seq || ask->app ||
		ask->team)
		return false;
	e = at_home(home, wanted, &word);
	if (!e || (word & varied) != plain || !jt_word_is_sound(word, e->org, e->token))
		return false;
	kind = jt_word_kind(word);
	if (!jt_org_is_active(v, e->org) || kind >= JT_KIND_COUNT || e->token >= v->room[JT_SECTION_TOKEN_ID] ||
		jt_word_expired(word, v->epoch_s, out->now_s) ||
		(ask->org && jt_term_is(&ask->org->term, v, jt_term_look_org) != e->org))
		return false;
	owner = kind == JT_KIND_PERSONAL && jt_word_owner(word);
	if (!owner) {
		set = jt_role_set(v, jt_word_role(word));
		if (!set || (kind == JT_KIND_PERSONAL && set->reach != jt_pair(JT_REACH_ORG)))
			return false;
	}
	for (size_t i = 0; i < ask->scope_count; i++) {
		uint32_t scope = jt_term_is(&ask->scopes[i]->term, v, jt_term_look_scope);

		if (!JT_TERM_MAY(scope, kind) ||
			(!owner && ((scope & JT_TERM_OWNER_ONLY) || !set_has(set->scopes, JT_TERM_BIT(scope)))))
			return false;
	}
	if (!still(v, e, word, moves))
		return false;
	fill(out, v, e, word, moves);
	return true;
}

enum jt_step jt_ask_view(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE], const struct jeton_request *ask,
	struct jt_asked *out)
{
	const struct jt_hot_entry *home = NULL;
	uint64_t wanted[2];

	memcpy(wanted, digest, sizeof(wanted));
	home = &v->hot[(size_t)jt_place_of(wanted[0], v->lines) * 2];
	__builtin_prefetch(home);
	__builtin_prefetch(home + 2); /* where most of those are that are not at home */
	out->as_of = jt_view_seq(v);
	out->missing = 0;
	if (quickly_yes(v, home, wanted, ask, out))
		return JT_STEP_ALLOWED;
	out->instance = v->instance;
	out->org = out->token = 0;
	out->expires_s = 0;
	return ask_whole(v, digest, ask, out);
}

/* A set as the grant wants it; one that is damaged grants nothing. */
static struct jt_scopes scopes_of(const struct jt_set_word *words)
{
	struct jt_scopes s;

	(void)jt_set_scopes(words, &s);
	return s;
}

static void grant_once(
	const struct jt_view *v, const struct jt_asked *asked, const struct jeton_request *ask, struct jt_grant *out)
{
	struct jt_holding holding = {.kind = JT_KIND_PERSONAL};
	enum jt_place_kind place = ask->team ? JT_PLACE_TEAM : ask->app ? JT_PLACE_APP : JT_PLACE_ORG;
	struct holder h;
	uint32_t team = 0;

	*out = (struct jt_grant){.visible = false};
	hold(&h, v, &v->hot[asked->entry], asked->word);
	if (!jt_org_is_active(v, h.org) || (place != JT_PLACE_ORG && !find_place(&h, ask, &team)))
		return;
	holding.kind = (enum jt_kind)h.kind;
	holding.owner = h.owner;
	holding.confined = h.limited || (h.personal && !h.owner && reaches_teams(&h));
	if (h.set && (!h.limited || any_team_left(&h)))
		holding.role = scopes_of(h.set->scopes);
	if (h.personal && team) {
		uint32_t role = jt_member_role(v, jt_cold_ref(v, h.token), team);
		const struct jt_set_record *in_team = jt_role_set(v, role);

		holding.among = role != 0;
		if (in_team)
			holding.in_team = scopes_of(in_team->in_team);
	} else if (h.limited) {
		holding.among = is_among(&h, team);
	}
	jt_grant_compute(&v->policy, &holding, place, out);
}

void jt_ask_grant(
	const struct jt_view *v, const struct jt_asked *asked, const struct jeton_request *ask, struct jt_grant *out)
{
	for (unsigned looks = 0; looks < LOOKS_MAX && asked->instance == v->instance && asked->token != 0; looks++) {
		const struct jt_hot_entry *e = &v->hot[asked->entry];
		uint64_t moves = jt_moves(v);

		grant_once(v, asked, ask, out);
		if (still(v, e, asked->word, moves))
			return;
		if (atomic_load_explicit(&e->word, memory_order_acquire) != asked->word)
			break;
	}
	*out = (struct jt_grant){.visible = false};
}

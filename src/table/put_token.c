/* SPDX-License-Identifier: Apache-2.0 */
#include "table/put.h"

#include "base/secret.h"

#include <string.h>

/* Tokens: a cold side by id, and an entry for each live value. An entry is found through its word alone, which is stored last;
 * the cold side names its entries before that, so that a later write knows all of them whatever happened in between. */

#define NO_ENTRY 0 /* in a link: entries are counted from 1 there */

uint32_t jt_put_expiry(const struct jt_view *w, int64_t expires_s)
{
	if (expires_s == 0)
		return 0;
	if (expires_s <= w->epoch_s)
		return JT_EXPIRY_BURNT;
	return expires_s > w->epoch_s + UINT32_MAX ? UINT32_MAX : (uint32_t)(expires_s - w->epoch_s);
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 || a < b ? a : b;
}

enum jt_result jt_put_place(struct jt_view *w, const uint8_t *digest, const uint32_t *but, uint32_t *out)
{
	uint32_t room = w->room[JT_SECTION_HOT];
	uint32_t used = atomic_load_explicit(&w->live->used[JT_SECTION_HOT], memory_order_relaxed);
	uint64_t hash = 0;
	uint32_t at;

	if (used >= room - room / 8)
		return JT_DISK_FULL;
	memcpy(&hash, digest, sizeof(hash));
	at = jt_place_of(hash, w->lines) * 2;
	for (unsigned n = 0; n < JT_PROBES_MAX; n++) {
		if (atomic_load_explicit(&w->hot[at].word, memory_order_relaxed) == 0 && !(but && *but == at)) {
			*out = at;
			return JT_OK;
		}
		at = at + 1 == room ? 0 : at + 1;
	}
	return JT_DISK_FULL;
}

void jt_put_entry(struct jt_view *w, uint32_t at, const uint8_t *digest, uint32_t org, uint32_t token, uint64_t word)
{
	struct jt_hot_entry *e = &w->hot[at];

	memcpy(e->digest, digest, JT_TABLE_DIGEST);
	e->org = org;
	e->token = token;
	atomic_store_explicit(&e->word, word, memory_order_release);
	atomic_fetch_add_explicit(&w->live->used[JT_SECTION_HOT], 1, memory_order_relaxed);
}

/* The entries that a token's cold side names and that are its own: a link may be from before a crash. */
static unsigned entries_of(const struct jt_view *w, uint32_t token, struct jt_hot_entry *out[JT_TOKEN_VALUES_MAX])
{
	uint64_t link = atomic_load_explicit(&w->token_link[token], memory_order_relaxed);
	uint32_t both[JT_TOKEN_VALUES_MAX] = {(uint32_t)link, (uint32_t)(link >> 32)};
	unsigned count = 0;

	for (unsigned i = 0; i < JT_TOKEN_VALUES_MAX; i++) {
		struct jt_hot_entry *e = NULL;

		if (both[i] == NO_ENTRY || both[i] > w->room[JT_SECTION_HOT])
			continue;
		e = &w->hot[both[i] - 1];
		if (atomic_load_explicit(&e->word, memory_order_relaxed) != 0 && e->token == token)
			out[count++] = e;
	}
	return count;
}

/* The same word with another state, role or owner. Sealed anew: of a word that is not sound only one that refuses may be made. */
static uint64_t word_with(const struct jt_hot_entry *e, uint32_t role, bool owner, enum jt_value_state state)
{
	uint64_t word = atomic_load_explicit(&e->word, memory_order_relaxed);

	return jt_word_make(jt_word_expiry(word), (enum jt_kind)jt_word_kind(word), role, jt_word_limited(word), owner,
		state, e->org, e->token);
}

static void kill_entry(struct jt_hot_entry *e)
{
	uint64_t word = atomic_load_explicit(&e->word, memory_order_relaxed);

	atomic_store_explicit(&e->word, word_with(e, jt_word_role(word), jt_word_owner(word), JT_VALUE_REVOKED),
		memory_order_release);
}

/* Is it neither damaged nor dead? */
static bool is_alive(const struct jt_hot_entry *e)
{
	uint64_t word = atomic_load_explicit(&e->word, memory_order_relaxed);

	return jt_word_is_sound(word, e->org, e->token) && jt_word_state(word) != JT_VALUE_REVOKED;
}

static void refresh(struct jt_view *w, uint32_t user, bool owner)
{
	struct jt_hot_entry *e[JT_TOKEN_VALUES_MAX];
	enum jt_record_state state;
	uint32_t token = 0, role = 0;

	if (user == 0 || user >= w->room[JT_SECTION_USER])
		return;
	token = jt_pair_value(atomic_load_explicit(&w->user[user].token, memory_order_relaxed));
	if (token == 0 || token >= w->room[JT_SECTION_TOKEN_LINK])
		return;
	state = jt_user_state(w, w->user[user].org, user, &role);
	for (unsigned i = entries_of(w, token, e); i > 0; i--) {
		if (!is_alive(e[i - 1]))
			continue;
		atomic_store_explicit(&e[i - 1]->word,
			word_with(
				e[i - 1], role, owner, state == JT_RECORD_ACTIVE ? JT_VALUE_LIVES : JT_VALUE_USER_OFF),
			memory_order_release);
	}
}

void jt_put_refresh(struct jt_view *w, uint32_t user)
{
	refresh(w, user, user < w->room[JT_SECTION_USER] && jt_org_owner(w, w->user[user].org) == user);
}

void jt_put_disown(struct jt_view *w, uint32_t user)
{
	refresh(w, user, false);
}

/* What its words and its cold side will say. */
struct made {
	uint32_t org, token, role, ref, user;
	bool owner;
	enum jt_value_state state;
	bool is_new;
};

/* A limited token's teams, once: it gets no others, though it may lose some. */
static enum jt_result write_list(struct jt_view *w, uint32_t org, const struct jt_table_token *k, uint32_t *ref)
{
	uint64_t check = 0;
	uint32_t team = 0;
	enum jt_result r = jt_put_claim(w, JT_SECTION_LIST, 2 + k->teams, ref);

	for (unsigned i = 0; r == JT_OK && i < k->teams; i++) {
		r = jt_put_need_team(w, org, &k->team[i], &team);
		if (r == JT_OK) {
			w->list[*ref + 2 + i] = team;
			check = jt_mix(check + team);
		}
	}
	if (r != JT_OK)
		return r;
	w->list[*ref] = k->teams;
	w->list[*ref + 1] = jt_record_check(check, k->teams, *ref);
	return JT_OK;
}

static bool has_team(const struct jt_table_token *k, const struct jt_id *team)
{
	for (unsigned i = 0; i < k->teams; i++) {
		if (jt_id_equal(&k->team[i], team))
			return true;
	}
	return false;
}

bool jt_put_list_is(const struct jt_view *v, uint32_t org, uint32_t ref, const struct jt_table_token *k)
{
	uint32_t has[JT_TOKEN_TEAMS_MAX];
	unsigned count = jt_cold_list(v, ref, has, JT_TOKEN_TEAMS_MAX), found = 0;
	struct jt_id id;

	for (unsigned i = 0; i < count; i++) {
		if (jt_team_id(v, has[i], &id) && has_team(k, &id))
			found++;
		else if (jt_team_is_there(v, org, has[i]))
			return false;
	}
	return found == k->teams && (count > 0 || k->teams == 0);
}

static enum jt_result look_round(struct jt_view *w, const struct jt_table_token *k, struct made *m)
{
	enum jt_record_state state = JT_RECORD_ACTIVE;
	enum jt_result r = jt_put_need_org(w, &k->org, &m->org);

	if (r != JT_OK)
		return r;
	m->token = w->filling ? 0 : jt_find_token(w, &k->id);
	m->is_new = m->token == 0;
	if (k->kind == JT_KIND_PERSONAL) {
		r = jt_put_need_user(w, m->org, &k->user, &m->user);
		if (r != JT_OK)
			return r;
		state = jt_user_state(w, m->org, m->user, &m->role);
		m->owner = jt_org_owner(w, m->org) == m->user;
		m->ref = m->user;
	} else {
		r = jt_put_need_role(w, m->org, &k->role, &m->role);
	}
	if (r == JT_OK && k->limited && k->kind != JT_KIND_PERSONAL) {
		m->ref = m->is_new ? 0 : jt_cold_ref(w, m->token);
		if (!k->revoked && (!m->ref || !jt_put_list_is(w, m->org, m->ref, k)))
			r = write_list(w, m->org, k, &m->ref);
	}
	m->state = k->revoked ? JT_VALUE_REVOKED : state == JT_RECORD_ACTIVE ? JT_VALUE_LIVES : JT_VALUE_USER_OFF;
	return r;
}

/* The cold side of a token that is new. */
static enum jt_result write_cold(struct jt_view *w, const struct jt_table_token *k, struct made *m)
{
	enum jt_result r = jt_put_claim(w, JT_SECTION_TOKEN_ID, 1, &m->token);

	if (r != JT_OK)
		return r;
	w->token_id[m->token] = k->id;
	atomic_store_explicit(&w->token_link[m->token], 0, memory_order_relaxed);
	atomic_store_explicit(&w->token_ref[m->token], jt_ref_of(&k->id, m->token, m->ref), memory_order_relaxed);
	return jt_put_slot(w, JT_SECTION_TOKEN_SLOT, jt_id_hash(w->seed, 0, &k->id), m->token);
}

/* A token with a link is counted: before it has one, and until after it has none. So nobody who is stopped counts too few. */
static void store_link(struct jt_view *w, uint32_t token, uint64_t link)
{
	bool was = atomic_load_explicit(&w->token_link[token], memory_order_relaxed) != 0;

	if (!was && link)
		atomic_fetch_add_explicit(&w->live->tokens, 1, memory_order_relaxed);
	atomic_store_explicit(&w->token_link[token], link, memory_order_release);
	if (was && !link)
		atomic_fetch_sub_explicit(&w->live->tokens, 1, memory_order_relaxed);
}

/* Was the value put to death for its age? A value never lives longer than it was given at first, so that is for good. */
static bool is_burnt(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE])
{
	uint64_t word = 0;
	const struct jt_hot_entry *e = jt_find_value(v, digest, &word);

	return e && jt_word_is_sound(word, e->org, e->token) && jt_word_expiry(word) == JT_EXPIRY_BURNT;
}

static uint64_t word_of(const struct jt_view *w, const struct jt_view *before, const struct jt_table_token *k,
	const struct made *m, unsigned i)
{
	uint32_t expiry = jt_put_expiry(w, sooner(k->expires_s, k->value_expires_s[i]));

	if (before && is_burnt(before, k->digest[i]))
		expiry = JT_EXPIRY_BURNT;
	return jt_word_make(expiry, k->kind, m->role, k->limited, m->owner, m->state, m->org, m->token);
}

/* Where each value stands or will stand. JT_INTERNAL: another token has the value. */
static enum jt_result find_places(struct jt_view *w, const struct jt_table_token *k, const struct made *m,
	uint32_t place[JT_TOKEN_VALUES_MAX], bool there[JT_TOKEN_VALUES_MAX])
{
	uint64_t word = 0;
	enum jt_result r = JT_OK;

	for (unsigned i = 0; r == JT_OK && i < k->values; i++) {
		const struct jt_hot_entry *e = w->filling ? NULL : jt_find_value(w, k->digest[i], &word);

		there[i] = e != NULL;
		if (!e)
			r = jt_put_place(w, k->digest[i], i > 0 && !there[0] ? &place[0] : NULL, &place[i]);
		else if (e->token != m->token)
			r = JT_INTERNAL;
		else
			place[i] = (uint32_t)(e - w->hot);
	}
	return r;
}

/* What the token had before and has no more is dead, before anything else changes. */
static void kill_others(struct jt_view *w, const struct made *m, const uint32_t *place, unsigned count)
{
	struct jt_hot_entry *e[JT_TOKEN_VALUES_MAX];

	for (unsigned n = entries_of(w, m->token, e); n > 0; n--) {
		uint32_t at = (uint32_t)(e[n - 1] - w->hot);

		if (!((count > 0 && place[0] == at) || (count > 1 && place[1] == at)))
			kill_entry(e[n - 1]);
	}
}

static void tie_to_user(struct jt_view *w, const struct jt_table_token *k, const struct made *m)
{
	uint32_t known = 0;

	if (k->kind != JT_KIND_PERSONAL)
		return;
	known = jt_pair_value(atomic_load_explicit(&w->user[m->user].token, memory_order_relaxed));
	if (k->revoked && known != 0 && known != m->token)
		return; /* the user has another by now */
	atomic_store_explicit(&w->user[m->user].token, jt_pair(m->token), memory_order_release);
}

enum jt_result jt_put_token(struct jt_view *w, const struct jt_view *before, const struct jt_table_token *k)
{
	uint32_t place[JT_TOKEN_VALUES_MAX] = {0};
	bool there[JT_TOKEN_VALUES_MAX] = {false};
	struct made m = {0};
	enum jt_result r = JT_OK;

	if (k->values > JT_TOKEN_VALUES_MAX || k->teams > JT_TOKEN_TEAMS_MAX)
		return JT_TOO_LONG;
	r = look_round(w, k, &m);
	if (r == JT_OK && m.is_new)
		r = write_cold(w, k, &m);
	if (r == JT_OK)
		r = find_places(w, k, &m, place, there);
	if (r != JT_OK)
		return r;
	kill_others(w, &m, place, k->values);
	if (!m.is_new)
		atomic_store_explicit(&w->token_ref[m.token], jt_ref_of(&k->id, m.token, m.ref), memory_order_release);
	store_link(w, m.token,
		(k->values > 0 ? (uint64_t)place[0] + 1 : 0) | (k->values > 1 ? ((uint64_t)place[1] + 1) << 32 : 0));
	tie_to_user(w, k, &m);
	for (unsigned i = 0; i < k->values; i++) {
		uint64_t word = word_of(w, before, k, &m, i);

		if (there[i])
			atomic_store_explicit(&w->hot[place[i]].word, word, memory_order_release);
		else
			jt_put_entry(w, place[i], k->digest[i], m.org, m.token, word);
	}
	return JT_OK;
}

/* Which of the row's values the entry is of; k->values: none. */
static unsigned value_of(const struct jt_table_token *k, const struct jt_hot_entry *e)
{
	unsigned i = 0;

	while (i < k->values && !jt_secret_equal(k->digest[i], JT_TABLE_DIGEST, e->digest, sizeof(e->digest)))
		i++;
	return i;
}

void jt_put_narrow_token(struct jt_view *w, const struct jt_table_token *k)
{
	struct jt_hot_entry *e[JT_TOKEN_VALUES_MAX];
	uint32_t token = jt_find_token(w, &k->id);

	for (unsigned n = token ? entries_of(w, token, e) : 0; n > 0; n--) {
		uint64_t word = atomic_load_explicit(&e[n - 1]->word, memory_order_relaxed);
		unsigned i = value_of(k, e[n - 1]);
		uint32_t expiry;

		if (i == k->values) {
			kill_entry(e[n - 1]);
			continue;
		}
		expiry = jt_put_expiry(w, sooner(k->expires_s, k->value_expires_s[i]));
		if (is_alive(e[n - 1]) && expiry != 0 && (jt_word_expiry(word) == 0 || jt_word_expiry(word) > expiry))
			atomic_store_explicit(&e[n - 1]->word,
				jt_word_until(word, expiry, e[n - 1]->org, e[n - 1]->token), memory_order_release);
	}
}

bool jt_put_token_differs(const struct jt_view *v, const struct jt_table_token *k)
{
	struct jt_hot_entry *e[JT_TOKEN_VALUES_MAX];
	uint32_t token = k->kind == JT_KIND_PERSONAL ? 0 : jt_find_token(v, &k->id);
	uint32_t role = token ? jt_find_role_for(v, jt_find_org(v, &k->org), &k->role) : 0;

	for (unsigned n = token ? entries_of(v, token, e) : 0; n > 0; n--) {
		if (is_alive(e[n - 1]) &&
			jt_word_role(atomic_load_explicit(&e[n - 1]->word, memory_order_relaxed)) != role)
			return true;
	}
	return false;
}

void jt_drop_token(struct jt_view *w, const struct jt_id *org, const struct jt_id *token)
{
	struct jt_hot_entry *e[JT_TOKEN_VALUES_MAX];
	uint32_t at = jt_find_token(w, token);
	uint32_t of = jt_find_org(w, org);
	unsigned n = at ? entries_of(w, at, e) : 0;
	bool any = false;

	for (; n > 0; n--) {
		if (e[n - 1]->org != of)
			continue;
		kill_entry(e[n - 1]);
		any = true;
	}
	if (any)
		store_link(w, at, 0);
}

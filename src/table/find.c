/* SPDX-License-Identifier: Apache-2.0 */
#include "table/find.h"

#include "table/records.h"

#include <nettle/sha2.h>
#include <string.h>

/* What a slot may lead to. */
struct key {
	const struct jt_view *view;
	const struct jt_id *id;
	uint32_t org;
	uint32_t user, team;
	const char *name;
	size_t length;
	uint64_t hash; /* of the name */
};

/* Walks the slots from where `hash` stands to the first that is free; the first element that is the key's. */
static uint32_t walk(const struct key *k, enum jt_section slots, enum jt_section records, uint64_t hash,
	bool (*is)(const struct key *k, uint32_t at))
{
	const struct jt_view *v = k->view;
	const _Atomic uint32_t *slot = jt_view_slots(v, slots);
	uint32_t room = v->room[slots];
	uint32_t at = jt_place_of(hash, room);

	for (uint32_t n = 0; n < room && n < JT_PROBES_MAX; n++) {
		uint32_t found = atomic_load_explicit(&slot[at], memory_order_acquire);

		if (found == 0)
			return 0;
		if (found < v->room[records] && is(k, found))
			return found;
		at = at + 1 == room ? 0 : at + 1;
	}
	return 0;
}

static bool is_org(const struct key *k, uint32_t at)
{
	return jt_id_equal(&k->view->org[at].id, k->id);
}

uint32_t jt_find_org(const struct jt_view *v, const struct jt_id *id)
{
	struct key k = {.view = v, .id = id};

	return walk(&k, JT_SECTION_ORG_SLOT, JT_SECTION_ORG, jt_id_hash(v->seed, 0, id), is_org);
}

static bool is_role(const struct key *k, uint32_t at)
{
	const struct jt_role_record *r = &k->view->role[at];

	return r->org == k->org && jt_id_equal(&r->id, k->id) && r->check == jt_id_check(k->id, k->org, at);
}

uint32_t jt_find_role(const struct jt_view *v, uint32_t org, const struct jt_id *id)
{
	struct key k = {.view = v, .id = id, .org = org};

	return walk(&k, JT_SECTION_ROLE_SLOT, JT_SECTION_ROLE, jt_id_hash(v->seed, org, id), is_role);
}

uint32_t jt_find_role_for(const struct jt_view *v, uint32_t org, const struct jt_id *id)
{
	uint32_t managed = jt_find_role(v, 0, id);

	return managed ? managed : jt_find_role(v, org, id);
}

static bool is_user(const struct key *k, uint32_t at)
{
	const struct jt_user_record *u = &k->view->user[at];

	return u->org == k->org && jt_id_equal(&u->id, k->id) && u->check == jt_id_check(k->id, k->org, at);
}

uint32_t jt_find_user(const struct jt_view *v, uint32_t org, const struct jt_id *id)
{
	struct key k = {.view = v, .id = id, .org = org};

	return walk(&k, JT_SECTION_USER_SLOT, JT_SECTION_USER, jt_id_hash(v->seed, org, id), is_user);
}

static bool is_team(const struct key *k, uint32_t at)
{
	const struct jt_team_record *t = &k->view->team[at];

	return t->org == k->org && jt_id_equal(&t->id, k->id) && t->check == jt_id_check(k->id, k->org, at);
}

uint32_t jt_find_team(const struct jt_view *v, uint32_t org, const struct jt_id *id)
{
	struct key k = {.view = v, .id = id, .org = org};

	return walk(&k, JT_SECTION_TEAM_SLOT, JT_SECTION_TEAM, jt_id_hash(v->seed, org, id), is_team);
}

static bool is_token(const struct key *k, uint32_t at)
{
	return jt_id_equal(&k->view->token_id[at], k->id);
}

uint32_t jt_find_token(const struct jt_view *v, const struct jt_id *id)
{
	struct key k = {.view = v, .id = id};

	return walk(&k, JT_SECTION_TOKEN_SLOT, JT_SECTION_TOKEN_ID, jt_id_hash(v->seed, 0, id), is_token);
}

bool jt_org_id(const struct jt_view *v, uint32_t org, struct jt_id *out)
{
	if (org == 0 || org >= v->room[JT_SECTION_ORG])
		return false;
	*out = v->org[org].id;
	return jt_ref_is_of(atomic_load_explicit(&v->org[org].owner, memory_order_acquire), out, org);
}

bool jt_token_id(const struct jt_view *v, uint32_t token, struct jt_id *out)
{
	if (token == 0 || token >= v->room[JT_SECTION_TOKEN_ID])
		return false;
	*out = v->token_id[token];
	return jt_ref_is_of(atomic_load_explicit(&v->token_ref[token], memory_order_acquire), out, token);
}

bool jt_user_id(const struct jt_view *v, uint32_t user, struct jt_id *out)
{
	if (user == 0 || user >= v->room[JT_SECTION_USER])
		return false;
	*out = v->user[user].id;
	return v->user[user].check == jt_id_check(out, v->user[user].org, user);
}

bool jt_team_id(const struct jt_view *v, uint32_t team, struct jt_id *out)
{
	if (team == 0 || team >= v->room[JT_SECTION_TEAM])
		return false;
	*out = v->team[team].id;
	return v->team[team].check == jt_id_check(out, v->team[team].org, team);
}

uint64_t jt_member_hash(const struct jt_view *v, uint32_t user, uint32_t team)
{
	return jt_mix((uint64_t)user << 32 ^ team ^ v->seed);
}

uint32_t jt_member_check(uint32_t user, uint32_t team, uint32_t next, uint32_t at)
{
	return jt_record_check((uint64_t)user << 32 | team, next, at);
}

static bool is_member(const struct key *k, uint32_t at)
{
	const struct jt_member_record *m = &k->view->member[at];

	return m->user == k->user && m->team == k->team && m->check == jt_member_check(m->user, m->team, m->next, at);
}

uint32_t jt_find_member(const struct jt_view *v, uint32_t user, uint32_t team)
{
	struct key k = {.view = v, .user = user, .team = team};

	return walk(&k, JT_SECTION_MEMBER_SLOT, JT_SECTION_MEMBER, jt_member_hash(v, user, team), is_member);
}

/* People choose the names of apps, so where they stand must not be foreseeable: hashed with the file's own secret seed. */
uint64_t jt_app_hash(const struct jt_view *v, uint32_t org, const char *name, size_t length)
{
	uint8_t digest[JT_DIGEST_SIZE];
	struct sha256_ctx ctx;
	uint64_t hash = 0;

	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(v->seed), (const uint8_t *)&v->seed);
	sha256_update(&ctx, sizeof(org), (const uint8_t *)&org);
	sha256_update(&ctx, length, (const uint8_t *)name);
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(&hash, digest, sizeof(hash));
	return hash;
}

/* With the name, which no other check covers: a damaged one must not be found where another is looked for. */
uint32_t jt_app_check(const struct jt_app_record *a, uint64_t hash, uint32_t at)
{
	return jt_record_check((uint64_t)a->org << 32 | a->text, hash + a->length, at);
}

static bool app_is_sound(const struct jt_view *v, const struct jt_app_record *a, uint64_t hash, uint32_t at)
{
	return a->check == jt_app_check(a, hash, at) && a->length <= JT_APP_NAME_MAX &&
	       a->text <= v->room[JT_SECTION_TEXT] && a->length <= v->room[JT_SECTION_TEXT] - a->text;
}

static bool is_app(const struct key *k, uint32_t at)
{
	const struct jt_app_record *a = &k->view->app[at];

	return a->org == k->org && a->length == k->length && app_is_sound(k->view, a, k->hash, at) &&
	       strncmp(k->view->text + a->text, k->name, k->length) == 0;
}

uint32_t jt_find_app(const struct jt_view *v, uint32_t org, const char *name, size_t length)
{
	struct key k = {.view = v, .org = org, .name = name, .length = length};

	if (length > JT_APP_NAME_MAX)
		return 0;
	k.hash = jt_app_hash(v, org, name, length);
	return walk(&k, JT_SECTION_APP_SLOT, JT_SECTION_APP, k.hash, is_app);
}

const struct jt_hot_entry *jt_find_value(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE], uint64_t *word)
{
	uint64_t wanted[2];
	uint32_t at;

	memcpy(wanted, digest, sizeof(wanted));
	at = jt_place_of(wanted[0], v->lines) * 2;
	for (unsigned n = 0; n < JT_PROBES_MAX; n++) {
		const struct jt_hot_entry *e = &v->hot[at];

		*word = atomic_load_explicit(&e->word, memory_order_acquire);
		if (*word == 0)
			return NULL;
		if (e->digest[0] == wanted[0] && e->digest[1] == wanted[1])
			return e;
		at = at + 1 == v->room[JT_SECTION_HOT] ? 0 : at + 1;
	}
	return NULL;
}

uint32_t jt_org_owner(const struct jt_view *v, uint32_t org)
{
	return org < v->room[JT_SECTION_ORG]
		       ? jt_ref_element(atomic_load_explicit(&v->org[org].owner, memory_order_acquire))
		       : 0;
}

bool jt_team_is_there(const struct jt_view *v, uint32_t org, uint32_t team)
{
	return team != 0 && team < v->room[JT_SECTION_TEAM] && v->team[team].org == org &&
	       jt_pair_value(atomic_load_explicit(&v->team[team].state, memory_order_acquire)) == JT_RECORD_ACTIVE;
}

bool jt_set_scopes(const struct jt_set_word word[JT_SET_WORDS], struct jt_scopes *out)
{
	uint64_t damaged = 0;

	for (unsigned i = 0; i < JT_SET_WORDS; i++) {
		out->word[i] = word[i].held;
		damaged |= ~(word[i].held ^ word[i].not_held);
	}
	if (damaged)
		*out = (struct jt_scopes){{0}};
	return damaged == 0;
}

enum jt_record_state jt_user_state(const struct jt_view *v, uint32_t org, uint32_t user, uint32_t *role)
{
	uint32_t both = 0;

	*role = 0;
	if (user == 0 || user >= v->room[JT_SECTION_USER] || v->user[user].org != org ||
		v->user[user].check != jt_id_check(&v->user[user].id, org, user))
		return JT_RECORD_NONE;
	both = jt_pair_value(atomic_load_explicit(&v->user[user].role, memory_order_acquire));
	*role = both & ((1U << JT_USER_STATE) - 1);
	return (enum jt_record_state)(both >> JT_USER_STATE);
}

uint32_t jt_member_role(const struct jt_view *v, uint32_t user, uint32_t team)
{
	uint32_t at = jt_find_member(v, user, team);
	uint32_t role = at ? jt_pair_value(atomic_load_explicit(&v->member[at].role, memory_order_acquire)) : 0;

	return role & JT_THERE ? role & ~JT_THERE : 0;
}

struct jt_teams_of jt_teams_of(const struct jt_view *v, uint32_t user)
{
	struct jt_teams_of w = {.view = v, .user = user, .left = v->room[JT_SECTION_MEMBER]};

	if (user != 0 && user < v->room[JT_SECTION_USER])
		w.at = jt_pair_value(atomic_load_explicit(&v->user[user].members, memory_order_acquire));
	return w;
}

uint32_t jt_teams_next(struct jt_teams_of *w)
{
	const struct jt_view *v = w->view;

	/* As many steps as there can be memberships: a damaged list ends. */
	while (w->at != 0 && w->at < v->room[JT_SECTION_MEMBER] && w->left > 0) {
		const struct jt_member_record *m = &v->member[w->at];
		uint32_t role = jt_pair_value(atomic_load_explicit(&m->role, memory_order_acquire));

		if (m->check != jt_member_check(m->user, m->team, m->next, w->at) || m->user != w->user)
			return 0;
		w->at = m->next;
		w->left--;
		if (role & JT_THERE)
			return m->team;
	}
	return 0;
}

bool jt_app_team(const struct jt_view *v, uint32_t org, uint32_t app, uint32_t *team)
{
	uint32_t value = 0;

	*team = 0;
	if (app == 0 || app >= v->room[JT_SECTION_APP] || v->app[app].org != org)
		return false;
	value = jt_pair_value(atomic_load_explicit(&v->app[app].team, memory_order_acquire));
	*team = value & ~JT_THERE;
	return (value & JT_THERE) != 0;
}

unsigned jt_cold_list(const struct jt_view *v, uint32_t ref, uint32_t *out, unsigned max)
{
	uint32_t room = v->room[JT_SECTION_LIST];
	uint64_t check = 0;
	uint32_t count = 0;

	if (ref == 0 || ref >= room || room - ref < 2)
		return 0;
	count = v->list[ref];
	if (count > JT_TOKEN_TEAMS_MAX || count > room - ref - 2)
		return 0;
	for (unsigned i = 0; i < count; i++)
		check = jt_mix(check + v->list[ref + 2 + i]);
	if (v->list[ref + 1] != jt_record_check(check, count, ref))
		return 0;
	for (unsigned i = 0; i < count && i < max; i++)
		out[i] = v->list[ref + 2 + i];
	return count < max ? count : max;
}

uint32_t jt_cold_ref(const struct jt_view *v, uint32_t token)
{
	return token < v->room[JT_SECTION_TOKEN_REF]
		       ? jt_ref_element(atomic_load_explicit(&v->token_ref[token], memory_order_acquire))
		       : 0;
}

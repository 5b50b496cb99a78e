/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_FIND_H
#define JT_TABLE_FIND_H

#include "table/view.h"

/* Looking things up in a view by the elements that records name each other with. Element 0 is none. Nothing here trusts the
 * file: an index is held against the room, a record against its check, a loop against a bound. No lock, no allocation. */

#define JT_PROBES_MAX 65536 /* slots, or entries of HOT, looked at for one key */

/* The pair's value, or 0 if it is damaged. */
static inline uint32_t jt_pair_value(uint64_t pair)
{
	return jt_pair_is(pair) ? (uint32_t)pair : 0;
}

/* By id. `org` is the org's element; for a role 0 asks for a managed one. */
uint32_t jt_find_org(const struct jt_view *v, const struct jt_id *id);
uint32_t jt_find_role(const struct jt_view *v, uint32_t org, const struct jt_id *id);
/* The managed role of this id, or else the org's. */
uint32_t jt_find_role_for(const struct jt_view *v, uint32_t org, const struct jt_id *id);
uint32_t jt_find_user(const struct jt_view *v, uint32_t org, const struct jt_id *id);
uint32_t jt_find_team(const struct jt_view *v, uint32_t org, const struct jt_id *id);
uint32_t jt_find_token(const struct jt_view *v, const struct jt_id *id); /* of whichever org */
uint32_t jt_find_member(const struct jt_view *v, uint32_t user, uint32_t team);
uint32_t jt_find_app(const struct jt_view *v, uint32_t org, const char *name, size_t length);

/* The other way: the id of an element, for whoever is told of it. False if there is none, or the id is damaged. */
bool jt_org_id(const struct jt_view *v, uint32_t org, struct jt_id *out);
bool jt_user_id(const struct jt_view *v, uint32_t user, struct jt_id *out);
bool jt_team_id(const struct jt_view *v, uint32_t team, struct jt_id *out);
bool jt_token_id(const struct jt_view *v, uint32_t token, struct jt_id *out);

/* Where the keys of those that are not found by an id alone are placed. */
uint64_t jt_member_hash(const struct jt_view *v, uint32_t user, uint32_t team);
uint64_t jt_app_hash(const struct jt_view *v, uint32_t org, const char *name, size_t length);
/* The checks of records that no id is in. */
uint32_t jt_member_check(uint32_t user, uint32_t team, uint32_t next, uint32_t at);
uint32_t jt_app_check(const struct jt_app_record *a, uint64_t hash, uint32_t at); /* with the hash of its name */

/* The entry of the value that has this digest, and its word as it was then; NULL: there is none. Only an entry that was
 * published whole is found. */
const struct jt_hot_entry *jt_find_value(const struct jt_view *v, const uint8_t digest[JT_DIGEST_SIZE], uint64_t *word);

/* Facts of an element, after all checks. False, or 0, for 0 and whatever is damaged or not there. */
static inline bool jt_org_is_active(const struct jt_view *v, uint32_t org)
{
	return org != 0 && org < v->room[JT_SECTION_ORG] &&
	       atomic_load_explicit(&v->org[org].state, memory_order_acquire) == jt_pair(JT_RECORD_ACTIVE);
}
uint32_t jt_org_owner(const struct jt_view *v, uint32_t org);
bool jt_team_is_there(const struct jt_view *v, uint32_t org, uint32_t team);
/* What the role grants now; NULL: nothing. */
static inline const struct jt_set_record *jt_role_set(const struct jt_view *v, uint32_t role)
{
	uint32_t set = 0;

	if (role == 0 || role >= v->room[JT_SECTION_ROLE])
		return NULL;
	set = jt_pair_value(atomic_load_explicit(&v->role[role].set, memory_order_acquire));
	return set != 0 && set < v->room[JT_SECTION_SET] ? &v->set[set] : NULL;
}
/* False if the set is damaged there: then nothing of it counts. */
bool jt_set_scopes(const struct jt_set_word word[JT_SET_WORDS], struct jt_scopes *out);
/* A user's state and role in one look. */
enum jt_record_state jt_user_state(const struct jt_view *v, uint32_t org, uint32_t user, uint32_t *role);
/* The role that the user has in the team; 0: no member. */
uint32_t jt_member_role(const struct jt_view *v, uint32_t user, uint32_t team);
/* The teams of a user, one after another: elements that may be gone; 0: no more. */
struct jt_teams_of {
	const struct jt_view *view;
	uint32_t user, at, left;
};
/* A walk before its first team. */
struct jt_teams_of jt_teams_of(const struct jt_view *v, uint32_t user);
uint32_t jt_teams_next(struct jt_teams_of *w);
/* Is the app there, and in which team (0: none)? */
bool jt_app_team(const struct jt_view *v, uint32_t org, uint32_t app, uint32_t *team);
/* A decision rests on several records. The writer counts each store that changes one, after the store and before the next; so if
 * this is afterwards what it was before, at most one was changed in between. Whoever reads each of them once has then read what
 * was so at one moment, before that store or after it; and so has who reads one twice, if what the store changes can by itself only
 * take away, or comes too late to give: a team's state, and the set of a role that is held at large and in a team. Words of
 * tokens are not counted: read those again. */
static inline uint64_t jt_moves(const struct jt_view *v)
{
	return atomic_load_explicit(&v->live->moves, memory_order_acquire);
}
/* The writer's: counts a store. */
static inline void jt_moves_on(struct jt_view *w)
{
	atomic_store_explicit(&w->live->moves, jt_moves(w) + 1, memory_order_release);
}
/* A limited token's teams, by `ref` of the token: up to `max` elements, which may be gone. Returns how many. */
unsigned jt_cold_list(const struct jt_view *v, uint32_t ref, uint32_t *out, unsigned max);
/* The reference of a token's cold side: its user, or its list. 0: none, or damaged. */
uint32_t jt_cold_ref(const struct jt_view *v, uint32_t token);

#endif

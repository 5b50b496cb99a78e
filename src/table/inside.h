/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_INSIDE_H
#define JT_TABLE_INSIDE_H

#include "base/map.h"
#include "table/table.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

/* How the table keeps its records; for the files of this folder alone. */

/* Stands before every record, whose own first member is its org. `next` strings records together that are about to be
 * dropped, so that dropping needs no memory. */
struct jt_table_node {
	struct jt_table_node *next;
};

/* Tokens are many, so they are packed: the values in use, then the teams in use, follow in the same block. */
struct jt_table_packed_value {
	uint8_t digest[JT_DIGEST_SIZE];
	int64_t expires_s;
};

struct jt_table_packed {
	struct jt_table_node node;
	struct jt_id org, id;
	struct jt_id subject; /* personal: the user; else the role */
	struct jt_id created_by;
	int64_t expires_s;
	uint8_t kind, limited, revoked, values, teams;
	struct jt_table_packed_value value[]; /* `values` of them, then `teams` struct jt_id */
};

struct jt_table {
	pthread_rwlock_t lock;
	_Atomic uint64_t seq, nonce, token_count;
	atomic_bool poisoned;
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES]; /* so that nobody can choose names that collide */
	struct jt_map orgs, users, roles, teams, apps;
	struct jt_map members, by_user, by_team; /* the latter two: the first of a list of members */
	struct jt_map tokens, digests, personals;
};

/* The key of a thing: a keyed hash of org and `rest`. */
void jt_table_key(const struct jt_table *t, const struct jt_id *org, const void *rest, size_t size, uint8_t key[16]);
/* All records of `m` whose org is `org`, strung together by `next`. */
struct jt_table_node *jt_table_string(const struct jt_map *m, const struct jt_id *org);
/* Frees every record and the map. */
void jt_table_free_map(struct jt_map *m);
/* Drops all of an org's tokens; the same for its members. */
void jt_table_drop_tokens_of(struct jt_table *t, const struct jt_id *org);
void jt_table_drop_members_of(struct jt_table *t, const struct jt_id *org);
/* Drops all members of a team, or all memberships of a user: `map` is by_team or by_user. */
void jt_table_drop_list(struct jt_table *t, struct jt_map *map, const struct jt_id *org, const struct jt_id *id);

#endif

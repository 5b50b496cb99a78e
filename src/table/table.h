/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_TABLE_H
#define JT_TABLE_TABLE_H

#include "base/id.h"
#include "base/result.h"
#include "policy/policy.h"

/* The table that tokens are verified from. Written by the follower alone (src/feed/), read through src/verify/. In this
 * form it lives in the server's memory under one reader-writer lock that prefers the writer: a thread that holds it for
 * reading must not take it again. Everything is found by org and id together: no reader reaches into another org. */
struct jt_table;

#define JT_APP_NAME_MAX 128
#define JT_TOKEN_TEAMS_MAX 100
#define JT_TOKEN_VALUES_MAX 2

struct jt_table_org {
	struct jt_id id;
	struct jt_id owner;
	bool active;
};

struct jt_table_user {
	struct jt_id org, id;
	struct jt_id role; /* the org role, managed or custom */
	bool active;
};

/* A custom role; managed ones come from the policy. */
struct jt_table_role {
	struct jt_id org, id;
	enum jt_reach reach;
	struct jt_scopes scopes;
};

struct jt_table_member {
	struct jt_id org, team, user;
	struct jt_id role;
};

struct jt_table_app {
	struct jt_id org;
	char name[JT_APP_NAME_MAX + 1];
	struct jt_id team; /* none: in no team */
};

struct jt_table_token {
	struct jt_id org, id;
	struct jt_id user;       /* personal: whose; else none */
	struct jt_id role;       /* integration: its role; else none */
	struct jt_id created_by; /* the token that issued it (for a service token's own lists); may be none */
	enum jt_kind kind;
	bool limited, revoked;
	int64_t expires_s; /* 0: never */
	unsigned values;   /* live values: the current one first, then the one in overlap */
	uint8_t digest[JT_TOKEN_VALUES_MAX][JT_DIGEST_SIZE];
	int64_t value_expires_s[JT_TOKEN_VALUES_MAX]; /* 0: as the token */
	unsigned teams;
	struct jt_id team[JT_TOKEN_TEAMS_MAX]; /* only the first `teams` are read */
};

/* JT_NOMEM, or JT_OK and an empty table whose watermark is 0. After jt_secret_start(). */
JT_MUST_USE enum jt_result jt_table_new(struct jt_table **out);
/* NULL is taken. Nobody may hold the lock. */
void jt_table_free(struct jt_table *t);

/* Writer: all of it between begin and end, jt_table_clear and jt_table_poison too; in between no reader looks. Only one thread
 * at a time is the writer. Each put replaces what has the same id; each drop takes what is absent. JT_NOMEM leaves the record
 * as it was: the caller must then fail the batch with jt_table_poison, after which every verification refuses until
 * jt_table_clear and a new load. */
void jt_table_begin(struct jt_table *t);
void jt_table_end(struct jt_table *t, uint64_t seq, uint64_t nonce);
void jt_table_poison(struct jt_table *t);
void jt_table_clear(struct jt_table *t); /* empty, watermark 0, no longer poisoned */
JT_MUST_USE enum jt_result jt_table_put_org(struct jt_table *t, const struct jt_table_org *o);
JT_MUST_USE enum jt_result jt_table_put_user(struct jt_table *t, const struct jt_table_user *u);
JT_MUST_USE enum jt_result jt_table_put_role(struct jt_table *t, const struct jt_table_role *r);
JT_MUST_USE enum jt_result jt_table_put_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team);
JT_MUST_USE enum jt_result jt_table_put_member(struct jt_table *t, const struct jt_table_member *m);
JT_MUST_USE enum jt_result jt_table_put_app(struct jt_table *t, const struct jt_table_app *a);
/* Also JT_TOO_LONG for more values or teams than the maximum. A value that the token no longer has is forgotten. */
JT_MUST_USE enum jt_result jt_table_put_token(struct jt_table *t, const struct jt_table_token *k);
void jt_table_drop_org(struct jt_table *t, const struct jt_id *org); /* and everything in it */
void jt_table_drop_user(struct jt_table *t, const struct jt_id *org, const struct jt_id *user); /* and memberships */
void jt_table_drop_role(struct jt_table *t, const struct jt_id *org, const struct jt_id *role);
void jt_table_drop_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team); /* its members too */
void jt_table_drop_member(
	struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user);
void jt_table_drop_app(struct jt_table *t, const struct jt_id *org, const char *name);
void jt_table_drop_token(struct jt_table *t, const struct jt_id *org, const struct jt_id *token);

/* Reader. Pointers live until jt_table_unlock. Lock order: the table's lock is the innermost. */
void jt_table_lock(struct jt_table *t);
void jt_table_unlock(struct jt_table *t);
/* The last sequence number that was projected, and its nonce. Atomic, no lock needed. */
uint64_t jt_table_watermark(const struct jt_table *t);
uint64_t jt_table_nonce(const struct jt_table *t);
bool jt_table_poisoned(const struct jt_table *t);
/* The token that has a value with this digest: true and a copy in *out (tokens are kept packed), the index of the value in
 * *which. False if no live or revoked token has it. A revoked token's digests stay until the process ends, so that the
 * reason for a refusal can be named. */
bool jt_table_by_digest(
	const struct jt_table *t, const uint8_t digest[JT_DIGEST_SIZE], unsigned *which, struct jt_table_token *out);
/* By id; false if there is none. */
bool jt_table_token(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out);
/* The personal token of a user, a live one if there is one; false if the user has none. */
bool jt_table_personal(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *user, struct jt_table_token *out);
/* The others: NULL if there is none. */
const struct jt_table_org *jt_table_org(const struct jt_table *t, const struct jt_id *org);
const struct jt_table_user *jt_table_user(const struct jt_table *t, const struct jt_id *org, const struct jt_id *id);
const struct jt_table_role *jt_table_role(const struct jt_table *t, const struct jt_id *org, const struct jt_id *id);
bool jt_table_has_team(const struct jt_table *t, const struct jt_id *org, const struct jt_id *team);
const struct jt_table_member *jt_table_member(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user);
const struct jt_table_app *jt_table_app(const struct jt_table *t, const struct jt_id *org, const char *name);
/* The teams that a user is in and that exist: up to `max` ids into `out`; returns how many there are in all. */
size_t jt_table_teams_of_user(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *user, struct jt_id *out, size_t max);
uint64_t jt_table_tokens(const struct jt_table *t); /* how many token records; atomic */

#endif

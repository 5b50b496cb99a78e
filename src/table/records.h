/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_RECORDS_H
#define JT_TABLE_RECORDS_H

#include "base/id.h"
#include "policy/policy.h"

/* What the table shows, by id: what the follower puts, and what the authority asks. */

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
	struct jt_id user; /* personal: whose; else none */
	struct jt_id role; /* integration: its role; else none */
	enum jt_kind kind;
	bool limited, revoked;
	int64_t expires_s; /* second UTC at which it no longer lives; 0: never */
	unsigned values;   /* live values: the current one first, then the one in overlap */
	/* Of a token that is read from the table only the first 16 bytes are known; the rest is zero. */
	uint8_t digest[JT_TOKEN_VALUES_MAX][JT_DIGEST_SIZE];
	int64_t value_expires_s[JT_TOKEN_VALUES_MAX]; /* 0: as the token */
	unsigned teams;
	struct jt_id team[JT_TOKEN_TEAMS_MAX]; /* only the first `teams` are read */
};

#define JT_TABLE_DIGEST 16 /* bytes of a digest that the table keeps */

struct jt_table_team {
	struct jt_id org, id;
};

enum jt_table_noun {
	JT_TABLE_ORG,
	JT_TABLE_USER,
	JT_TABLE_ROLE,
	JT_TABLE_TEAM,
	JT_TABLE_MEMBER,
	JT_TABLE_APP,
	JT_TABLE_TOKEN
};

/* Any of them, as it is now; of what is gone only what names it is read. */
struct jt_table_row {
	enum jt_table_noun noun;
	bool gone;
	union {
		struct jt_table_org org;
		struct jt_table_user user;
		struct jt_table_role role;
		struct jt_table_team team;
		struct jt_table_member member;
		struct jt_table_app app;
		struct jt_table_token *token; /* lent */
	};
};

#endif

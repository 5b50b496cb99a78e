/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_ZERO_INSIDE_H
#define JT_TEST_ZERO_INSIDE_H

#include "zero.h"

/* What is changed: things that know nothing of each other, each with the questions that are about it. */

#define STAFF 8
#define SLOTS 64
#define ORGS 4
#define OWNERS 4
#define STEADY 16
#define PROBES_OF_STAFF 4
#define PROBES_OF_TEAM 6

/* A user and a token with one custom role. */
struct staff {
	struct jt_table_user user;
	struct jt_table_role role;
	struct jt_table_token personal, custom;
	bool strong, role_there, user_there, has_role;
	uint32_t probe; /* the first of its own */
};

/* A team with an app, a member who is confined to teams, and a token limited to it. */
struct crew {
	struct jt_id team;
	struct jt_table_user user;
	struct jt_table_member member;
	struct jt_table_app app;
	struct jt_table_token personal, limited;
	bool team_there, member_there, member_strong, app_there, app_at_home;
	uint32_t probe;
};

/* A token that is rotated and revoked; each value is a probe. */
struct slot {
	struct jt_table_token token;
	uint32_t probe[JT_TOKEN_VALUES_MAX];
	bool there;
};

struct branch {
	struct jt_table_org org;
	struct jt_table_token token;
	bool there;
	uint32_t probe;
};

/* An org whose owner changes. */
struct firm {
	struct jt_table_org org;
	struct jt_table_user user[2];
	struct jt_table_token token[2];
	unsigned owner;
	uint32_t probe;
};

struct world {
	struct log *log;
	struct jt_table *table;
	struct jt_policy *policy;
	unsigned bit; /* of the scope that is asked for */
	uint64_t random, seq;
	enum sabotage sabotage;
	unsigned files;
	uint64_t instance;
	struct jt_table_org org;
	struct jt_table_role strong, weak, confined;
	struct jt_id elsewhere; /* a team that no probe is about */
	struct staff staff[STAFF];
	struct crew crew[TEAMS];
	struct slot slot[SLOTS];
	struct branch branch[ORGS];
	struct firm firm[OWNERS];
	struct jt_table_token steady[STEADY];
};

/* A new id. */
struct jt_id world_id(void);
/* Sets a question's expectation. */
void world_mark(struct probe *p, enum expect expect);
/* The marks that a thing's state calls for. */
void world_staff_marks(struct world *w, const struct staff *s);
void world_crew_marks(struct world *w, const struct crew *c);
void world_firm_marks(struct world *w, const struct firm *f);
/* The table has been replaced, or not. */
void world_note_file(struct world *w);

#endif

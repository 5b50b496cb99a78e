/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_JETON_WORLD_H
#define JT_TEST_JETON_WORLD_H

#include "table/table.h"

/* A table in a private directory, with one token of each sort, for the tests of libjeton. */

/* X(NAME): what it is a token of. */
#define WORLD_TOKENS(X) \
	X(OWNER) /* the owner of ORG */ \
	X(ADMIN) /* a user whose role reaches the org */ \
	X(GUEST) /* a user whose role reaches teams, in TEAM as a guest */ \
	X(CI)    /* the org's; lives for ever */ \
	X(SHORT) /* the org's; with an end */ \
	X(BOUND) /* the org's, limited to TEAM */ \
	X(DEAD)  /* revoked */ \
	X(PAST)  /* expired */ \
	X(OFF)   /* a user's who may not come in */ \
	X(FAR)   /* of the other org */ \
	X(SHUT)  /* of an org that is not active */

enum world_token {
#define WORLD_TOKEN_ENUM(name) WORLD_##name,
	WORLD_TOKENS(WORLD_TOKEN_ENUM)
#undef WORLD_TOKEN_ENUM
		WORLD_COUNT
};

struct world {
	char dir[40], path[64];
	struct jt_table *table;
	struct jt_policy *policy[2]; /* the second one has "w:new" besides */
	uint64_t seq;
	struct jt_id org, far_org, shut_org, team, far_team, app_team;
	struct jt_table_token token[WORLD_COUNT];
	char value[WORLD_COUNT][JT_TOKEN_SIZE];
};

enum world_catalogue { WORLD_PLAIN, WORLD_WITH_NEW };

/* Whatever goes wrong ends the process. */
void world_open(struct world *w);
void world_close(struct world *w);
/* Another file takes the path, with all of it and with this catalogue; its seq is one more. */
void world_build(struct world *w, enum world_catalogue which);
/* Another writer goes on with the file that is there. */
void world_restart(struct world *w);
/* The lease, from now on. */
void world_renew(struct world *w);
/* Puts a token into the present file again, after it was changed. */
void world_put(struct world *w, enum world_token which);
/* Scopes that the catalogue has: of everyone, by team, of the owner alone, what CI may not have. */
#define WORLD_READ "x:read"
#define WORLD_LIST "y:list"
#define WORLD_WRITE "x:write"
#define WORLD_OTHER "z:list"
#define WORLD_NEW "w:new"
#define WORLD_APP "shop"

#endif

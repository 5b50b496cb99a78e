/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TABLE_WORLD_H
#define TEST_TABLE_WORLD_H

#include "jeton.h"
#include "table/table.h"

/* A small world of two orgs as a database would hold it, what happens in it, and what of it a table is to answer. */

#define ORGS 2
#define USERS 4 /* of each org, as the rest */
#define ROLES 2
#define TEAMS 3
#define APPS 3
#define TOKENS 14
#define VALUES 40 /* that were ever made */
#define KEYS_MAX 24

enum being { NEVER, THERE, GONE };

/* A role is 0 .. the policy's managed ones, then the org's own. */
struct world {
	struct {
		enum being being;
		bool active;
		unsigned owner;
	} org[ORGS];
	struct {
		enum being being;
		bool active;
		unsigned role;
	} user[ORGS][USERS];
	struct {
		enum being being;
		uint32_t mask; /* which of the probed scopes */
		enum jt_reach reach;
	} role[ORGS][ROLES];
	enum being team[ORGS][TEAMS];
	int member[ORGS][TEAMS][USERS]; /* role, or -1 */
	struct {
		bool there;
		int team; /* or -1 */
	} app[ORGS][APPS];
	struct {
		enum being being;
		bool revoked, limited;
		unsigned org, user, role, teams; /* teams: a set of bits */
		enum jt_kind kind;
		int64_t expires_s, value_expires_s[2];
		unsigned values, value[2];
	} token[TOKENS];
	unsigned made; /* values */
	unsigned value_org[VALUES];
};

/* What a change names: as a row of the feed does. */
struct world_key {
	enum { KEY_ORG, KEY_USER, KEY_ROLE, KEY_TEAM, KEY_MEMBER, KEY_APP, KEY_TOKEN } noun;
	unsigned org, a, b;
};

struct change {
	enum { CHANGE_ROWS, CHANGE_GROW, CHANGE_REBUILD, CHANGE_RENEW, CHANGE_POISON, CHANGE_RESTART } what;
	const char *name;
	unsigned keys;
	struct world_key key[KEYS_MAX];
};

/* Once per process: the policy, the names, the values. */
void world_start(void);
void world_end(void);
const struct jt_policy *world_policy(void);
struct jt_table *world_table(const char *dir); /* a writer in `dir` */

/* One thing happens: at `step` it is always the same for a seed. */
void world_step(struct world *w, uint64_t seed, unsigned step, struct change *out);
/* The table is told what `w` says now of the keys. */
void world_tell(struct jt_table *t, const struct world *w, const struct world_key *key, unsigned keys);
/* A successor from all of `w`, published as the state after `seq` changes. */
void world_rebuild(struct jt_table *t, const struct world *w, uint64_t seq);
/* The nonce of a state. */
uint64_t world_nonce(uint64_t seq);

/* ---- what is asked of a table */

#define QUESTIONS (VALUES * 16)
struct answers {
	uint8_t said[QUESTIONS]; /* enum jeton_result */
};

struct asker;
/* A handle on the table at `path`, with every name looked up. NULL if it cannot be opened. */
struct asker *asker_new(const char *path);
void asker_free(struct asker *a);
/* Asks everything about the values that had been made by `w`. */
void asker_ask(struct asker *a, const struct world *w, struct answers *out);
/* Asks about the tokens of answers, too: ids, kinds, teams, all that they hold. */
void asker_more(struct asker *a, const struct world *w);
/* Is any token that is let in said to be another, or of another org, user or team, than it is? Not to say is no lie. */
bool asker_is_misled(struct asker *a, const struct world *w);
/* What was looked up is looked up anew. */
void asker_forget(struct asker *a);
/* The answer to a value that was let in when everything was asked, or to one that had expired. */
enum which { LET_IN, EXPIRED };
bool asker_has(const struct asker *a, enum which which);
enum jeton_result asker_one(struct asker *a, enum which which);
/* From here on answers must show as much as this change. */
void asker_demand(struct asker *a, uint64_t seq);
/* Is any app of the table found under a name that none of the world's apps has? `text` holds the names. */
bool asker_finds_misnamed(struct asker *a, const char *text, size_t size);
/* The question at an index, for people. */
const char *asker_question(unsigned at);
/* A digest of all that a view shows by id, of what counts. */
uint64_t world_shown(const struct jt_view *v, const struct world *w);

#define MUST(call) must((call), #call, __FILE__, __LINE__)
void must(bool kept, const char *what, const char *file, int line);
uint64_t chance(uint64_t *state); /* splitmix64 */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_ZERO_H
#define JT_TEST_ZERO_H

#include "table/table.h"
#include "token/token.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* zero_window.c: one writer changes a table while readers verify, and both keep a log in memory that they share: the writer
 * says of each question what the answer must be, before and after each change; a reader that finds the same word before it
 * asks and after it was answered knows what the answer had to be. */

#define MUST(call) \
	do { \
		if ((call) != JT_OK) { \
			fprintf(stderr, "zero_window: %s:%d: %s failed\n", __FILE__, __LINE__, #call); \
			exit(2); \
		} \
	} while (0)

enum expect { EXPECT_EITHER, EXPECT_ALLOW, EXPECT_REFUSE };
enum place { PLACE_ORG, PLACE_APP, PLACE_TEAM };

#define TEAMS 8 /* teams and apps that are asked about */
#define READERS_MAX 64

/* A question. All but `mark` is written before the readers begin. */
struct probe {
	_Atomic uint64_t mark; /* how often it was changed, above enum expect */
	const char *what;      /* for the report */
	uint8_t scoped;        /* asks for the scope, or whether the token is valid */
	uint8_t place, which;
	char value[JT_TOKEN_SIZE];
};

enum wrong { WRONG_NONE, WRONG_ACCEPT, WRONG_REFUSE, WRONG_BEHIND, WRONG_AS_OF };

struct told {
	_Alignas(64) _Atomic uint64_t asked;
	uint64_t allowed, refused, either; /* the reader's own until it has ended */
	uint64_t follows;                  /* answers from another file than the one before */
	uint64_t wrong[WRONG_AS_OF + 1];
	struct {
		enum wrong wrong;
		uint32_t probe;
		uint64_t mark;
		int result;
		const char *reason; /* of this very program: the same address in each process */
		uint64_t as_of, wanted;
	} first;
};

struct log {
	_Alignas(64) _Atomic uint64_t shown; /* a number that the table has been made to show */
	_Atomic uint32_t latest;             /* a probe that changed lately */
	_Atomic uint32_t latest_at;          /* where the next goes in `recent` */
	_Alignas(64) _Atomic uint32_t recent[64];
	_Alignas(64) _Atomic bool stop;
	struct told told[READERS_MAX];
	char org[64], app[TEAMS][64], team[TEAMS][64]; /* for those who intern names */
	char scope[JT_SCOPE_NAME_MAX + 1];
	_Atomic uint32_t probes; /* that are in use */
	struct probe probe[];
};

/* How the promise is broken, to see that this notices. */
enum sabotage { SABOTAGE_NONE, SABOTAGE_EARLY, SABOTAGE_RETIRE, SABOTAGE_POISON };

/* ---- the writer (zero_world.c) */
struct world;

/* So many probes come to be with `changes` changes. */
uint32_t world_probes(uint64_t changes);
/* Makes the table in `dir` and fills it; writes the log's names and probes. */
struct world *world_new(struct log *log, const char *dir, uint64_t seed, uint64_t changes, enum sabotage how);
struct jt_table *world_table(struct world *w);
const struct jt_policy *world_policy(struct world *w);
/* One change, told in the log. */
void world_change(struct world *w);
/* All of it into a new file. */
void world_rebuild(struct world *w);
void world_renew(struct world *w);
/* How many tables there have been. */
unsigned world_files(const struct world *w);
void world_free(struct world *w);

/* ---- a reader (zero_reader.c) */
struct reader;

/* `table` and `policy`: asked directly in this process, too; NULL: through libjeton alone. */
struct reader *reader_new(struct log *log, unsigned number, const char *path, struct jt_table *table,
	const struct jt_policy *policy, uint64_t seed);
/* Until the log says stop. */
void reader_run(struct reader *r);
void reader_free(struct reader *r);

/* ---- both */
static inline uint64_t zero_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif

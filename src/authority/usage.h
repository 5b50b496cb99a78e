/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_USAGE_H
#define JT_AUTHORITY_USAGE_H

#include "authority/usage_held.h"
#include "base/address.h"
#include "table/table.h"

/* Takes what verifiers have recorded (doc/formats/usage.md): from the processes that hand their memory over on a unix socket,
 * and from this one. One thread, that accepts, looks through each memory once a second, and holds what it found for the
 * committer. */
struct jt_usage;

#define JT_USAGE_SOCKET "usage.sock"  /* in the run directory */
#define JT_USAGE_VERIFIERS_MAX 256    /* processes at once, */
#define JT_USAGE_VERIFIERS_UID_MAX 64 /* of one user */
#define JT_USAGE_GREETING_S 2         /* for a process to hand its memory over, once it has connected */

/* `table` knows tokens by where they stand in it, and outlives it. JT_NOMEM; a recorder that cannot be had is only logged. */
JT_MUST_USE enum jt_result jt_usage_new(const struct jt_table *table, struct jt_usage **out);
/* Listens at `path` (mode 0660; what is left of an ended server there is removed) and starts the thread. NULL: without a socket,
 * for this process's own uses alone. JT_TOO_LONG, JT_IO with `why`; JT_NOMEM. */
JT_MUST_USE enum jt_result jt_usage_start(struct jt_usage *u, const char *path, struct jt_why *why);
/* Ends the thread after a last look at every memory; what it found is then held, for the committer's last transactions. Also
 * if it was never started. */
void jt_usage_stop(struct jt_usage *u);
/* Stops, and frees. NULL is taken. */
void jt_usage_free(struct jt_usage *u);

/* One use of a token that this process itself has verified. */
struct jt_own_use {
	uint64_t instance;                 /* the table file */
	uint32_t index;                    /* the token's record in it */
	uint32_t minute;                   /* UTC, since 1970 */
	const struct jt_scopes *exercised; /* by which it was asked for; NULL: nothing was */
	const struct jt_address *from;     /* the client; none: nobody knows */
};
/* Any thread; never waits. What cannot be recorded is not, and counted. */
void jt_usage_note(struct jt_usage *u, const struct jt_own_use *use);
struct jt_usage_held *jt_usage_held(struct jt_usage *u);

/* Since the start. */
struct jt_usage_counts {
	uint64_t uses;      /* taken */
	uint64_t lost;      /* that verifiers said they had no room for */
	uint64_t unknown;   /* records of a token that the table does not know, or no longer */
	uint64_t wrong;     /* what no recorder of ours writes */
	uint64_t unplaced;  /* uses of which it is not kept from where they were */
	uint64_t refused;   /* connections: too many, or not our greeting, or no memory that can be trusted */
	uint64_t verifiers; /* at this moment */
};
/* Any thread. */
void jt_usage_count(struct jt_usage *u, struct jt_usage_counts *out);

#endif

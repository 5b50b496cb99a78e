/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_COMMITTER_H
#define JT_AUTHORITY_COMMITTER_H

#include "authority/tx.h"
#include "feed/follower.h"

/* One thread per node that makes every write: takes what is waiting, runs each job in a savepoint of one transaction,
 * commits, waits for the table to have it, then tells the jobs that they are done (MECHANISM.md "One committer"). */
struct jt_committer;

#define JT_COMMITTER_WAITING_MAX 4096 /* jobs; one more is refused with JT_BUSY */
#define JT_COMMITTER_BATCH_MAX 256

struct jt_job {
	struct jt_job *next; /* the committer's */
	/* Runs inside a savepoint; anything but JT_OK undoes what it wrote and is its result. It may run again if the
	 * transaction had to be repeated: it must not keep what an undone run made. */
	enum jt_result (*run)(struct jt_job *job, struct jt_tx *tx);
	/* Runs on the committer's thread after the commit is durable and projected (or has failed), before another
	 * transaction begins; may free the job. NULL: nobody asks. */
	void (*done)(struct jt_job *job);
	enum jt_result result;
};

/* `au` gives the database, the policy, the keys. Starts the thread; an operator's has none and runs each job within
 * jt_committer_submit. JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_committer_new(struct jt_authority *au, struct jt_committer **out);
/* JT_OK: `done` will be called once. JT_BUSY (queue full) or JT_STOPPING: it will not. */
JT_MUST_USE enum jt_result jt_committer_submit(struct jt_committer *c, struct jt_job *job);
/* Submits and waits, for programs without a loop (cli, tests): the job's result, or why it was not taken. `done` (may be
 * NULL) has run when this returns, and must not free the job. Not from the committer's thread. */
JT_MUST_USE enum jt_result jt_committer_run(struct jt_committer *c, struct jt_job *job);
/* Refuses new jobs, finishes what waits, ends the thread, frees. NULL is taken. */
void jt_committer_free(struct jt_committer *c);

#endif

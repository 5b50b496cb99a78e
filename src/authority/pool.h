/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_POOL_H
#define JT_AUTHORITY_POOL_H

#include "base/result.h"

#include <stddef.h>

/* A few threads and a bounded queue, for work that would block a loop: hashing passwords, sending mail. */
struct jt_pool;

struct jt_task {
	struct jt_task *next; /* the pool's */
	/* Runs once on one of the pool's threads; may free the task. */
	void (*run)(struct jt_task *task);
};

#define JT_POOL_WAITING 64

/* `threads` 0: one a core. At most `waiting` tasks wait. JT_NOMEM. */
JT_MUST_USE enum jt_result jt_pool_new(unsigned threads, size_t waiting, struct jt_pool **out);
/* JT_OK: `run` will be called. JT_BUSY (full) or JT_STOPPING: it will not. Any thread. */
JT_MUST_USE enum jt_result jt_pool_submit(struct jt_pool *p, struct jt_task *task);
/* Refuses new tasks, runs what waits, ends the threads, frees. NULL is taken. */
void jt_pool_free(struct jt_pool *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_USAGE_INSIDE_H
#define JT_USAGE_INSIDE_H

#include "usage/drain.h"
#include "usage/format.h"
#include "usage/recorder.h"

/* For the files of this folder, and their tests. */

#define JT_USAGE_OWNERS 256 /* a power of two, well above the lanes: a search ends soon */

/* Which lane a thread has. Threads are told apart by pthread_self(): whoever gets the place of one that has ended gets its
 * lane too. */
struct jt_usage_owner {
	_Atomic uintptr_t self;               /* 0: free */
	_Atomic(struct jt_usage_lane *) lane; /* read by its own thread alone, as is `minute` */
	_Atomic uint32_t minute;              /* of its last use of any token */
};

/* Private to the process, and wiped by the kernel in a forked child: there `memory` is NULL and nobody owns a lane. */
struct jt_usage_own {
	_Atomic(struct jt_usage_memory *) memory;
	_Atomic uint32_t lanes;   /* given away */
	_Atomic uint32_t tending; /* a thread is in jt_hand_tick */
	_Atomic int64_t next_ns;  /* not to be tried before, CLOCK_MONOTONIC_COARSE */
	struct jt_usage_owner owner[JT_USAGE_OWNERS];
};

struct jt_recorder {
	struct jt_usage_own *own;
	int fd; /* -1: none; in a forked child the parent's, until jt_recorder_renew */
};

/* Memory of this process's own, in a forked child. One thread at a time. JT_NOMEM, JT_IO. */
JT_MUST_USE enum jt_result jt_recorder_renew(struct jt_recorder *r);

/* The greeting that comes with the descriptor. */
#define JT_USAGE_GREETING "JTUSAGE1"
#define JT_USAGE_GREETING_SIZE 8

/* A drain over memory that is mapped already, and that the caller keeps. */
struct jt_drain {
	struct jt_usage_memory *memory;
	uint64_t lost;  /* the sum when it was last looked at */
	uint32_t start; /* the lane that the next pass begins with */
	bool mapped;    /* by jt_drain_open */
};

#endif

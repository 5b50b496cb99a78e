/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_USAGE_INSIDE_H
#define JT_AUTHORITY_USAGE_INSIDE_H

#include "authority/origins.h"
#include "authority/usage.h"
#include "usage/drain.h"
#include "usage/recorder.h"

#include <poll.h>
#include <pthread.h>
#include <sys/un.h>

/* Between usage.c, which drains, and usage_verifiers.c, which knows who is there. All of it is the thread's, but what is said
 * to be under the lock. */

struct jt_usage_verifier {
	int socket;
	uid_t uid; /* as the kernel says, when it connected */
	pid_t pid;
	int64_t since_ns;       /* CLOCK_BOOTTIME */
	struct jt_drain *drain; /* NULL: it has not handed its memory over yet */
};

struct jt_usage {
	const struct jt_table *table;
	struct jt_usage_held *held;
	struct jt_recorder *own;
	struct jt_drain *own_drain; /* NULL: nothing of this process is recorded */
	struct jt_origins *origins;
	bool running;
	pthread_t thread;
	int wake, listener; /* -1: none */
	struct sockaddr_un address;
	size_t count;
	struct jt_usage_verifier verifier[JT_USAGE_VERIFIERS_MAX];
	struct pollfd poll[JT_USAGE_VERIFIERS_MAX + 2];
	struct jt_usage_counts counts;
	int64_t complained_ns; /* of the last refusal that was logged */
	pthread_mutex_t lock;
	struct jt_usage_counts shown; /* under the lock: as of the last pass */
};

/* A look through one memory. True: come again sooner. */
bool jt_usage_pass(struct jt_usage *u, struct jt_drain *d);

/* JT_TOO_LONG, JT_IO. */
JT_MUST_USE enum jt_result jt_usage_listen(struct jt_usage *u, const char *path, struct jt_why *why);
/* Ends that, and removes the socket. Nothing happens if there is none. */
void jt_usage_unlisten(struct jt_usage *u);
/* Lets in who waits. */
void jt_usage_accept(struct jt_usage *u);
/* The i-th verifier has said something, or has gone: takes its memory, or what is left in it and drops the verifier. */
void jt_usage_hear(struct jt_usage *u, size_t i);
/* Drops those that have said nothing in JT_USAGE_GREETING_S. */
void jt_usage_drop_silent(struct jt_usage *u);
/* Closes and forgets the i-th; the last one takes its place. */
void jt_usage_drop(struct jt_usage *u, size_t i);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_VERIFY_HANDLE_H
#define JT_VERIFY_HANDLE_H

#include "base/result.h"
#include "verify/ask.h"

struct jt_recorder;
struct jt_hand;

/* What include/jeton.h calls a struct jeton: a table's path and the file that was there last. Files that were replaced stay
 * mapped until the end, for threads that are still looking; the authority gives their memory back. No lock anywhere, so that
 * a child may go on after fork() whatever its parent's other threads were doing. */
struct jeton {
	_Atomic(struct jt_view *) view;
	_Atomic int64_t tried_ns;  /* CLOCK_BOOTTIME of the last look at a path where nothing new was, */
	_Atomic uint64_t tried_of; /* and the file that was gone on from, with the state that it was in */
	char *path;
	struct jt_recorder *recorder; /* NULL: nothing is recorded */
	struct jt_hand *hand;
};

/* The view to ask after `v`: what stands at the path now, or what another thread has opened meanwhile. NULL: nothing newer
 * that can be believed is there. Looks at the path at most every JT_FOLLOW_AGAIN_NS while it finds nothing. */
const struct jt_view *jt_handle_follow(struct jeton *j, const struct jt_view *v);
#define JT_FOLLOW_AGAIN_NS 1000000

/* Unmaps and frees. */
void jt_handle_close(struct jeton *j);
/* Notes a use, of what was let in. */
void jt_handle_record(struct jeton *j, const struct jeton_request *ask, const struct jt_asked *asked);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_USAGE_RECORDER_H
#define JT_USAGE_RECORDER_H

#include "base/result.h"
#include "policy/scopes.h"

/* Records which tokens a process has verified, into memory that the authority drains (usage/drain.h). Needs libc alone: it is
 * part of libjeton. What cannot be recorded is not, and nothing else changes. */
struct jt_recorder;

/* Makes the memory, and its descriptor. JT_NOMEM; JT_IO if the system offers no sealed memory, or none that is wiped in a
 * forked child. */
JT_MUST_USE enum jt_result jt_recorder_new(struct jt_recorder **out);
/* No thread may be using it. In a forked child too. NULL is taken. */
void jt_recorder_free(struct jt_recorder *r);

/* One use of the token that record `index` of the table file `instance` is, in `minute` (UTC, since 1970), by which `exercised`
 * was asked for (NULL: nothing was). Any thread, not a signal's handler; takes no lock, makes no system call and no
 * allocation, and never waits.
 * Returns true when it is time for jt_hand_tick(): in a thread's first use of each minute, and in a forked child as long
 * as it has no memory of its own. */
bool jt_recorder_note(
	struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, const struct jt_scopes *exercised);
/* The same for one scope, `bit`, below JT_SCOPES_MAX. */
bool jt_recorder_note_bit(struct jt_recorder *r, uint64_t instance, uint32_t index, uint32_t minute, unsigned bit);

/* The memory's descriptor, which stays the recorder's; -1 in a forked child that has none of its own. */
int jt_recorder_fd(const struct jt_recorder *r);

#endif

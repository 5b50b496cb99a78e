/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_USAGE_HAND_H
#define JT_USAGE_HAND_H

#include "usage/recorder.h"

/* Hands a recorder's memory to the authority over its unix socket, and again after either has started anew. There is no thread
 * behind it: whoever records calls jt_hand_tick now and then, off the hot path; jt_recorder_note says when. Nothing
 * here ever waits. */
struct jt_hand;

#define JT_HAND_AGAIN_S 1 /* between attempts to connect */

/* `recorder` outlives it; `path` is the socket's. Connects if it can. JT_TOO_LONG for a path that no socket can have, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_hand_new(struct jt_recorder *recorder, const char *path, struct jt_hand **out);
/* Ends the connection; the authority then takes what is still to be taken. NULL is taken. */
void jt_hand_free(struct jt_hand *h);

/* Looks whether the authority is still there, and if not tries to connect, at most once in JT_HAND_AGAIN_S. In a forked child
 * it makes the recorder a memory of its own first. A few system calls, none of which waits; any thread, and while one is
 * in it the others return at once. */
void jt_hand_tick(struct jt_hand *h);
/* Whether the memory has been handed over on a connection that was whole when last looked at. */
bool jt_hand_connected(const struct jt_hand *h);

/* The authority's side, on a connection (SOCK_SEQPACKET, not blocking): the descriptor that came, which the caller then closes.
 * JT_DONE: nothing has come yet; JT_MALFORMED: not one descriptor with our greeting, or the other side has gone. */
JT_MUST_USE enum jt_result jt_hand_receive(int connection, int *fd);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_STREAM_H
#define JT_HTTP_STREAM_H

#include "http/call.h"

/* Sends a jt_stream piece by piece, as the socket takes it. */
struct jt_sending;

/* Takes `stream`, which is ended if this fails. NULL: no memory. */
struct jt_sending *jt_sending_new(struct jt_authority *au, struct jt_stream *stream, const char *request);
/* Up to `max` bytes into `out`: how many; 0 at the end; -1 if it cannot go on (said in the log). */
ssize_t jt_sending_next(struct jt_sending *s, char *out, size_t max);
/* Ends the stream too. NULL is taken. */
void jt_sending_free(struct jt_sending *s);

#endif

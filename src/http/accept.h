/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_ACCEPT_H
#define JT_HTTP_ACCEPT_H

#include "base/result.h"

#include <sys/socket.h>

/* The one thread that takes connections from a listening socket. libmicrohttpd could: but its loops and the one who stops
 * them may then both take the socket out of the same epoll set, and the second to do so ends the process (0.9.75,
 * MHD_quiesce_daemon). */

struct jt_acceptor;

/* Takes over a connected, non-blocking socket, and calls jt_acceptor_ended once when it has ended. */
typedef void jt_acceptor_give(void *cls, int fd, const struct sockaddr *address, socklen_t length);

/* Takes connections from `fd` (listening, non-blocking; owned from now on unless this fails), at most `limit` at once:
 * whoever comes then waits in the kernel's queue. JT_NOMEM, JT_IO. */
JT_MUST_USE enum jt_result jt_acceptor_start(
	int fd, unsigned limit, jt_acceptor_give *give, void *cls, struct jt_acceptor **out);
/* One of the connections that were given has ended. Any thread. */
void jt_acceptor_ended(struct jt_acceptor *a);
/* Closes the listening socket: nothing is given from now on, and new connections are refused by the kernel. NULL and a
 * second call are taken. One thread. */
void jt_acceptor_stop(struct jt_acceptor *a);
/* After jt_acceptor_stop, and after the last jt_acceptor_ended. NULL is taken. */
void jt_acceptor_free(struct jt_acceptor *a);

#endif

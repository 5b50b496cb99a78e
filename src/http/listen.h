/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_LISTEN_H
#define JT_HTTP_LISTEN_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Binds "127.0.0.1:8080" or "[::1]:0" and listens. `name` (`size` bytes) gets the address with the real port; *loopback whether
 * only this machine reaches it. JT_VALIDATION for what is no address, JT_IO with `why`. */
JT_MUST_USE enum jt_result jt_listen(
	const char *address, int *fd, char *name, size_t size, bool *loopback, struct jt_why *why);
/* Who is at the other end, for logs and limits: an address without its port, "unix", or "unknown". */
void jt_listen_peer(const struct sockaddr *address, char *out, size_t size);

#endif

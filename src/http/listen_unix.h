/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_LISTEN_UNIX_H
#define JT_HTTP_LISTEN_UNIX_H

#include "base/result.h"

/* A listening unix socket, for --verify-listen. */

/* Takes "unix:PATH", binds it with mode 0660 and listens; *path points to PATH in `address`. The socket of a server that has died
 * is replaced (as this one is by the next: nobody removes it); one that answers, or a file of another sort, is not. JT_VALIDATION for what is no such address, JT_IO with `why`. */
JT_MUST_USE enum jt_result jt_listen_unix(const char *address, int *fd, const char **path, struct jt_why *why);
#endif

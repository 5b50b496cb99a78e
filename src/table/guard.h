/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_GUARD_H
#define JT_TABLE_GUARD_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* A file that is cut shorter under its mapping raises SIGBUS. With the guard on, the fault becomes zeros there, which refuse.
 * It is a process's own choice: a library installs no signal handler of its own accord. */

#define JT_GUARDED_MAX 1024 /* mappings of a process; it can have no more */

/* Installs the handler; what is not ours goes on to the handler before it. Once is enough; any thread. JT_IO if the system
 * refuses. */
JT_MUST_USE enum jt_result jt_guard_install(void);
/* Notes a mapping; false: there is no place for it. Any thread. */
JT_MUST_USE bool jt_guard_add(void *at, size_t size);
/* Forgets it; what was not noted is taken. Any thread. */
void jt_guard_drop(void *at);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef JT_TEST_HOOKS
#include "base/text.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *point; /* NULL: none */
static size_t point_length;
static _Atomic long passings_left;

static void read_setting(void)
{
	const char *setting = getenv("JETON_TEST_KILL_AT");
	const char *colon = setting ? strchr(setting, ':') : NULL;
	uint64_t n = 1;

	if (!setting || (colon && (jt_text_u64(colon + 1, strlen(colon + 1), 1000000000, &n) != JT_OK || n < 1)))
		return;
	point = setting;
	point_length = colon ? (size_t)(colon - setting) : strlen(setting);
	atomic_store(&passings_left, (long)n);
}

void jt_fault_point(const char *name)
{
	(void)pthread_once(&once, read_setting);
	if (!point || strlen(name) != point_length || strncmp(name, point, point_length) != 0)
		return;
	if (atomic_fetch_sub(&passings_left, 1) == 1)
		(void)kill(getpid(), SIGKILL);
}
#else
/* A translation unit must declare something. */
typedef int jt_fault_off;
#endif

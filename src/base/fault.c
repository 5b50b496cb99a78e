/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef JT_TEST_HOOKS
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *point; /* NULL: none */
static size_t point_length;
static const char *hold, *hold_file; /* points with + between them, up to the colon */
static _Atomic long passings_left;

static void read_hold(void)
{
	const char *setting = getenv("JETON_TEST_HOLD_AT");
	const char *colon = setting ? strchr(setting, ':') : NULL;

	if (!colon)
		return;
	hold = setting;
	hold_file = colon + 1;
}

static void read_setting(void)
{
	const char *setting = getenv("JETON_TEST_KILL_AT");
	const char *colon = setting ? strchr(setting, ':') : NULL;
	uint64_t n = 1;

	read_hold();
	if (!setting || (colon && (jt_text_u64(colon + 1, strlen(colon + 1), 1000000000, &n) != JT_OK || n < 1)))
		return;
	point = setting;
	point_length = colon ? (size_t)(colon - setting) : strlen(setting);
	atomic_store(&passings_left, (long)n);
}

/* Whoever holds the lock decides how long this takes; what has to be known of it stands in the log. */
static void wait_for_lock(const char *name)
{
	int fd = open(hold_file, O_RDONLY | O_CLOEXEC);
	int failed = fd < 0 ? 0 : flock(fd, LOCK_SH | LOCK_NB);

	if (failed && errno == EWOULDBLOCK) {
		jt_log(JT_LOG_INFO, "held", JT_LT("at", name));
		do {
			failed = flock(fd, LOCK_SH);
		} while (failed && errno == EINTR);
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool is_held(const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = hold; at && at < hold_file; at += strcspn(at, "+:") + 1) {
		if (strcspn(at, "+:") == length && strncmp(at, name, length) == 0)
			return true;
	}
	return false;
}

void jt_fault_point(const char *name)
{
	(void)pthread_once(&once, read_setting);
	if (is_held(name))
		wait_for_lock(name);
	if (!point || strlen(name) != point_length || strncmp(name, point, point_length) != 0)
		return;
	if (atomic_fetch_sub(&passings_left, 1) == 1)
		(void)kill(getpid(), SIGKILL);
}
#else
/* A translation unit must declare something. */
typedef int jt_fault_off;
#endif

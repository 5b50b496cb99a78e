/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/handle.h"

#include "jeton.h"

#include "base/clock.h"
#include "table/guard.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* include/jeton.h: opening, following, closing. */

#define PATH_SIZE 64

_Static_assert(JETON_TABLES_MAX == JT_GUARDED_MAX, "the same limit");

/* A table that nobody put there but root or this user: anybody may make a directory in /dev/shm. */
static bool is_trusted(const char *directory)
{
	struct stat st;

	return lstat(directory, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & S_IWOTH);
}

/* $JETON_TABLE, or the table in $RUNTIME_DIRECTORY, /run/jeton or /dev/shm/jeton-UID, whichever is there first. NULL: no memory. */
static char *find_table(void)
{
	const char *given = getenv("JETON_TABLE");
	const char *runtime = getenv("RUNTIME_DIRECTORY");
	char own[PATH_SIZE];
	const char *places[] = {runtime && runtime[0] == '/' ? runtime : "/run/jeton", "/run/jeton", own};
	char *path = NULL;

	if (given)
		return strdup(given);
	(void)snprintf(own, sizeof(own), "/dev/shm/jeton-%lu", (unsigned long)geteuid());
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		free(path);
		if (asprintf(&path, "%s/" JT_TABLE_FILE, places[i]) < 0)
			return NULL;
		if (access(path, R_OK) == 0 && is_trusted(places[i]))
			return path;
	}
	free(path);
	return strdup("/run/jeton/" JT_TABLE_FILE);
}

static enum jeton_result result_of(enum jt_result r)
{
	switch (r) {
	case JT_OK:
		return JETON_ALLOWED;
	case JT_NOMEM:
		return JETON_NO_MEMORY;
	case JT_MALFORMED:
	case JT_NEWER_SCHEMA:
	case JT_STALE:
		return JETON_BAD_TABLE;
	default:
		return JETON_NO_TABLE;
	}
}

enum jeton_result jeton_open(const char *path, struct jeton **out)
{
	struct jeton *j = calloc(1, sizeof(*j));
	struct jt_view *v = NULL;
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (!j)
		return JETON_NO_MEMORY;
	j->path = path ? strdup(path) : find_table();
	if (j->path)
		r = jt_view_open_path(j->path, JT_VIEW_READ, &v);
	if (r != JT_OK) {
		free(j->path);
		free(j);
		return result_of(r);
	}
	atomic_init(&j->view, v);
	*out = j;
	return JETON_ALLOWED;
}

void jt_handle_close(struct jeton *j)
{
	struct jt_view *next = NULL;

	for (struct jt_view *v = atomic_load(&j->view); v; v = next) {
		next = v->older;
		jt_view_close(v);
	}
	free(j->path);
	free(j);
}

/* Is what stands at the path the file of `v`? Also if nothing can be learned of it: there is nothing to go to. */
static bool is_the_same(const struct jeton *j, const struct jt_view *v)
{
	struct stat st;

	return stat(j->path, &st) != 0 || (st.st_dev == v->device && st.st_ino == v->inode);
}

const struct jt_view *jt_handle_follow(struct jeton *j, const struct jt_view *v)
{
	struct jt_view *now = atomic_load_explicit(&j->view, memory_order_acquire);
	struct jt_view *next = NULL;
	int64_t at_ns = jt_clock_mono_ns();
	uint64_t of = v->instance ^ atomic_load_explicit(&v->live->state, memory_order_acquire);

	if (now != v)
		return now;
	/* A file that has been retired since then has a successor. */
	if (atomic_load_explicit(&j->tried_of, memory_order_relaxed) == of &&
		at_ns - atomic_load_explicit(&j->tried_ns, memory_order_relaxed) < JT_FOLLOW_AGAIN_NS)
		return NULL;
	if (is_the_same(j, v) || jt_view_open_path(j->path, JT_VIEW_READ, &next) != JT_OK) {
		atomic_store_explicit(&j->tried_of, of, memory_order_relaxed);
		atomic_store_explicit(&j->tried_ns, at_ns, memory_order_relaxed);
		return NULL;
	}
	next->older = now;
	if (atomic_compare_exchange_strong(&j->view, &now, next)) {
		jt_view_leave(next->older->older);
		return next;
	}
	next->older = NULL;
	jt_view_close(next); /* somebody was quicker */
	return now;
}

enum jeton_result jeton_guard_sigbus(void)
{
	return jt_guard_install() == JT_OK ? JETON_ALLOWED : JETON_SYSTEM;
}

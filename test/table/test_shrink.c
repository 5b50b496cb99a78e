/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/view.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Goal: a table that is cut shorter under a reader refuses there, with the guard on, whatever happens to it afterwards; with
 * the guard off the reader ends by SIGBUS, as the system has it. */

#define STEPS 90
#define SEED 46
#define WHOLE ((size_t)-1)

static char dir[100], path[140];
static struct world world;
static uint8_t *kept;
static size_t size;
static struct answers truth;
static int to_child[2], to_parent[2];

static void make_table(void)
{
	struct jt_table *t = NULL;
	struct change c;
	struct stat st;
	int fd;

	(void)snprintf(dir, sizeof(dir), "/dev/shm/jeton-shrink-XXXXXX");
	MUST(mkdtemp(dir) != NULL && chmod(dir, 0750) == 0);
	(void)snprintf(path, sizeof(path), "%s/table", dir);
	t = world_table(dir);
	for (unsigned i = 0; i < STEPS; i++) {
		world_step(&world, SEED, i, &c);
		if (i == 0)
			world_rebuild(t, &world, 1);
		if (c.what == CHANGE_ROWS)
			world_tell(t, &world, c.key, c.keys);
	}
	jt_table_renew(t, jt_clock_mono_ns());
	jt_table_free(t);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0 && fstat(fd, &st) == 0);
	size = (size_t)st.st_size;
	kept = malloc(size);
	MUST(kept && read(fd, kept, size) == (ssize_t)size && close(fd) == 0);
}

static void cut(size_t to)
{
	MUST(truncate(path, (off_t)(to == WHOLE ? size : to)) == 0);
}

static void make_whole(void)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	MUST(fd >= 0 && pwrite(fd, kept, size, 0) == (ssize_t)size && close(fd) == 0);
}

/* How many answers are wider than the truth, and how many let in at all. */
static unsigned wider(const struct answers *got, unsigned *in)
{
	unsigned n = 0;

	*in = 0;
	for (unsigned q = 0; q < QUESTIONS; q++) {
		bool lets_in = got->said[q] == JETON_ALLOWED || got->said[q] == JETON_PARTIAL;

		*in += lets_in;
		n += lets_in && got->said[q] != truth.said[q] && truth.said[q] != JETON_ALLOWED;
	}
	return n;
}

static void tell(int fd)
{
	MUST(write(fd, "x", 1) == 1);
}

static void await(int fd)
{
	char c;

	MUST(read(fd, &c, 1) == 1);
}

/* A child that has it open, asks when it is told, and says with its status how many were let in: 100 if any wrongly. */
static pid_t reader(bool guarded)
{
	struct answers got;
	struct asker *a = NULL;
	unsigned in = 0;
	pid_t child;

	MUST(pipe(to_child) == 0 && pipe(to_parent) == 0);
	(void)fflush(stdout);
	child = fork();
	MUST(child >= 0);
	if (child > 0)
		return child;
	(void)signal(SIGBUS, SIG_DFL);
	if (guarded)
		MUST(jeton_guard_sigbus() == JETON_ALLOWED);
	a = asker_new(path);
	MUST(a != NULL);
	asker_ask(a, &world, &got);
	tell(to_parent[1]);
	await(to_child[0]);
	asker_forget(a);
	asker_ask(a, &world, &got);
	if (wider(&got, &in) > 0)
		_exit(100);
	_exit(in > 0);
}

static int end_of(pid_t child)
{
	int status = 0;

	tell(to_child[1]);
	MUST(waitpid(child, &status, 0) == child);
	for (int i = 0; i < 2; i++)
		MUST(close(to_child[i]) == 0 && close(to_parent[i]) == 0);
	return status;
}

static void without_guard(void)
{
	pid_t child = reader(false);
	int status;

	await(to_parent[0]);
	cut(0);
	status = end_of(child);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	make_whole();
}

/* Cut to each page, and grown again or not. */
static unsigned with_guard(bool grown)
{
	unsigned let_in = 0;

	for (size_t to = 0; to < size; to += JT_TABLE_PAGE) {
		pid_t child = reader(true);
		int status;

		await(to_parent[0]);
		cut(to);
		if (grown)
			cut(WHOLE);
		status = end_of(child);
		MUST(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		MUST(to > 0 || WEXITSTATUS(status) == 0);
		let_in += WEXITSTATUS(status) == 1;
		make_whole();
	}
	return let_in;
}

/* ---- while threads ask */

static _Atomic bool stop;
static _Atomic unsigned long rounds;
static _Atomic unsigned opened;

static void *ask_on(void *arg)
{
	struct asker *a = asker_new(path);
	struct answers got;
	unsigned in = 0;

	(void)arg;
	MUST(a != NULL);
	atomic_fetch_add(&opened, 1);
	while (!atomic_load(&stop)) {
		asker_forget(a);
		asker_ask(a, &world, &got);
		MUST(wider(&got, &in) == 0);
		atomic_fetch_add(&rounds, 1);
	}
	asker_free(a);
	return NULL;
}

static void in_the_middle(void)
{
	uint64_t state = 1;
	pid_t child = fork();
	int status = 0;

	MUST(child >= 0);
	if (child == 0) {
		pthread_t thread[2];
		unsigned long before = 0;

		MUST(jeton_guard_sigbus() == JETON_ALLOWED);
		for (unsigned i = 0; i < 2; i++)
			MUST(pthread_create(&thread[i], NULL, ask_on, NULL) == 0);
		while (atomic_load(&opened) < 2 || atomic_load(&rounds) < 4)
			(void)sched_yield();
		for (unsigned i = 0; i < 300; i++) {
			cut(chance(&state) % size);
			if (chance(&state) % 2)
				cut(WHOLE);
			if (chance(&state) % 4 == 0)
				make_whole();
			before = atomic_load(&rounds);
			while (i % 8 == 0 && atomic_load(&rounds) == before)
				(void)sched_yield();
		}
		atomic_store(&stop, true);
		for (unsigned i = 0; i < 2; i++)
			MUST(pthread_join(thread[i], NULL) == 0);
		_exit(0);
	}
	MUST(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	make_whole();
}

int main(void)
{
	struct asker *a = NULL;
	char lock[140];
	unsigned in = 0;

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	MUST(jt_secret_start() == JT_OK);
	world_start();
	make_table();
	a = asker_new(path);
	MUST(a != NULL);
	asker_ask(a, &world, &truth);
	MUST(wider(&truth, &in) == 0 && in > 40);
	asker_free(a);
	(void)printf("1..4\n");
	without_guard();
	(void)printf("ok 1 - without the guard a reader ends by SIGBUS\n");
	in = with_guard(false);
	(void)printf("ok 2 - cut to each page, with the guard, it refuses (%u of %zu times it let some in, rightly)\n",
		in, size / JT_TABLE_PAGE);
	in = with_guard(true);
	(void)printf("ok 3 - and when it is as long again (%u)\n", in);
	in_the_middle();
	(void)printf("ok 4 - cut and grown and mended while two threads ask\n");
	(void)snprintf(lock, sizeof(lock), "%s/lock", dir);
	MUST(unlink(path) == 0 && unlink(lock) == 0 && rmdir(dir) == 0);
	free(kept);
	world_end();
	return 0;
}

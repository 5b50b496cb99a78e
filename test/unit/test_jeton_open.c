/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "jeton_world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is at a path and is no table that may be believed, when it is opened and after. */

static struct world w;
static char *bytes; /* a copy of a sound file */
static size_t size;
static char other[80]; /* a path beside the table */

static int set_up(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	world_open(&w);
	(void)snprintf(other, sizeof(other), "%s/other", w.dir);
	fd = open(w.path, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	size = (size_t)st.st_size;
	bytes = malloc(size);
	assert_int_equal(read(fd, bytes, size), size);
	(void)close(fd);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(bytes);
	world_close(&w);
	return 0;
}

static void write_other(const void *data, size_t n)
{
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	(void)close(fd);
}

static enum jeton_result open_at(const char *path)
{
	struct jeton *j = (struct jeton *)(void *)other;
	enum jeton_result r = jeton_open(path, &j);

	if (r != JETON_ALLOWED)
		assert_null(j);
	jeton_close(j);
	return r;
}

static void no_table(void **state)
{
	/* Goal: nothing there, a link, a directory, a pipe: no table, without waiting. */
	(void)state;
	assert_int_equal(open_at("/nonexistent/table"), JETON_NO_TABLE);
	assert_int_equal(open_at(""), JETON_NO_TABLE);
	assert_int_equal(open_at(w.dir), JETON_BAD_TABLE);
	assert_int_equal(symlink(w.path, other), 0);
	assert_int_equal(open_at(other), JETON_NO_TABLE);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(open_at(other), JETON_BAD_TABLE);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(open_at("/dev/zero"), JETON_BAD_TABLE);
}

static void bad_table(void **state)
{
	/* Goal: of another magic, version, byte order or boot; with any byte of its head other than it was; empty, of zeros, cut off
	 * at any page: refused, whatever it is. */
	const size_t head = sizeof(struct jt_table_head);
	char *copy = malloc(size);

	(void)state;
	write_other(bytes, size);
	assert_int_equal(open_at(other), JETON_ALLOWED);
	for (size_t at = 0; at < head; at++) {
		memcpy(copy, bytes, head);
		copy[at] ^= 1;
		write_other(copy, head);
		assert_int_equal(truncate(other, (off_t)size), 0);
		assert_int_equal(open_at(other), JETON_BAD_TABLE); /* the vocabulary is of zeros besides */
	}
	memcpy(copy, bytes, size);
	for (size_t at = 0; at < head; at++) {
		int fd = open(other, O_WRONLY | O_CREAT, 0600);
		char flipped = (char)(bytes[at] ^ 0x40);

		if (at == 0)
			assert_int_equal(write(fd, bytes, size), size);
		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		assert_int_equal(open_at(other), JETON_BAD_TABLE);
		assert_int_equal(pwrite(fd, bytes + at, 1, (off_t)at), 1);
		(void)close(fd);
	}
	assert_int_equal(open_at(other), JETON_ALLOWED);
	for (size_t n = 0; n < size; n += JT_TABLE_PAGE) {
		write_other(bytes, n);
		assert_int_equal(open_at(other), JETON_BAD_TABLE);
	}
	memset(copy, 0, size);
	write_other(copy, size);
	assert_int_equal(open_at(other), JETON_BAD_TABLE);
	write_other("#!/bin/sh\n", 10);
	assert_int_equal(open_at(other), JETON_BAD_TABLE);
	assert_int_equal(unlink(other), 0);
	free(copy);
}

static void where_it_is_looked_for(void **state)
{
	/* Goal: without a path $JETON_TABLE is opened, and nothing else if it is wrong; without that $RUNTIME_DIRECTORY/table. */
	(void)state;
	assert_int_equal(setenv("JETON_TABLE", w.path, 1), 0);
	assert_int_equal(open_at(NULL), JETON_ALLOWED);
	assert_int_equal(setenv("RUNTIME_DIRECTORY", w.dir, 1), 0);
	assert_int_equal(setenv("JETON_TABLE", "/nonexistent/table", 1), 0);
	assert_int_equal(open_at(NULL), JETON_NO_TABLE);
	assert_int_equal(unsetenv("JETON_TABLE"), 0);
	assert_int_equal(open_at(NULL), JETON_ALLOWED);
	/* Not where anybody may put one. */
	assert_int_equal(chmod(w.dir, 0707), 0);
	assert_int_equal(unlink(w.path), 0);
	write_other(bytes, size);
	assert_int_equal(rename(other, w.path), 0);
	{
		struct jeton *j = NULL;
		struct jeton_answer answer = {0};

		if (jeton_open(NULL, &j) == JETON_ALLOWED) /* that of a server of this machine's */
			assert_int_not_equal(
				jeton_verify(j, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), NULL, &answer),
				JETON_ALLOWED);
		jeton_close(j);
	}
	assert_int_equal(chmod(w.dir, 0700), 0);
	assert_int_equal(open_at(NULL), JETON_ALLOWED);
	assert_int_equal(unsetenv("RUNTIME_DIRECTORY"), 0);
}

static void what_takes_its_place_is_not_believed(void **state)
{
	/* Goal: when a table that was retired is followed by rubbish, everything is refused as unavailable, until a table comes. */
	struct jeton *j = NULL;
	const char *value = w.value[WORLD_CI];

	(void)state;
	world_build(&w, WORLD_PLAIN);
	assert_int_equal(jeton_open(w.path, &j), JETON_ALLOWED);
	assert_int_equal(jeton_verify(j, value, strlen(value), NULL, NULL), JETON_ALLOWED);
	world_build(&w, WORLD_PLAIN); /* the one that j has is retired */
	write_other("rubbish", 7);
	assert_int_equal(rename(other, w.path), 0);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(jeton_verify(j, value, strlen(value), NULL, NULL), JETON_UNAVAILABLE);
	assert_int_equal(unlink(w.path), 0);
	assert_int_equal(jeton_verify(j, value, strlen(value), NULL, NULL), JETON_UNAVAILABLE);
	world_build(&w, WORLD_PLAIN);
	while (jeton_verify(j, value, strlen(value), NULL, NULL) == JETON_UNAVAILABLE)
		continue;
	assert_int_equal(jeton_verify(j, value, strlen(value), NULL, NULL), JETON_ALLOWED);
	jeton_close(j);
}

/* ---- a file that is cut shorter under its mapping: in a child, which may die of it */

enum guard { UNGUARDED, GUARDED };

/* What a child that had the file open makes of every token after it was cut to `n` bytes: 0 if nobody is let in, 1 if
 * somebody is; or the signal that it died of, negative. */
static int after_cut(enum guard guard, size_t n)
{
	int status = 0;
	pid_t child;

	write_other(bytes, size);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct jeton *j = NULL;
		int let_in = 0;

		(void)signal(SIGBUS, SIG_DFL);
		if ((guard == GUARDED && jeton_guard_sigbus() != JETON_ALLOWED) ||
			jeton_open(other, &j) != JETON_ALLOWED)
			_exit(2);
		if (truncate(other, (off_t)n) != 0)
			_exit(3);
		for (int i = 0; i < WORLD_COUNT; i++)
			let_in |= jeton_verify(j, w.value[i], strlen(w.value[i]), NULL, NULL) == JETON_ALLOWED;
		_exit(let_in);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void a_file_cut_shorter(void **state)
{
	/* Goal: with the guard every cut that takes entries away is a refusal; without it the process would have died, so that it is
	 * the guard that is tested here. */
	(void)state;
	assert_int_equal(after_cut(UNGUARDED, 0), -SIGBUS);
	for (size_t n = 0; n < size; n += JT_TABLE_PAGE) {
		int said = after_cut(GUARDED, n);

		assert_true(said == 0 || (n > JT_TABLE_PAGE && said == 1));
	}
	assert_int_equal(after_cut(GUARDED, 0), 0);
	assert_int_equal(after_cut(GUARDED, JT_TABLE_PAGE), 0);
	assert_int_equal(unlink(other), 0);
}

static void every_table_is_guarded(void **state)
{
	/* Goal: what cannot be guarded is not opened: up to the limit all can be, beyond it there is no memory, and who closes one
	 * may open another. A table that is replaced more often than that goes on. */
	static struct jeton *j[JETON_TABLES_MAX];
	enum jeton_result r = JETON_ALLOWED;
	struct jeton *one = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(jeton_open(w.path, &one), JETON_ALLOWED);
	while (count < JETON_TABLES_MAX && (r = jeton_open(w.path, &j[count])) == JETON_ALLOWED)
		count++;
	assert_int_equal(r, JETON_NO_MEMORY);
	assert_int_equal(count, JETON_TABLES_MAX - 1); /* and the one */
	jeton_close(j[--count]);
	assert_int_equal(jeton_open(w.path, &j[count]), JETON_ALLOWED);
	for (count++; count > 0; count--)
		jeton_close(j[count - 1]);
	for (unsigned i = 0; i < JETON_TABLES_MAX + 10; i++) {
		world_build(&w, WORLD_PLAIN);
		assert_int_equal(
			jeton_verify(one, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), NULL, NULL), JETON_ALLOWED);
	}
	jeton_close(one);
}

static volatile sig_atomic_t caught;
static void *foreign;

static void on_bus_error(int number)
{
	(void)number;
	caught++;
	(void)mmap(foreign, JT_TABLE_PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void other_faults_are_passed_on(void **state)
{
	/* Goal: a SIGBUS of somebody else's mapping goes to the handler that was there before, once; and the guard may be asked for
	 * twice. */
	volatile char *at;
	int fd;

	(void)state;
	write_other("", 0);
	assert_int_equal(truncate(other, JT_TABLE_PAGE), 0);
	fd = open(other, O_RDONLY);
	foreign = mmap(NULL, JT_TABLE_PAGE, PROT_READ, MAP_SHARED, fd, 0);
	(void)close(fd);
	assert_int_equal(truncate(other, 0), 0);
	assert_true(signal(SIGBUS, on_bus_error) != SIG_ERR);
	assert_int_equal(jeton_guard_sigbus(), JETON_ALLOWED);
	assert_int_equal(jeton_guard_sigbus(), JETON_ALLOWED);
	at = foreign;
	assert_int_equal(*at, 0);
	assert_int_equal(caught, 1);
	(void)munmap(foreign, JT_TABLE_PAGE);
	assert_int_equal(unlink(other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_table), cmocka_unit_test(bad_table),
		cmocka_unit_test(where_it_is_looked_for), cmocka_unit_test(what_takes_its_place_is_not_believed),
		cmocka_unit_test(a_file_cut_shorter), cmocka_unit_test(every_table_is_guarded),
		cmocka_unit_test(other_faults_are_passed_on)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

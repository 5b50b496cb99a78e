/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/fault.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

/* Passes "alpha" three times in a child; returns which passing it did not survive, or 0. Each child reads anew. */
static int dies_at(const char *setting)
{
	int status = 0;
	int pipe_of[2];
	char passed = 0;
	int seen = 0;
	pid_t child;

	assert_int_equal(pipe(pipe_of), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (setting ? setenv("JETON_TEST_KILL_AT", setting, 1) : unsetenv("JETON_TEST_KILL_AT"))
			_exit(1);
		for (int i = 0; i < 3; i++) {
			JT_FAULT_POINT("beta");
			JT_FAULT_POINT("alpha");
			if (write(pipe_of[1], "x", 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(pipe_of[1]);
	while (read(pipe_of[0], &passed, 1) == 1)
		seen++;
	(void)close(pipe_of[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return seen + 1;
}

static void kills_at_the_named_passing(void **state)
{
	/* Goal: the n-th passing of the named point is the last thing the process does; other settings do nothing. */
	(void)state;
#ifdef JT_TEST_HOOKS
	assert_int_equal(dies_at("alpha"), 1);
	assert_int_equal(dies_at("alpha:1"), 1);
	assert_int_equal(dies_at("alpha:3"), 3);
#else
	assert_int_equal(dies_at("alpha"), 0);
#endif
	assert_int_equal(dies_at(NULL), 0);
	assert_int_equal(dies_at("alpha:4"), 0);
	assert_int_equal(dies_at("alph"), 0);
	assert_int_equal(dies_at("alphabet"), 0);
	assert_int_equal(dies_at("alpha:0"), 0);
	assert_int_equal(dies_at("alpha:x"), 0);
	assert_int_equal(dies_at(""), 0);
}

#ifdef JT_TEST_HOOKS
/* Lets a child pass `point` while a lock is held on the file; what it has said until then. */
static void pass_held(const char *setting, const char *point, int said)
{
	if (setenv("JETON_TEST_HOLD_AT", setting, 1) != 0)
		_exit(1);
	jt_fault_point(point);
	if (write(said, "x", 1) != 1)
		_exit(1);
	_exit(0);
}

static void holds_back_at_the_named_points(void **state)
{
	/* Goal: a process stops at a named point for as long as somebody holds the file's lock, and nowhere else. */
	static const struct {
		const char *point;
		bool held;
	} cases[] = {{"alpha", true}, {"gamma", true}, {"beta", false}, {"alph", false}, {"", false}};
	char path[] = "/tmp/jeton-hold-XXXXXX";
	char setting[64];
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0 && flock(file, LOCK_EX) == 0);
	(void)snprintf(setting, sizeof(setting), "alpha+gamma:%s", path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pollfd said = {.events = POLLIN};
		int pipe_of[2];
		pid_t child;

		assert_int_equal(pipe(pipe_of), 0);
		said.fd = pipe_of[0];
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			pass_held(setting, cases[i].point, pipe_of[1]);
		assert_int_equal(poll(&said, 1, cases[i].held ? 100 : 10000), cases[i].held ? 0 : 1);
		assert_int_equal(flock(file, LOCK_UN), 0);
		assert_int_equal(poll(&said, 1, 10000), 1);
		assert_int_equal(flock(file, LOCK_EX), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
		(void)close(pipe_of[0]);
		(void)close(pipe_of[1]);
	}
	(void)close(file);
	(void)unlink(path);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef JT_TEST_HOOKS
		cmocka_unit_test(holds_back_at_the_named_points),
#endif
		cmocka_unit_test(kills_at_the_named_passing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

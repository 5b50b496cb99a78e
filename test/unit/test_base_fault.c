/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/fault.h"

#include <signal.h>
#include <stdlib.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_at_the_named_passing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/secret.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address sanitizer replaces mlock() by nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define LOCKING_IS_FAKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LOCKING_IS_FAKED 1
#endif
#endif
#ifndef LOCKING_IS_FAKED
#define LOCKING_IS_FAKED 0
#endif

static void sizes_and_content(void **state)
{
	/* Goal: new memory is zero, from 1 byte to 64 KiB; other sizes are refused; a copy is a copy. */
	struct jt_secret *s = NULL;

	(void)state;
	assert_int_equal(jt_secret_new(0, &s), JT_TOO_LONG);
	assert_int_equal(jt_secret_new(65537, &s), JT_TOO_LONG);
	assert_null(s);
	assert_int_equal(jt_secret_new(65536, &s), JT_OK);
	assert_int_equal(jt_secret_size(s), 65536);
	for (size_t i = 0; i < 65536; i++)
		assert_int_equal(jt_secret_view(s)[i], 0);
	jt_secret_free(&s);
	assert_null(s);
	assert_int_equal(jt_secret_copy("hush", 4, &s), JT_OK);
	assert_memory_equal(jt_secret_bytes(s), "hush", 4);
	jt_secret_free(&s);
	jt_secret_free(&s);
	jt_secret_free(NULL);
}

static void guarded_and_undumpable(void **state)
{
	/* Goal: one byte beyond a secret ends the process, and no core dump is left to read. */
	struct jt_secret *s = NULL;
	struct rlimit core = {1, 1};
	int status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(core.rlim_cur, 0);
	assert_int_equal(jt_secret_new(64, &s), JT_OK);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		volatile uint8_t *bytes = jt_secret_bytes(s);

		(void)signal(SIGSEGV, SIG_DFL); /* not cmocka's handler */
		(void)signal(SIGBUS, SIG_DFL);
		bytes[64] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	jt_secret_free(&s);
}

static void unlockable_is_no_memory(void **state)
{
	/* Goal: memory that cannot be locked is not handed out (a child gives up the right to lock). */
	int status = 0;
	pid_t child;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = {0, 0};
		struct jt_secret *s = NULL;

		if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
			_exit(2);
		_exit(jt_secret_new(32, &s) == JT_NOMEM && !s ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void comparing_and_wiping(void **state)
{
	/* Goal: equality looks at all bytes and the size; wiping leaves zeros; random bytes are not zeros. */
	uint8_t a[64];
	uint8_t b[64];

	(void)state;
	memset(a, 0, sizeof(a));
	jt_secret_random(a, sizeof(a));
	memcpy(b, a, sizeof(b));
	assert_true(jt_secret_equal(a, 64, b, 64));
	assert_false(jt_secret_equal(a, 64, b, 63));
	assert_true(jt_secret_equal(a, 0, NULL, 0));
	for (size_t i = 0; i < 64; i++) {
		b[i] ^= 1;
		assert_false(jt_secret_equal(a, 64, b, 64));
		b[i] ^= 1;
	}
	jt_secret_wipe(a, sizeof(a));
	jt_secret_wipe(NULL, 0);
	memset(b, 0, sizeof(b));
	assert_memory_equal(a, b, sizeof(a));
	jt_secret_random(a, sizeof(a));
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_content), cmocka_unit_test(guarded_and_undumpable),
		cmocka_unit_test(comparing_and_wiping),
		cmocka_unit_test(unlockable_is_no_memory), /* last: left out where locking is faked */
	};

	if (jt_secret_start() != JT_OK)
		return 1;
	return _cmocka_run_group_tests("tests", tests, sizeof(tests) / sizeof(*tests) - LOCKING_IS_FAKED, NULL, NULL);
}

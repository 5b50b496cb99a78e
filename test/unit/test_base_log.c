/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard error goes through a pipe while a test runs. */
static int kept_stderr;
static int pipe_of[2];
static char got[65536];

static int catch_stderr(void **state)
{
	(void)state;
	if (pipe2(pipe_of, O_NONBLOCK) != 0)
		return -1;
	kept_stderr = dup(STDERR_FILENO);
	jt_log_setup(JT_LOG_DEBUG, JT_LOG_LOGFMT);
	return kept_stderr >= 0 && dup2(pipe_of[1], STDERR_FILENO) >= 0 ? 0 : -1;
}

static int release_stderr(void **state)
{
	(void)state;
	(void)dup2(kept_stderr, STDERR_FILENO);
	(void)close(kept_stderr);
	(void)close(pipe_of[0]);
	(void)close(pipe_of[1]);
	return 0;
}

/* All that was written since the last call. */
static const char *caught(void)
{
	size_t size = 0;
	ssize_t n = 0;

	while (size < sizeof(got) - 1 && (n = read(pipe_of[0], got + size, sizeof(got) - 1 - size)) > 0)
		size += (size_t)n;
	got[size] = '\0';
	return got;
}

/* The line without its time, whose form is checked. */
static const char *after_time(const char *line, const char *before, const char *after)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	size_t n = strlen(before);

	assert_int_equal(strncmp(line, before, n), 0);
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		char c = line[n + i];

		assert_true(form[i] == 'd' ? c >= '0' && c <= '9' : c == form[i]);
	}
	n += sizeof(form) - 1;
	assert_int_equal(strncmp(line + n, after, strlen(after)), 0);
	return line + n + strlen(after);
}

static void logfmt_escapes(void **state)
{
	/* Goal: no value can begin a line, end its quotes, forge a field or drive a terminal. */
	static const char *const table[][2] = {
		{"plain", "plain"},
		{"", "\"\""},
		{"two words", "\"two words\""},
		{"a=b", "\"a=b\""},
		{"say \"x\"", "\"say \\\"x\\\"\""},
		{"back\\slash", "\"back\\\\slash\""},
		{"x\nlevel=error", "\"x\\nlevel=error\""},
		{"\r\t", "\"\\r\\t\""},
		{"\x1b[31m", "\"\\u001b[31m\""},
		{"\x7f", "\"\\u007f\""},
		{"\xc2\x9b", "\"\\u009b\""},
		{"\xe2\x80\xae", "\"\\u202e\""},
		{"\xe2\x80\xa8", "\"\\u2028\""},
		{"\xef\xbb\xbf", "\"\\ufeff\""},
		{"Zo\xc3\xab", "\"Zo\xc3\xab\""},
		{"\xff\xc3(", "\"\\ufffd\\ufffd(\""},
		{"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
	};
	char want[200];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		jt_log(JT_LOG_WARN, "token issued", JT_LT("org", table[i][0]), JT_LN("ms", -3));
		(void)snprintf(want, sizeof(want), "level=warn event=\"token issued\" org=%s ms=-3\n", table[i][1]);
		assert_string_equal(after_time(caught(), "ts=", " "), want);
	}
}

static void json_escapes(void **state)
{
	/* Goal: the same as JSON: every line one object whose strings cannot break out. */
	(void)state;
	jt_log_setup(JT_LOG_DEBUG, JT_LOG_JSON);
	jt_log(JT_LOG_ERROR, "boom", JT_LT("why", "a\"b\\c\nd\x01\xff"), JT_LN("n", 42), JT_LT("none", NULL));
	assert_string_equal(after_time(caught(), "{\"ts\":\"", "\""),
		",\"level\":\"error\",\"event\":\"boom\",\"why\":\"a\\\"b\\\\c\\nd\\u0001\\ufffd\",\"n\":42,\"none\":"
		"\"\"}\n");
	jt_log_fields(JT_LOG_INFO, "bare", NULL, 0);
	assert_string_equal(after_time(caught(), "{\"ts\":\"", "\""), ",\"level\":\"info\",\"event\":\"bare\"}\n");
}

static void levels(void **state)
{
	/* Goal: what is below the least level is not written. */
	(void)state;
	jt_log_setup(JT_LOG_WARN, JT_LOG_LOGFMT);
	jt_log_fields(JT_LOG_INFO, "quiet", NULL, 0);
	assert_string_equal(caught(), "");
	jt_log_fields(JT_LOG_ERROR, "loud", NULL, 0);
	assert_non_null(strstr(caught(), "level=error event=loud\n"));
}

static void long_lines_are_cut(void **state)
{
	/* Goal: whatever the length, a line is one write of at most 4 KiB, well-formed, and says that it was cut. */
	char value[6000];

	(void)state;
	for (size_t n = 3950; n < 4200; n++) {
		for (int json = 0; json < 2; json++) {
			size_t length = 0;
			const char *line = NULL;
			bool cut = false;

			memset(value, n % 3 == 0 ? '\n' : 'x', n);
			value[n] = '\0';
			if (n % 3 == 1)
				for (size_t i = 0; i + 2 < n; i += 2)
					memcpy(value + i, "\xc3\xa9", 2);
			jt_log_setup(JT_LOG_DEBUG, json ? JT_LOG_JSON : JT_LOG_LOGFMT);
			jt_log(JT_LOG_INFO, "long", JT_LT("v", value), JT_LN("last", 1));
			line = caught();
			length = strlen(line);
			cut = strstr(line, json ? ",\"cut\":1}\n" : " cut=1\n") != NULL;
			assert_true(length <= 4096);
			assert_int_equal(line[length - 1], '\n');
			assert_true(strchr(line, '\n') == line + length - 1);
			assert_true(jt_text_is_utf8(line, length));
			assert_true(cut || strstr(line, json ? "\"last\":1}" : "last=1\n"));
			assert_true(cut || n < 4096);
			if (json)
				assert_int_equal(line[length - 2], '}');
		}
	}
}

static void errno_is_kept(void **state)
{
	/* Goal: logging between a failed call and the look at errno does no harm, even when it cannot write. */
	(void)state;
	assert_int_equal(close(STDERR_FILENO), 0);
	errno = ENOSPC;
	jt_log_fields(JT_LOG_ERROR, "lost", NULL, 0);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(dup2(pipe_of[1], STDERR_FILENO), STDERR_FILENO);
}

static void *chatter(void *arg)
{
	for (int i = 0; i < 100; i++)
		jt_log(JT_LOG_INFO, "chatter", JT_LT("who", (const char *)arg), JT_LN("i", i));
	return NULL;
}

static void threads_do_not_mix(void **state)
{
	/* Goal: two threads at once write whole lines. */
	static char names[2][100];
	pthread_t t[2];
	int lines = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(names[i], 'a' + i, sizeof(names[i]) - 1);
		assert_int_equal(pthread_create(&t[i], NULL, chatter, names[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	for (char *line = (char *)(uintptr_t)caught(); *line; lines++) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		*end = '\0';
		assert_true(strstr(line, names[0]) || strstr(line, names[1]));
		line = end + 1;
	}
	assert_int_equal(lines, 200);
}

#define CAUGHT(f) cmocka_unit_test_setup_teardown(f, catch_stderr, release_stderr)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAUGHT(logfmt_escapes),
		CAUGHT(json_escapes),
		CAUGHT(levels),
		CAUGHT(long_lines_are_cut),
		CAUGHT(errno_is_kept),
		CAUGHT(threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

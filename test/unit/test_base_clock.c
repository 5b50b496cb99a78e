/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void known_times(void **state)
{
	/* Goal: moments whose text is known, before 1970 and beyond 9999 among them, are written so. */
	static const struct {
		int64_t s;
		const char *text;
	} known[] = {
		{0, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{1709251199, "2024-02-29T23:59:59Z"},
		{1795478399, "2026-11-23T23:59:59Z"},
		{4107542400, "2100-03-01T00:00:00Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
		{253402300800, "10000-01-01T00:00:00Z"},
		{-62167219200, "0000-01-01T00:00:00Z"},
		{-11644473600, "1601-01-01T00:00:00Z"},
		{INT64_MAX, "292277026596-12-04T15:30:07Z"},
	};
	char text[JT_TIME_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(jt_time_text(known[i].s, text), known[i].text);
	assert_true(strlen(jt_time_text(INT64_MIN, text)) < JT_TIME_TEXT_SIZE - 1);
}

static void agrees_with_libc_every_day(void **state)
{
	/* Goal: every day from 1970 to 2400, leap years and centuries among them, there and back, as gmtime_r has it. */
	(void)state;
	for (int64_t day = 0; day < 157054; day++) {
		time_t at = (time_t)(day * 86400);
		int64_t back = -1;
		struct tm tm;
		char want[JT_TIME_TEXT_SIZE];
		char got[JT_TIME_TEXT_SIZE];

		assert_non_null(gmtime_r(&at, &tm));
		assert_true(strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
		assert_string_equal(jt_time_text(at, got), want);
		assert_int_equal(jt_time_of_day(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, &back), JT_OK);
		assert_true(back == at);
	}
}

static void no_such_day(void **state)
{
	/* Goal: days that do not exist are refused, among them 29 February of the years that lack one. */
	static const int bad[][3] = {{1969, 12, 31}, {10000, 1, 1}, {2026, 0, 1}, {2026, 13, 1}, {2026, 1, 0},
		{2026, 1, 32}, {2026, 4, 31}, {2026, 2, 29}, {2100, 2, 29}, {2000, 2, 30}, {-1, 1, 1}};
	int64_t s = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(jt_time_of_day(bad[i][0], bad[i][1], bad[i][2], &s), JT_MALFORMED);
	assert_true(s == 5);
	assert_int_equal(jt_time_of_day(2000, 2, 29, &s), JT_OK);
	assert_int_equal(jt_time_of_day(9999, 12, 31, &s), JT_OK);
}

static void clocks_run(void **state)
{
	/* Goal: the clock is the system's, and a test's shift moves what is UTC but never the monotonic one. */
	int64_t before = jt_clock_ns();
	int64_t mono = jt_clock_mono_ns();

	(void)state;
	assert_true(llabs((long long)(jt_clock_s() - (int64_t)time(NULL))) <= 1);
	assert_true(jt_clock_mono_ns() >= mono);
#ifdef JT_TEST_HOOKS
	jt_clock_shift(3600 * JT_NS_PER_S);
	assert_true(jt_clock_ns() >= before + 3600 * JT_NS_PER_S);
	assert_true(jt_clock_ns() < before + 3660 * JT_NS_PER_S);
	assert_true(jt_clock_mono_ns() < mono + 60 * JT_NS_PER_S);
	jt_clock_shift(-3600 * JT_NS_PER_S);
#endif
	assert_true(jt_clock_ns() < before + 60 * JT_NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times),
		cmocka_unit_test(agrees_with_libc_every_day),
		cmocka_unit_test(no_such_day),
		cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#define S_PER_DAY 86400

static int64_t read_ns(clockid_t which)
{
	struct timespec t = {0};
	int failed = clock_gettime(which, &t);

	assert(failed == 0);
	(void)failed;
	return (int64_t)t.tv_sec * JT_NS_PER_S + t.tv_nsec;
}

#ifdef JT_TEST_HOOKS
#include <stdatomic.h>

static _Atomic int64_t shift_ns;

void jt_clock_shift(int64_t ns)
{
	atomic_fetch_add(&shift_ns, ns);
}

int64_t jt_clock_ns(void)
{
	return read_ns(CLOCK_REALTIME) + atomic_load(&shift_ns);
}
#else
int64_t jt_clock_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}
#endif

int64_t jt_clock_s(void)
{
	return jt_clock_ns() / JT_NS_PER_S;
}

int64_t jt_clock_mono_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

/* Days since 1970-01-01 and dates of the proleptic Gregorian calendar. Years begin in March here, so that the leap day
 * ends one, and an era is the 146097 days of 400 years, after which the calendar repeats. */
static void date_of_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march = (5 * of_year + 2) / 153;

	*day = (int)(of_year - (153 * march + 2) / 5 + 1);
	*month = (int)(march < 10 ? march + 3 : march - 9);
	*year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t march = month > 2 ? month - 3 : month + 9;
	int64_t era = y / 400; /* y is never negative here */
	int64_t year_of_era = y - era * 400;
	int64_t of_year = (153 * march + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719468;
}

const char *jt_time_text(int64_t seconds, char out[JT_TIME_TEXT_SIZE])
{
	int64_t days = seconds / S_PER_DAY;
	int rest = (int)(seconds % S_PER_DAY);
	int64_t year = 0;
	int month = 0;
	int day = 0;

	if (rest < 0) {
		rest += S_PER_DAY;
		days--;
	}
	date_of_days(days, &year, &month, &day);
	(void)snprintf(out, JT_TIME_TEXT_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)year, month, day,
		rest / 3600, rest / 60 % 60, rest % 60);
	return out;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

enum jt_result jt_time_of_day(int year, int month, int day, int64_t *seconds)
{
	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return JT_MALFORMED;
	*seconds = days_of_date(year, month, day) * S_PER_DAY;
	return JT_OK;
}

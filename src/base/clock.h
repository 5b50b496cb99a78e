/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_CLOCK_H
#define JT_BASE_CLOCK_H

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

#define JT_NS_PER_S 1000000000LL
#define JT_NS_PER_MS 1000000LL

/* Nanoseconds UTC since 1970. Tests move it with jt_clock_shift(). */
int64_t jt_clock_ns(void);
/* Seconds UTC since 1970, of the same clock. */
int64_t jt_clock_s(void);
/* Nanoseconds of CLOCK_BOOTTIME, for deadlines; never steps. */
int64_t jt_clock_mono_ns(void);
/* Only under the meson option test_hooks: moves jt_clock_ns() and jt_clock_s() by `ns`. */
void jt_clock_shift(int64_t ns);

#define JT_TIME_TEXT_SIZE 32
/* RFC 3339 UTC with Z and whole seconds ("2026-11-23T23:59:59Z"). Returns `out`. */
const char *jt_time_text(int64_t seconds, char out[JT_TIME_TEXT_SIZE]);
/* Year (1970 to 9999), month 1 to 12, day 1 to 31 to seconds UTC. JT_MALFORMED if there is no such day. */
JT_MUST_USE enum jt_result jt_time_of_day(int year, int month, int day, int64_t *seconds);

#endif

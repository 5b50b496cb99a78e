/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include "world.h"

#include "base/clock.h"

#include <time.h>

int64_t fake_boot_ns = 1000LL * JT_NS_PER_S;
bool fake_moves;
uint64_t fake_chance;

static int64_t tick_ns;

int __wrap_clock_gettime(clockid_t which, struct timespec *out);
int __wrap_clock_gettime(clockid_t which, struct timespec *out)
{
	int64_t ns = which == CLOCK_MONOTONIC_COARSE ? (tick_ns += fake_moves ? 4000000 : 0)
		     : which == CLOCK_BOOTTIME       ? fake_boot_ns
						     : fake_boot_ns + FAKE_WALL_MINUS_BOOT_S * JT_NS_PER_S;

	out->tv_sec = (time_t)(ns / JT_NS_PER_S);
	out->tv_nsec = (long)(ns % JT_NS_PER_S);
	return 0;
}

void __wrap_jt_secret_random(void *at, size_t size);
void __wrap_jt_secret_random(void *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)at)[i] = (uint8_t)chance(&fake_chance);
}

void fake_later(int64_t ns)
{
	fake_boot_ns += ns;
	tick_ns += 4000000;
}

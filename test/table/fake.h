/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TABLE_FAKE_H
#define TEST_TABLE_FAKE_H

#include <stdbool.h>
#include <stdint.h>

/* A time and a chance of our own (-Wl,--wrap=clock_gettime,--wrap=jt_secret_random): the same in every run. */
#define FAKE_WALL_MINUS_BOOT_S 1700000000LL

extern int64_t fake_boot_ns;
extern bool
	fake_moves; /* each look at the coarse clock finds another tick, so that each verification takes the longer way */
extern uint64_t fake_chance;

/* `ns` later, in another tick. */
void fake_later(int64_t ns);

#endif

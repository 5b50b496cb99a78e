/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_ZERO_LOG_H
#define JT_TEST_ZERO_LOG_H

#include <stdatomic.h>
#include <stdint.h>

/* The log that test_zero_api.py writes (there: struct Log) and zero_api.c reads: what each value has to be answered. */

enum zero_expect { ZERO_EITHER, ZERO_ALLOW, ZERO_REFUSE };

struct zero_entry {
	_Atomic uint64_t
		mark; /* how often it was changed, above enum zero_expect; the rest is written before it is counted */
	char value[56];
	char scope[64];            /* "": whether it is valid */
	char team[56];             /* "": in the org */
	_Atomic uint64_t dead_seq; /* the change that took it away for ever; 0: none did */
};

struct zero_log {
	_Atomic uint64_t count, stop;
	uint64_t room;
	_Atomic uint64_t seq; /* the last X-Jeton-Seq that was answered: shown from then on */
	struct zero_entry entry[];
};

_Static_assert(sizeof(struct zero_entry) == 192 && sizeof(struct zero_log) == 32, "as test_zero_api.py writes it");

#endif

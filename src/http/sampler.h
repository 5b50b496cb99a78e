/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_SAMPLER_H
#define JT_HTTP_SAMPLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A few lines a second of what could be millions. Any thread, no lock. */

#define JT_SAMPLES_A_SECOND 5

/* All zero at first. */
struct jt_sampler {
	_Atomic int64_t second; /* that `said` counts */
	_Atomic unsigned said;
	_Atomic uint64_t left_out; /* since it was last told */
};

/* Whether this one is to be said. Then *left_out is how many were not, since this was last told. `now_ns` never steps back. */
bool jt_sampler_take(struct jt_sampler *s, int64_t now_ns, uint64_t *left_out);

#endif

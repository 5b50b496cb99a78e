/* SPDX-License-Identifier: Apache-2.0 */
#include "http/sampler.h"

#include "base/clock.h"

bool jt_sampler_take(struct jt_sampler *s, int64_t now_ns, uint64_t *left_out)
{
	int64_t second = now_ns / JT_NS_PER_S;
	int64_t was = atomic_load_explicit(&s->second, memory_order_relaxed);

	*left_out = 0;
	if (was != second && atomic_compare_exchange_strong(&s->second, &was, second))
		atomic_store_explicit(&s->said, 0, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&s->said, 1, memory_order_relaxed) >= JT_SAMPLES_A_SECOND) {
		atomic_fetch_add_explicit(&s->left_out, 1, memory_order_relaxed);
		return false;
	}
	*left_out = atomic_exchange_explicit(&s->left_out, 0, memory_order_relaxed);
	return true;
}

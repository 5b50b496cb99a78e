/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_ALLOC_H
#define JT_TEST_ALLOC_H

#include "base/result.h"

#include <stdbool.h>
#include <stddef.h>

/* The allocation-failure harness. A test binary that lists dep_alloc is linked with --wrap, so that every malloc, calloc,
 * realloc, strdup, strndup and sodium_malloc of our own code (not of shared libraries) passes here. Thread-safe. */

enum alloc_mode {
	ALLOC_FAIL_ONCE, /* only the n-th fails: what was had before must be given back */
	ALLOC_FAIL_FROM, /* the n-th and all after it: giving back must not need memory */
};

/* From now on count allocations and remember which are not freed, and fail the n-th (1 is the next; 0: none). */
void alloc_fail_at(size_t n, enum alloc_mode mode);
/* How many were asked for since alloc_fail_at(). */
size_t alloc_count(void);
/* Whether one has failed since then. */
bool alloc_failed(void);
/* Ends it. Returns how many blocks allocated since alloc_fail_at() are still there: leaks, if all was given back. */
size_t alloc_stop(void);

/* Calls run(arg) for n = 1, 2, ... in both modes, until a call needs fewer than n allocations. Asserts that whoever met a
 * failure returns JT_NOMEM, that the last one returns JT_OK, and that none leaves a block behind. `run` undoes all that it
 * does, and calls alloc_stop() nowhere. Returns how many allocations a run makes. */
size_t alloc_fail_each(enum jt_result (*run)(void *arg), void *arg);

/* For libraries that take an allocator: json_set_alloc_funcs(alloc_malloc, alloc_free). */
void *alloc_malloc(size_t size);
void alloc_free(void *block);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_MAP_H
#define JT_BASE_MAP_H

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* A hash table from 16 uniformly mixed or random-keyed bytes to a pointer. Keys are copied; values belong to the caller.
 * Not thread-safe. Zero-initialise with jt_map_start, which draws a seed so that keys cannot be chosen to collide. */
struct jt_map_slot {
	uint8_t key[16];
	void *value; /* NULL: free */
};

struct jt_map {
	struct jt_map_slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t count;
	uint64_t seed;
};

/* An empty map, that has no memory yet. `seed` is random. */
void jt_map_start(struct jt_map *m, uint64_t seed);
/* Puts or replaces; `value` is not NULL. *old (may be NULL) gets what was there, or NULL. JT_NOMEM leaves all as it was. */
JT_MUST_USE enum jt_result jt_map_put(struct jt_map *m, const uint8_t key[16], void *value, void **old);
/* NULL if absent. */
void *jt_map_get(const struct jt_map *m, const uint8_t key[16]);
/* Removes and returns what was there, or NULL. */
void *jt_map_take(struct jt_map *m, const uint8_t key[16]);
/* Walks all values in no order: start with *at = 0; NULL at the end. The map must not change meanwhile. */
void *jt_map_next(const struct jt_map *m, size_t *at);
/* Frees the table, not the values; the map is empty and can be used again. NULL is taken. */
void jt_map_free(struct jt_map *m);

#endif

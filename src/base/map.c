/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAP_LEAST 16

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdULL;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

/* Where a key would like to be. `room` is not 0. */
static size_t home(const struct jt_map *m, const uint8_t key[16])
{
	uint64_t half[2];

	memcpy(half, key, sizeof(half));
	return (size_t)mix(mix(half[0] ^ m->seed) + half[1]) & (m->room - 1);
}

/* The key's slot, or the free slot where it would go. There is always a free one. */
static size_t find(const struct jt_map *m, const uint8_t key[16])
{
	size_t at = home(m, key);

	while (m->slots[at].value && memcmp(m->slots[at].key, key, 16) != 0)
		at = (at + 1) & (m->room - 1);
	return at;
}

static enum jt_result grow(struct jt_map *m)
{
	struct jt_map bigger = {.room = m->room ? m->room * 2 : MAP_LEAST, .count = m->count, .seed = m->seed};

	if (bigger.room < m->room)
		return JT_NOMEM;
	bigger.slots = calloc(bigger.room, sizeof(*bigger.slots));
	if (!bigger.slots)
		return JT_NOMEM;
	for (size_t i = 0; i < m->room; i++) {
		if (m->slots[i].value)
			bigger.slots[find(&bigger, m->slots[i].key)] = m->slots[i];
	}
	free(m->slots);
	*m = bigger;
	return JT_OK;
}

void jt_map_start(struct jt_map *m, uint64_t seed)
{
	*m = (struct jt_map){.seed = seed};
}

enum jt_result jt_map_put(struct jt_map *m, const uint8_t key[16], void *value, void **old)
{
	void *was = jt_map_get(m, key);
	size_t at = 0;

	assert(value);
	if (!was && (m->count + 1) * 4 > m->room * 3) {
		enum jt_result r = grow(m);

		if (r != JT_OK)
			return r;
	}
	at = find(m, key);
	memcpy(m->slots[at].key, key, 16);
	m->slots[at].value = value;
	m->count += was ? 0 : 1;
	if (old)
		*old = was;
	return JT_OK;
}

void *jt_map_get(const struct jt_map *m, const uint8_t key[16])
{
	return m->room ? m->slots[find(m, key)].value : NULL;
}

void *jt_map_take(struct jt_map *m, const uint8_t key[16])
{
	size_t hole = m->room ? find(m, key) : 0;
	size_t mask = m->room - 1;
	void *was = m->room ? m->slots[hole].value : NULL;

	if (!was)
		return NULL;
	/* Close the hole: whoever stands beyond it and whose home is not beyond it moves back, so no probe ends early. */
	for (size_t at = (hole + 1) & mask; m->slots[at].value; at = (at + 1) & mask) {
		size_t from_home = (at - home(m, m->slots[at].key)) & mask;
		size_t from_hole = (at - hole) & mask;

		if (from_home >= from_hole) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	}
	m->slots[hole] = (struct jt_map_slot){.value = NULL};
	m->count--;
	return was;
}

void *jt_map_next(const struct jt_map *m, size_t *at)
{
	while (*at < m->room) {
		void *value = m->slots[(*at)++].value;

		if (value)
			return value;
	}
	return NULL;
}

void jt_map_free(struct jt_map *m)
{
	if (!m)
		return;
	free(m->slots);
	*m = (struct jt_map){.seed = m->seed};
}

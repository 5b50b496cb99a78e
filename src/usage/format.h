/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_USAGE_FORMAT_H
#define JT_USAGE_FORMAT_H

#include "policy/scopes.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

/* The memory that one verifier process records in (doc/formats/usage.md). For the files of this folder and their tests.
 * Every store into it is a release, and the other side loads with acquire: so what was stored before a number is seen by
 * whoever sees the number, with no fence. */

#define JT_USAGE_MAGIC 0x314547415355544aULL /* "JTUSAGE1" as bytes */
#define JT_USAGE_VERSION 1
#define JT_USAGE_LANES 64   /* threads of one process that record */
#define JT_USAGE_SLOTS 1024 /* a lane; a power of two */
#define JT_USAGE_RING 1024  /* a lane; a power of two */
#define JT_USAGE_HALF (JT_SCOPES_MAX / 128)
/* In `minute`: the wide half holds something. */
#define JT_USAGE_WIDE 0x80000000U

/* Words of the scopes from bit 256: apart, because few catalogues have so many, and untouched memory costs nothing. */
struct jt_usage_wide {
	_Atomic uint64_t scopes[JT_USAGE_HALF];
};

/* What a lane's thread counts of one token: one cache line. */
struct jt_usage_slot {
	_Atomic uint64_t instance;
	_Atomic uint32_t index;
	_Atomic uint32_t gen; /* even; 0: never used; odd: another token is moving in */
	_Atomic uint32_t minute;
	_Atomic uint32_t count; /* since `gen` */
	_Atomic uint64_t taken; /* the authority's: gen << 32 | count that it has */
	_Atomic uint64_t scopes[JT_USAGE_HALF];
};

/* What was in a slot when another token moved in. */
struct jt_usage_entry {
	_Atomic uint64_t instance;
	_Atomic uint32_t index;
	_Atomic uint32_t gen;
	_Atomic uint32_t minute;
	_Atomic uint32_t count;
	_Atomic uint32_t slot;
	uint32_t reserved;
	_Atomic uint64_t scopes[JT_USAGE_HALF];
};

struct jt_usage_lane {
	_Atomic uint64_t head; /* entries ever put into the ring */
	_Atomic uint64_t lost; /* uses for which there was no room */
	uint64_t pad[6];
	_Atomic uint64_t tail; /* the authority's: entries ever taken out */
	uint64_t rest[503];
	/* The verifier's own: who may be in each slot, so that most slots need not be looked at. */
	_Atomic uint32_t tag[JT_USAGE_SLOTS];
	struct jt_usage_slot slot[JT_USAGE_SLOTS];
	struct jt_usage_entry ring[JT_USAGE_RING];
	struct jt_usage_wide slot_wide[JT_USAGE_SLOTS];
	struct jt_usage_wide ring_wide[JT_USAGE_RING];
};

struct jt_usage_memory {
	uint64_t magic;
	uint32_t version;
	uint32_t lanes, slots, ring; /* as above */
	uint64_t size;               /* of all */
	_Atomic uint32_t claimed;    /* lanes in use, from the first */
	uint8_t rest[4096 - 36];
	struct jt_usage_lane lane[JT_USAGE_LANES];
};

static_assert(sizeof(struct jt_usage_slot) == 64 && sizeof(struct jt_usage_entry) == 64, "a cache line each");
static_assert(sizeof(struct jt_usage_lane) == 4096 + JT_USAGE_SLOTS * 100 + JT_USAGE_RING * 96, "whole pages");
static_assert(sizeof(struct jt_usage_memory) == 4096 + JT_USAGE_LANES * sizeof(struct jt_usage_lane), "no holes");

/* A store that the other side may see, and a load of what the other side stored. */
#define JT_USAGE_PUT(field, value) atomic_store_explicit(&(field), (value), memory_order_release)
#define JT_USAGE_GET(field) atomic_load_explicit(&(field), memory_order_acquire)
/* A load of one's own. */
#define JT_USAGE_OWN(field) atomic_load_explicit(&(field), memory_order_relaxed)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BENCH_ENTRY_H
#define JT_BENCH_ENTRY_H

#include "bench.h"

#include <nettle/sha2.h>
#include <string.h>
#include <time.h>

/* What LMDB and Redis keep of a token: all that a decision needs, and no more. */
struct bench_entry {
	uint8_t state, kind;
	uint16_t role;
	uint32_t reserved;
	int64_t expires_s;
	uint8_t org[16];
};
_Static_assert(sizeof(struct bench_entry) == 32, "32 bytes");

#define BENCH_LIVE 1
#define BENCH_ROLE 3
#define BENCH_ROLES 8

/* Who asks for what: org, scope as a bit, and the scopes of each role. */
struct bench_asked {
	uint8_t org[16];
	uint64_t scope;
	uint64_t role[BENCH_ROLES];
};

static inline void bench_asked_fill(struct bench_asked *a)
{
	memset(a, 0, sizeof(*a));
	memset(a->org, 0x5a, sizeof(a->org));
	a->scope = UINT64_C(1) << 17;
	a->role[BENCH_ROLE] = UINT64_C(0xff) << 12;
}

static inline struct bench_entry bench_entry_new(const struct bench_asked *a)
{
	struct bench_entry e = {
		.state = BENCH_LIVE, .role = BENCH_ROLE, .expires_s = (int64_t)time(NULL) + BENCH_LIFETIME_S};

	memcpy(e.org, a->org, sizeof(e.org));
	return e;
}

/* As libjeton does it: one read of the coarse clock. */
static inline bool bench_decide(const struct bench_asked *a, const void *entry)
{
	struct bench_entry e;
	struct timespec now;

	memcpy(&e, entry, sizeof(e));
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return e.state == BENCH_LIVE && memcmp(e.org, a->org, sizeof(e.org)) == 0 &&
	       (e.expires_s == 0 || e.expires_s > now.tv_sec) && (a->role[e.role % BENCH_ROLES] & a->scope) != 0;
}

static inline void bench_digest(const struct bench_text *t, uint8_t out[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, t->length, (const uint8_t *)t->text);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

#endif

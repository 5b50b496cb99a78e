/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <macaroons.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POOL 4096
#define BLOCK 4000
#define LOCATION "https://jeton.example"
#define EXPIRES "expires = "
#define SCOPE "scope = scans:read"

static const unsigned char secret[MACAROON_SUGGESTED_SECRET_LENGTH] = "a key of the benchmark, 32 bytes";

struct macaroon_pool {
	struct macaroon_verifier *verifier;
	struct bench_text text[POOL];
};

static const unsigned char *bytes(const char *text)
{
	return (const unsigned char *)text;
}

/* 0 if the caveat is an expiry that has not come. */
static int not_expired(void *unused, const unsigned char *caveat, size_t size)
{
	const size_t head = strlen(EXPIRES);
	struct timespec now;
	long expires = 0;

	(void)unused;
	if (size <= head || memcmp(caveat, EXPIRES, head) != 0)
		return -1;
	for (size_t i = head; i < size; i++) {
		if (caveat[i] < '0' || caveat[i] > '9')
			return -1;
		expires = expires * 10 + (caveat[i] - '0');
	}
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return expires > now.tv_sec ? 0 : -1;
}

static char *mint(unsigned number)
{
	enum macaroon_returncode code = MACAROON_SUCCESS;
	struct macaroon *bare = NULL, *expiring = NULL, *whole = NULL;
	char id[40], caveat[64], *text = NULL;
	size_t size = 0;

	snprintf(id, sizeof(id), "018f3c7e-4b1a-7000-8000-%012x", number);
	snprintf(caveat, sizeof(caveat), EXPIRES "%ld", (long)time(NULL) + BENCH_LIFETIME_S);
	bare = macaroon_create(bytes(LOCATION), strlen(LOCATION), secret, sizeof(secret), bytes(id), strlen(id), &code);
	if (bare)
		expiring = macaroon_add_first_party_caveat(bare, bytes(caveat), strlen(caveat), &code);
	if (expiring)
		whole = macaroon_add_first_party_caveat(expiring, bytes(SCOPE), strlen(SCOPE), &code);
	if (!whole)
		bench_fail("macaroon: code %d", (int)code);
	size = macaroon_serialize_size_hint(whole);
	text = bench_alloc(size + 1);
	if (macaroon_serialize(whole, text, size, &code) != 0)
		bench_fail("macaroon: code %d", (int)code);
	macaroon_destroy(bare);
	macaroon_destroy(expiring);
	macaroon_destroy(whole);
	return text;
}

static void draw(void *self, uint64_t *state, struct bench_text *out, size_t count)
{
	const struct macaroon_pool *p = self;

	for (size_t i = 0; i < count; i++)
		out[i] = p->text[bench_random(state) % POOL];
}

/* Read and verify; the verifier, which knows expiry and the scope that is asked for, is made once. */
static inline __attribute__((always_inline)) bool macaroon_once(void *self, const struct bench_text *t)
{
	const struct macaroon_pool *p = self;
	enum macaroon_returncode code = MACAROON_SUCCESS;
	struct macaroon *m = macaroon_deserialize(t->text, &code);
	bool good = m && macaroon_verify(p->verifier, m, secret, sizeof(secret), NULL, 0, &code) == 0;

	macaroon_destroy(m);
	return good;
}

BENCH_CONTENDER(macaroon_once)

void bench_add_macaroon(struct bench_run *run)
{
	enum macaroon_returncode code = MACAROON_SUCCESS;
	struct macaroon_pool *p = bench_alloc(sizeof(*p));
	struct bench_contender c = {.name = "libmacaroons",
		.variant = "expiry and scope",
		.block = BLOCK,
		.self = p,
		.draw = draw,
		.whole = macaroon_once_whole,
		.each = macaroon_once_each};

	p->verifier = macaroon_verifier_create();
	if (!p->verifier || macaroon_verifier_satisfy_general(p->verifier, not_expired, NULL, &code) != 0 ||
		macaroon_verifier_satisfy_exact(p->verifier, bytes(SCOPE), strlen(SCOPE), &code) != 0)
		bench_fail("macaroon: code %d", (int)code);
	for (unsigned i = 0; i < POOL; i++)
		p->text[i].text = mint(i);
	bench_add(run, &c);
}

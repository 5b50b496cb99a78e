/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POOL 4096 /* a signed token's check costs the same however many there are */
#define PEM_MAX 4096
#define ORG "5d4d6f0e-6a2f-4a52-9c0e-1f6b3a7c8d90"
#define SCOPE "scans:read"

static const unsigned char secret[32] = "a key of the benchmark, 32 bytes";

struct jwt_pool {
	jwt_alg_t alg;
	const unsigned char *key;
	int key_length;
	struct bench_text text[POOL];
	unsigned char pem[PEM_MAX];
};

static int read_pem(const char *path, const char *ending, unsigned char out[PEM_MAX])
{
	char name[4096];
	FILE *f = NULL;
	size_t n = 0;

	snprintf(name, sizeof(name), "%s%s", path, ending);
	f = fopen(name, "re");
	if (f) {
		n = fread(out, 1, PEM_MAX - 1, f);
		fclose(f);
	}
	if (n == 0)
		bench_fail("jwt: cannot read %s", name);
	out[n] = '\0';
	return (int)n;
}

/* The claims that an answer about one of our tokens has. */
static char *signed_token(jwt_alg_t alg, const unsigned char *key, int length, unsigned number)
{
	jwt_t *jwt = NULL;
	char id[40], *text = NULL;
	long now = (long)time(NULL);

	snprintf(id, sizeof(id), "018f3c7e-4b1a-7000-8000-%012x", number);
	if (jwt_new(&jwt) != 0 || jwt_add_grant(jwt, "iss", "https://jeton.example") != 0 ||
		jwt_add_grant(jwt, "sub", id) != 0 || jwt_add_grant(jwt, "jti", id) != 0 ||
		jwt_add_grant(jwt, "org", ORG) != 0 || jwt_add_grant(jwt, "kind", "ci") != 0 ||
		jwt_add_grant(jwt, "scope", "apps:create apps:list project:create project:read scans:create " SCOPE) !=
			0 ||
		jwt_add_grant_int(jwt, "iat", now) != 0 || jwt_add_grant_int(jwt, "exp", now + BENCH_LIFETIME_S) != 0 ||
		jwt_set_alg(jwt, alg, key, length) != 0 || !(text = jwt_encode_str(jwt)))
		bench_fail("jwt: no token");
	jwt_free(jwt);
	return text;
}

static void draw(void *self, uint64_t *state, struct bench_text *out, size_t count)
{
	const struct jwt_pool *p = self;

	for (size_t i = 0; i < count; i++)
		out[i] = p->text[bench_random(state) % POOL];
}

static bool holds(const char *scopes, const char *scope)
{
	size_t length = strlen(scope);

	for (const char *at = scopes; at && (at = strstr(at, scope)); at += length) {
		if ((at == scopes || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* Decode and verify, the algorithm that was meant, then expiry, org and scope. */
static inline __attribute__((always_inline)) bool jwt_once(void *self, const struct bench_text *t)
{
	const struct jwt_pool *p = self;
	struct timespec now;
	jwt_t *jwt = NULL;
	const char *org = NULL;
	bool good = false;

	if (jwt_decode(&jwt, t->text, p->key, p->key_length) != 0)
		return false;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	org = jwt_get_grant(jwt, "org");
	good = jwt_get_alg(jwt) == p->alg && jwt_get_grant_int(jwt, "exp") > now.tv_sec && org &&
	       strcmp(org, ORG) == 0 && holds(jwt_get_grant(jwt, "scope"), SCOPE);
	jwt_free(jwt);
	return good;
}

BENCH_CONTENDER(jwt_once)

static void add(struct bench_run *run, struct jwt_pool *p, const char *variant, size_t block)
{
	struct bench_contender c = {.name = "libjwt",
		.variant = variant,
		.block = block,
		.self = p,
		.draw = draw,
		.whole = jwt_once_whole,
		.each = jwt_once_each};

	bench_add(run, &c);
}

void bench_add_jwt(struct bench_run *run, const char *key)
{
	struct jwt_pool *hs = bench_alloc(sizeof(*hs)), *es = bench_alloc(sizeof(*es));
	unsigned char *private_key = bench_alloc(PEM_MAX);
	int length = read_pem(key, "", private_key);

	hs->alg = JWT_ALG_HS256;
	hs->key = secret;
	hs->key_length = sizeof(secret);
	es->alg = JWT_ALG_ES256;
	es->key_length = read_pem(key, ".pub", es->pem);
	es->key = es->pem;
	for (unsigned i = 0; i < POOL; i++) {
		hs->text[i].text = signed_token(hs->alg, secret, sizeof(secret), i);
		es->text[i].text = signed_token(es->alg, private_key, length, i);
	}
	free(private_key);
	add(run, hs, "HS256", 4000);
	add(run, es, "ES256", 200);
}

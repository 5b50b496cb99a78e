/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define SECRET_MAX (64u << 10)

/* The leak checker attaches to the process as a debugger would, which an undumpable process forbids. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_LEAK_CHECK 1
#endif
#endif
#ifndef UNDER_LEAK_CHECK
#define UNDER_LEAK_CHECK 0
#endif

struct jt_secret {
	uint8_t *bytes;
	size_t size;
};

enum jt_result jt_secret_start(void)
{
	const struct rlimit none = {0, 0};

	if (sodium_init() < 0)
		return JT_INTERNAL;
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return JT_INTERNAL;
	if (!UNDER_LEAK_CHECK && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return JT_INTERNAL;
	return JT_OK;
}

enum jt_result jt_secret_new(size_t size, struct jt_secret **out)
{
	struct jt_secret *s = NULL;

	*out = NULL;
	if (size < 1 || size > SECRET_MAX)
		return JT_TOO_LONG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return JT_NOMEM;
	s->size = size;
	s->bytes = sodium_malloc(size);
	if (!s->bytes)
		goto fail;
	/* sodium_malloc() does not say whether it could lock; locking again is harmless and does. */
	if (sodium_mlock(s->bytes, size) != 0)
		goto fail;
	sodium_memzero(s->bytes, size);
	*out = s;
	return JT_OK;
fail:
	jt_secret_free(&s);
	return JT_NOMEM;
}

enum jt_result jt_secret_copy(const void *from, size_t size, struct jt_secret **out)
{
	enum jt_result r = jt_secret_new(size, out);

	if (r == JT_OK)
		memcpy((*out)->bytes, from, size);
	return r;
}

void jt_secret_free(struct jt_secret **s)
{
	if (!s || !*s)
		return;
	sodium_free((*s)->bytes);
	free(*s);
	*s = NULL;
}

uint8_t *jt_secret_bytes(struct jt_secret *s)
{
	return s->bytes;
}

const uint8_t *jt_secret_view(const struct jt_secret *s)
{
	return s->bytes;
}

size_t jt_secret_size(const struct jt_secret *s)
{
	return s->size;
}

void jt_secret_random(void *at, size_t size)
{
	randombytes_buf(at, size);
}

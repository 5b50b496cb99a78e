/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TRACKED 65536u /* blocks at once; a power of two */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void __real_free(void *block);
void *__real_sodium_malloc(size_t size);
void __real_sodium_free(void *block);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void __wrap_free(void *block);
void *__wrap_sodium_malloc(size_t size);
void __wrap_sodium_free(void *block);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool watching;
static size_t asked;
static size_t fail_at;
static enum alloc_mode fail_mode;
static bool has_failed;
static size_t live;
static uintptr_t blocks[TRACKED]; /* 0 free, 1 was used */

/* Whether this allocation is to fail. */
static bool refuse(void)
{
	bool fails = false;

	pthread_mutex_lock(&lock);
	if (watching) {
		asked++;
		fails = fail_at && (asked == fail_at || (fail_mode == ALLOC_FAIL_FROM && asked > fail_at));
		has_failed = has_failed || fails;
	}
	pthread_mutex_unlock(&lock);
	return fails;
}

static size_t slot_of(uintptr_t block)
{
	return (size_t)(block * 0x9e3779b97f4a7c15u >> 40) & (TRACKED - 1);
}

static void *remember(void *block)
{
	uintptr_t key = (uintptr_t)block;

	pthread_mutex_lock(&lock);
	if (watching && block) {
		size_t at = slot_of(key);

		if (live >= TRACKED / 2)
			abort(); /* the test keeps more blocks than this harness can follow */
		while (blocks[at] > 1)
			at = (at + 1) & (TRACKED - 1);
		blocks[at] = key;
		live++;
	}
	pthread_mutex_unlock(&lock);
	return block;
}

static void forget(uintptr_t key)
{
	pthread_mutex_lock(&lock);
	if (watching && key) {
		size_t at = slot_of(key);

		for (size_t tries = 0; blocks[at] != 0 && tries < TRACKED; tries++, at = (at + 1) & (TRACKED - 1)) {
			if (blocks[at] == key) {
				blocks[at] = 1;
				live--;
				break;
			}
		}
	}
	pthread_mutex_unlock(&lock);
}

void *__wrap_malloc(size_t size)
{
	return refuse() ? NULL : remember(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refuse() ? NULL : remember(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
	uintptr_t was = (uintptr_t)block;
	void *now = NULL;

	if (refuse())
		return NULL;
	now = __real_realloc(block, size);
	if (now)
		forget(was);
	return remember(now);
}

char *__wrap_strdup(const char *text)
{
	return refuse() ? NULL : remember(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
	return refuse() ? NULL : remember(__real_strndup(text, size));
}

void __wrap_free(void *block)
{
	forget((uintptr_t)block);
	__real_free(block);
}

void *__wrap_sodium_malloc(size_t size)
{
	return refuse() ? NULL : remember(__real_sodium_malloc(size));
}

void __wrap_sodium_free(void *block)
{
	forget((uintptr_t)block);
	__real_sodium_free(block);
}

void *alloc_malloc(size_t size)
{
	return __wrap_malloc(size);
}

void alloc_free(void *block)
{
	__wrap_free(block);
}

void alloc_fail_at(size_t n, enum alloc_mode mode)
{
	pthread_mutex_lock(&lock);
	watching = true;
	asked = 0;
	fail_at = n;
	fail_mode = mode;
	has_failed = false;
	live = 0;
	memset(blocks, 0, sizeof(blocks));
	pthread_mutex_unlock(&lock);
}

size_t alloc_count(void)
{
	size_t n = 0;

	pthread_mutex_lock(&lock);
	n = asked;
	pthread_mutex_unlock(&lock);
	return n;
}

bool alloc_failed(void)
{
	bool failed = false;

	pthread_mutex_lock(&lock);
	failed = has_failed;
	pthread_mutex_unlock(&lock);
	return failed;
}

size_t alloc_stop(void)
{
	size_t left = 0;

	pthread_mutex_lock(&lock);
	watching = false;
	left = live;
	pthread_mutex_unlock(&lock);
	return left;
}

size_t alloc_fail_each(enum jt_result (*run)(void *arg), void *arg)
{
	static const enum alloc_mode modes[] = {ALLOC_FAIL_ONCE, ALLOC_FAIL_FROM};
	size_t needs = 0;

	for (size_t m = 0; m < 2; m++) {
		bool failed = true;

		for (size_t n = 1; failed; n++) {
			enum jt_result r = JT_OK;
			size_t left = 0;

			alloc_fail_at(n, modes[m]);
			r = run(arg);
			failed = alloc_failed();
			needs = alloc_count();
			left = alloc_stop();
			if (r != (failed ? JT_NOMEM : JT_OK) || left != 0)
				fail_msg("allocation %zu failing%s: %s, %zu blocks left", n, m ? " and all after" : "",
					jt_result_code(r), left);
		}
	}
	return needs;
}

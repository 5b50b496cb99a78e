/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

static enum jt_result fill_buf(void *arg)
{
	struct jt_buf b = {0};
	enum jt_result r = JT_OK;

	(void)arg;
	for (int i = 0; i < 500; i++) {
		jt_buf_put_u64(&b, (uint64_t)i);
		jt_buf_put_blob(&b, "blob", 4);
		jt_buf_printf(&b, "%d", i);
	}
	r = jt_buf_check(&b);
	if (r == JT_OK && !jt_buf_text(&b))
		r = JT_NOMEM;
	jt_buf_wipe(&b);
	return r;
}

static void buf_survives_every_failure(void **state)
{
	/* Goal: whichever allocation fails, a series of appends ends as JT_NOMEM and nothing leaks. */
	(void)state;
	assert_true(alloc_fail_each(fill_buf, NULL) >= 5);
}

static void failed_buf_keeps_its_content(void **state)
{
	/* Goal: after a failed append the content is what it was before, and later appends add nothing. */
	struct jt_buf b = {0};
	char big[1000] = {0};

	(void)state;
	assert_int_equal(jt_buf_add(&b, "abc", 3), JT_OK);
	alloc_fail_at(1, ALLOC_FAIL_ONCE);
	assert_int_equal(jt_buf_add(&b, big, sizeof(big)), JT_NOMEM);
	jt_buf_put_text(&b, "x");
	jt_buf_printf(&b, "%s", "y");
	alloc_stop();
	assert_int_equal(b.size, 3);
	assert_memory_equal(b.data, "abc", 3);
	assert_int_equal(jt_buf_check(&b), JT_NOMEM);
	assert_null(jt_buf_text(&b));
	jt_buf_free(&b);
}

static void key_of(uint32_t i, uint8_t key[16])
{
	memset(key, 0, 16);
	memcpy(key, &i, sizeof(i));
}

static enum jt_result fill_map(void *arg)
{
	struct jt_map m;
	enum jt_result r = JT_OK;
	uint8_t key[16];
	size_t done = 0;

	jt_map_start(&m, 7);
	for (uint32_t i = 0; i < 200 && r == JT_OK; i++) {
		key_of(i, key);
		r = jt_map_put(&m, key, arg, NULL);
		done += r == JT_OK ? 1 : 0;
	}
	/* What was put before the failure is still found, and nothing else. */
	assert_int_equal(m.count, done);
	for (uint32_t i = 0; i < 200; i++) {
		key_of(i, key);
		assert_ptr_equal(jt_map_get(&m, key), i < done ? arg : NULL);
	}
	jt_map_free(&m);
	return r;
}

static void map_survives_every_failure(void **state)
{
	/* Goal: a map that cannot grow says JT_NOMEM and keeps all that it held. */
	int value = 0;

	(void)state;
	assert_true(alloc_fail_each(fill_map, &value) >= 4);
}

static enum jt_result make_secrets(void *arg)
{
	struct jt_secret *a = NULL;
	struct jt_secret *b = NULL;
	enum jt_result r = jt_secret_new(32, &a);

	(void)arg;
	if (r == JT_OK)
		r = jt_secret_copy("hush", 4, &b);
	if (r != JT_OK)
		assert_null(b);
	jt_secret_free(&a);
	jt_secret_free(&b);
	return r;
}

static void secret_survives_every_failure(void **state)
{
	/* Goal: a secret that cannot be had is JT_NOMEM and NULL, with nothing left behind. */
	(void)state;
	assert_int_equal(alloc_fail_each(make_secrets, NULL), 4);
}

static enum jt_result make_junk(void *arg)
{
	char *text = strdup(arg);
	char *more = text ? realloc(text, 1000) : NULL;

	if (text && !more)
		free(text);
	free(more);
	return more ? JT_OK : JT_NOMEM;
}

static void harness_sees_what_it_should(void **state)
{
	/* Goal: the harness itself counts strdup and realloc, and reports a block that was not freed. */
	char word[] = "word";
	char *kept = NULL;

	(void)state;
	assert_int_equal(alloc_fail_each(make_junk, word), 2);
	alloc_fail_at(0, ALLOC_FAIL_ONCE);
	kept = strdup(word);
	assert_int_equal(alloc_count(), 1);
	assert_false(alloc_failed());
	assert_int_equal(alloc_stop(), 1);
	free(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_survives_every_failure),
		cmocka_unit_test(failed_buf_keeps_its_content),
		cmocka_unit_test(map_survives_every_failure),
		cmocka_unit_test(secret_survives_every_failure),
		cmocka_unit_test(harness_sees_what_it_should),
	};

	if (jt_secret_start() != JT_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static void write_and_read(void **state)
{
	/* Goal: what was written comes back, big-endian, and then nothing is left. */
	struct jt_buf b = {0};
	struct jt_reader r;
	uint8_t u8 = 0;
	uint32_t u32 = 0;
	uint64_t u64 = 0;
	const uint8_t *blob = NULL;
	size_t size = 0;
	char text[4] = {0};

	(void)state;
	jt_buf_put_u8(&b, 0x12);
	jt_buf_put_u32(&b, 0x3456789a);
	jt_buf_put_u64(&b, 0xbcdef01122334455);
	jt_buf_put_blob(&b, "blob", 4);
	jt_buf_put_blob(&b, NULL, 0);
	jt_buf_put_text(&b, "abc");
	assert_int_equal(jt_buf_check(&b), JT_OK);
	assert_memory_equal(b.data, "\x12\x34\x56\x78\x9a\xbc\xde\xf0\x11\x22\x33\x44\x55\0\0\0\4blob\0\0\0\0abc", 28);
	r = jt_reader_of(b.data, b.size);
	assert_int_equal(jt_read_u8(&r, &u8), JT_OK);
	assert_int_equal(u8, 0x12);
	assert_int_equal(jt_read_u32(&r, &u32), JT_OK);
	assert_int_equal(u32, 0x3456789a);
	assert_int_equal(jt_read_u64(&r, &u64), JT_OK);
	assert_true(u64 == 0xbcdef01122334455);
	assert_int_equal(jt_read_blob(&r, 4, &blob, &size), JT_OK);
	assert_int_equal(size, 4);
	assert_memory_equal(blob, "blob", 4);
	assert_int_equal(jt_read_blob(&r, 0, &blob, &size), JT_OK);
	assert_int_equal(size, 0);
	assert_int_equal(jt_read_end(&r), JT_MALFORMED);
	assert_int_equal(jt_read_bytes(&r, text, 3), JT_OK);
	assert_string_equal(text, "abc");
	assert_int_equal(jt_read_end(&r), JT_OK);
	jt_buf_free(&b);
	assert_null(b.data);
}

static void truncation_takes_nothing(void **state)
{
	/* Goal: a reader that cannot give all gives none, stays where it was, and never looks beyond the end. */
	uint8_t *bytes = malloc(7); /* exact, for the address sanitizer */
	struct jt_reader r;
	uint8_t u8 = 1;
	uint32_t u32 = 1;
	uint64_t u64 = 1;
	uint8_t eight[8] = {1};
	const uint8_t *blob = NULL;
	size_t size = 9;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, "\0\0\0\4abc", 7);
	r = jt_reader_of(bytes, 7);
	assert_int_equal(jt_read_u64(&r, &u64), JT_TRUNCATED);
	assert_int_equal(jt_read_bytes(&r, eight, 8), JT_TRUNCATED);
	assert_int_equal(jt_read_blob(&r, 100, &blob, &size), JT_TRUNCATED);
	assert_int_equal(jt_read_blob(&r, 3, &blob, &size), JT_TOO_LONG);
	assert_int_equal(r.left, 7);
	assert_ptr_equal(r.at, bytes);
	assert_null(blob);
	r = jt_reader_of(bytes, 3);
	assert_int_equal(jt_read_u32(&r, &u32), JT_TRUNCATED);
	assert_int_equal(jt_read_blob(&r, 100, &blob, &size), JT_TRUNCATED);
	assert_int_equal(r.left, 3);
	r = jt_reader_of(NULL, 0);
	assert_int_equal(jt_read_u8(&r, &u8), JT_TRUNCATED);
	assert_int_equal(jt_read_bytes(&r, eight, 0), JT_OK);
	assert_int_equal(jt_read_end(&r), JT_OK);
	assert_true(u8 == 1 && u32 == 1 && u64 == 1 && eight[0] == 1 && size == 9);
	free(bytes);
}

static void huge_length_is_refused(void **state)
{
	/* Goal: a length of 4 GiB - 1 neither wraps nor is followed. */
	static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 1, 2, 3};
	struct jt_reader r = jt_reader_of(bytes, sizeof(bytes));
	const uint8_t *blob = NULL;
	size_t size = 0;

	(void)state;
	assert_int_equal(jt_read_blob(&r, SIZE_MAX, &blob, &size), JT_TRUNCATED);
	assert_int_equal(jt_read_blob(&r, 1 << 20, &blob, &size), JT_TOO_LONG);
	assert_int_equal(r.left, sizeof(bytes));
}

static void limit_of_64_mib(void **state)
{
	/* Goal: 64 MiB fit exactly; a byte more is JT_TOO_LONG and the content stays as it was. */
	const size_t limit = (size_t)64 << 20;
	char *chunk = calloc(1, limit);
	struct jt_buf b = {0};
	struct jt_buf c = {0};

	(void)state;
	assert_non_null(chunk);
	assert_int_equal(jt_buf_add(&b, chunk, limit), JT_OK);
	assert_int_equal(jt_buf_check(&b), JT_OK);
	assert_non_null(jt_buf_text(&b));
	assert_int_equal(jt_buf_add(&b, "x", 1), JT_TOO_LONG);
	assert_int_equal(b.size, limit);
	assert_int_equal(jt_buf_check(&b), JT_NOMEM);
	jt_buf_free(&b);
	assert_int_equal(jt_buf_add(&c, "abc", 3), JT_OK);
	assert_int_equal(jt_buf_add(&c, chunk, SIZE_MAX), JT_TOO_LONG);
	assert_int_equal(c.size, 3);
	jt_buf_free(&c);
	assert_int_equal(jt_buf_check(&c), JT_OK);
	jt_buf_put_blob(&c, chunk, SIZE_MAX);
	assert_int_equal(jt_buf_check(&c), JT_NOMEM);
	jt_buf_free(&c);
	jt_buf_put_blob(&c, chunk, limit - 3);
	assert_int_equal(jt_buf_check(&c), JT_NOMEM);
	assert_int_equal(c.size, 0);
	jt_buf_wipe(&c);
	free(chunk);
}

static void text_and_printf(void **state)
{
	/* Goal: the text is terminated at every length, printf appends whatever its length, an empty buffer is "". */
	struct jt_buf b = {0};
	char want[701];

	(void)state;
	assert_string_equal(jt_buf_text(&b), "");
	for (size_t i = 0; i < 700; i++) {
		assert_int_equal(jt_buf_add(&b, &"abcdefghij"[i % 10], 1), JT_OK);
		want[i] = "abcdefghij"[i % 10];
		want[i + 1] = '\0';
		assert_string_equal(jt_buf_text(&b), want);
	}
	jt_buf_free(&b);
	jt_buf_printf(&b, "%s=%d;", "n", 5);
	jt_buf_printf(&b, "%0500d", 7);
	jt_buf_printf(&b, "%s", "");
	assert_int_equal(b.size, 504);
	assert_memory_equal(jt_buf_text(&b), "n=5;000", 7);
	assert_string_equal(jt_buf_text(&b) + 502, "07");
	jt_buf_wipe(&b);
	assert_int_equal(b.size, 0);
	jt_buf_free(NULL);
	jt_buf_wipe(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_and_read),
		cmocka_unit_test(truncation_takes_nothing),
		cmocka_unit_test(huge_length_is_refused),
		cmocka_unit_test(limit_of_64_mib),
		cmocka_unit_test(text_and_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

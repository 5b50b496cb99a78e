/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/token_cursor.h"

#include <string.h>

static const enum jt_token_sort orders[] = {
	JT_TOKENS_BY_CREATED, JT_TOKENS_BY_LABEL, JT_TOKENS_BY_LAST_USED, JT_TOKENS_BY_EXPIRES};

/* A place of the order, the longest label that a token can have among them. */
static struct jt_token_place place_in(enum jt_token_sort order)
{
	struct jt_token_place p = {.number = order == JT_TOKENS_BY_EXPIRES ? INT64_MAX : 1700000000123456789LL};

	memset(p.id.b, 0xa5, sizeof(p.id.b));
	if (order == JT_TOKENS_BY_LABEL) {
		p.number = 0;
		for (size_t i = 0; i + 4 < sizeof(p.label); i += 4)
			memcpy(p.label + i, "\xf4\x8f\xbf\xbf", 4);
	}
	return p;
}

static void what_is_written_is_read(void **state)
{
	/* Goal: a place of every order comes back as it was, with what is still to be passed over. */
	uint8_t bytes[JT_TOKEN_CURSOR_MAX];
	struct jt_token_place in, out;
	uint64_t skip = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t size = 0;

		in = place_in(orders[i]);
		size = jt_token_cursor_write(orders[i], &in, UINT32_MAX - i, bytes);
		assert_true(size <= sizeof(bytes));
		assert_int_equal(jt_token_cursor_read(bytes, size, orders[i], &out, &skip), JT_OK);
		assert_int_equal(skip, UINT32_MAX - i);
		assert_int_equal(out.number, in.number);
		assert_memory_equal(out.id.b, in.id.b, JT_ID_SIZE);
		assert_string_equal(out.label, in.label);
	}
}

static void of_another_order_it_is_refused(void **state)
{
	/* Goal: whoever changes `sort` must begin again. */
	uint8_t bytes[JT_TOKEN_CURSOR_MAX];
	struct jt_token_place in, out;
	uint64_t skip = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 4; j++) {
			size_t size = 0;

			in = place_in(orders[i]);
			size = jt_token_cursor_write(orders[i], &in, 0, bytes);
			assert_int_equal(jt_token_cursor_read(bytes, size, orders[j], &out, &skip),
				i == j ? JT_OK : JT_MALFORMED);
		}
	}
}

static void too_short_or_too_long_is_refused(void **state)
{
	/* Goal: no prefix of a cursor is one, nor is one with a byte more; a label may be shorter, but not longer than labels are. */
	uint8_t bytes[JT_TOKEN_CURSOR_MAX + 1];
	struct jt_token_place in, out;
	uint64_t skip = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const bool label = orders[i] == JT_TOKENS_BY_LABEL;
		const size_t least = JT_TOKEN_CURSOR_MAX - (JT_LABEL_SIZE - 1) + (label ? 1 : 0);
		size_t size = 0;

		memset(bytes, 'x', sizeof(bytes));
		in = place_in(orders[i]);
		size = jt_token_cursor_write(orders[i], &in, 0, bytes);
		for (size_t n = 0; n < least; n++)
			assert_int_equal(jt_token_cursor_read(bytes, n, orders[i], &out, &skip), JT_MALFORMED);
		assert_int_equal(jt_token_cursor_read(bytes, size + 1, orders[i], &out, &skip), JT_MALFORMED);
	}
}

static void what_no_token_has_is_refused(void **state)
{
	/* Goal: a number below zero, a label that is not UTF-8, or has a control character or a NUL, is nobody's place. */
	static const char *const labels[] = {"\xff", "\xc3", "a\nb", "a\x7f"};
	uint8_t bytes[JT_TOKEN_CURSOR_MAX];
	struct jt_token_place in, out;
	uint64_t skip = 0;
	size_t size = 0;

	(void)state;
	in = place_in(JT_TOKENS_BY_CREATED);
	in.number = -1;
	size = jt_token_cursor_write(JT_TOKENS_BY_CREATED, &in, 0, bytes);
	assert_int_equal(jt_token_cursor_read(bytes, size, JT_TOKENS_BY_CREATED, &out, &skip), JT_MALFORMED);
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		(void)stpcpy(in.label, labels[i]);
		in.number = 0;
		size = jt_token_cursor_write(JT_TOKENS_BY_LABEL, &in, 0, bytes);
		assert_int_equal(jt_token_cursor_read(bytes, size, JT_TOKENS_BY_LABEL, &out, &skip), JT_MALFORMED);
	}
	bytes[size - 1] = '\0';
	assert_int_equal(jt_token_cursor_read(bytes, size, JT_TOKENS_BY_LABEL, &out, &skip), JT_MALFORMED);
	assert_int_equal(jt_token_cursor_read(NULL, 0, JT_TOKENS_BY_LABEL, &out, &skip), JT_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(of_another_order_it_is_refused),
		cmocka_unit_test(too_short_or_too_long_is_refused),
		cmocka_unit_test(what_no_token_has_is_refused),
	};

	return cmocka_run_group_tests_name("api_token_cursor", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"

#include <string.h>

static void text_round_trip(void **state)
{
	/* Goal: the example of RFC 9562, A.6, is read and written byte for byte, in either case. */
	static const uint8_t want[16] = {
		0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
	struct jt_id id;
	char text[JT_ID_TEXT_SIZE];

	(void)state;
	assert_int_equal(jt_id_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36, &id), JT_OK);
	assert_memory_equal(id.b, want, 16);
	assert_string_equal(jt_id_text(&id, text), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	assert_false(jt_id_is_none(&id));
}

static void bad_texts_are_refused(void **state)
{
	/* Goal: any other shape is JT_MALFORMED and leaves the id zero. */
	static const char *const bad[] = {
		"",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		"017f22e279b07cc398c4dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e-279b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
		"{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
		" 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"+17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct jt_id id = {{1}};

		assert_int_equal(jt_id_parse(bad[i], strlen(bad[i]), &id), JT_MALFORMED);
		assert_true(jt_id_is_none(&id));
	}
}

static void new_ids_are_version_7(void **state)
{
	/* Goal: version and variant bits, the millisecond in front, order by time, and no two alike. */
	struct jt_id last = {{0}};

	(void)state;
	for (int64_t i = 0; i < 1000; i++) {
		int64_t ms = 1645557742000 + i;
		struct jt_id id = jt_id_new(ms * 1000000 + 999999);
		struct jt_id twin = jt_id_new(ms * 1000000);
		int64_t got = 0;

		for (int b = 0; b < 6; b++)
			got = got << 8 | id.b[b];
		assert_true(got == ms);
		assert_int_equal(id.b[6] >> 4, 7);
		assert_int_equal(id.b[8] >> 6, 2);
		assert_false(jt_id_equal(&id, &twin));
		assert_memory_equal(id.b, twin.b, 6);
		assert_true(memcmp(last.b, id.b, 16) < 0);
		last = id;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_round_trip),
		cmocka_unit_test(bad_texts_are_refused),
		cmocka_unit_test(new_ids_are_version_7),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 3000

static int values[2][KEYS];

static void key_of(unsigned i, uint8_t key[16])
{
	/* Close together in a few bytes: unlike random keys, these would cluster under a weak hash. */
	memset(key, 0, 16);
	key[3] = (uint8_t)i;
	key[11] = (uint8_t)(i >> 8);
}

static void same_as_reference(const struct jt_map *m, int *const reference[KEYS])
{
	size_t count = 0;
	size_t walked = 0;
	size_t at = 0;
	uint8_t key[16];

	for (unsigned i = 0; i < KEYS; i++) {
		key_of(i, key);
		assert_ptr_equal(jt_map_get(m, key), reference[i]);
		count += reference[i] ? 1 : 0;
	}
	assert_int_equal(m->count, count);
	for (int *v = jt_map_next(m, &at); v; v = jt_map_next(m, &at)) {
		ptrdiff_t which = v >= values[1] ? v - values[1] : v - values[0];

		assert_true(which >= 0 && which < KEYS);
		assert_ptr_equal(reference[which], v);
		walked++;
	}
	assert_int_equal(walked, count);
}

static void random_puts_and_takes(void **state)
{
	/* Goal: 60,000 random operations under several seeds agree with an array, walk and count included. */
	(void)state;
	for (uint64_t seed = 0; seed < 4; seed++) {
		int *reference[KEYS] = {NULL};
		struct jt_map m;
		uint8_t key[16];

		jt_map_start(&m, seed * 0x9e3779b97f4a7c15u);
		srandom((unsigned)seed + 1);
		for (int op = 0; op < 60000; op++) {
			unsigned i = (unsigned)random() % KEYS;
			/* Fill, then drain, then both. */
			bool put = op < 20000 ? random() % 4 != 0 : op < 40000 ? random() % 4 == 0 : random() % 2 == 0;
			void *old = &m;

			key_of(i, key);
			if (put) {
				int *value = &values[random() % 2][i];

				assert_int_equal(jt_map_put(&m, key, value, &old), JT_OK);
				assert_ptr_equal(old, reference[i]);
				reference[i] = value;
			} else {
				assert_ptr_equal(jt_map_take(&m, key), reference[i]);
				reference[i] = NULL;
			}
			if (op % 5000 == 4999)
				same_as_reference(&m, reference);
		}
		jt_map_free(&m);
	}
}

static void empty_map(void **state)
{
	/* Goal: an empty map finds nothing, and a freed one can be used again. */
	struct jt_map m;
	uint8_t key[16] = {0};
	size_t at = 0;
	int value = 0;

	(void)state;
	jt_map_start(&m, 3);
	for (int round = 0; round < 2; round++) {
		assert_null(jt_map_get(&m, key));
		assert_null(jt_map_take(&m, key));
		at = 0;
		assert_null(jt_map_next(&m, &at));
		assert_int_equal(jt_map_put(&m, key, &value, NULL), JT_OK);
		assert_ptr_equal(jt_map_get(&m, key), &value);
		assert_ptr_equal(jt_map_take(&m, key), &value);
		assert_int_equal(m.count, 0);
		jt_map_free(&m);
	}
	jt_map_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_puts_and_takes),
		cmocka_unit_test(empty_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

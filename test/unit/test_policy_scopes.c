/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/scopes.h"

static struct jt_scopes of(unsigned a, unsigned b)
{
	struct jt_scopes s = {{0}};

	jt_scopes_add(&s, a);
	jt_scopes_add(&s, b);
	return s;
}

static void every_bit_is_its_own(void **state)
{
	/* Goal: each of the 512 bits can be added and asked for, and touches no other. */
	(void)state;
	for (unsigned i = 0; i < JT_SCOPES_MAX; i++) {
		struct jt_scopes s = of(i, i);

		assert_int_equal(jt_scopes_count(&s), 1);
		for (unsigned j = 0; j < JT_SCOPES_MAX; j++)
			assert_int_equal(jt_scopes_has(&s, j), i == j);
	}
}

static void sets_combine(void **state)
{
	/* Goal: unite, cut, minus, equal and empty are the set operations of those names, across words. */
	struct jt_scopes a = of(1, 500);
	struct jt_scopes b = of(1, 64);
	struct jt_scopes s = a;

	(void)state;
	jt_scopes_unite(&s, &b);
	assert_int_equal(jt_scopes_count(&s), 3);
	jt_scopes_cut(&s, &b);
	assert_true(jt_scopes_equal(&s, &b));
	jt_scopes_minus(&s, &a);
	assert_int_equal(jt_scopes_count(&s), 1);
	assert_true(jt_scopes_has(&s, 64));
	assert_false(jt_scopes_empty(&s));
	jt_scopes_minus(&s, &b);
	assert_true(jt_scopes_empty(&s));
	assert_false(jt_scopes_equal(&a, &b));
}

static void the_first_missing_is_named(void **state)
{
	/* Goal: what is missing is the lowest bit that is wanted and not held; nothing missing is -1. */
	struct jt_scopes held = of(3, 130);
	struct jt_scopes wanted = of(3, 131);

	(void)state;
	assert_int_equal(jt_scopes_missing(&held, &held), -1);
	assert_int_equal(jt_scopes_missing(&held, &wanted), 131);
	jt_scopes_add(&wanted, 4);
	assert_int_equal(jt_scopes_missing(&held, &wanted), 4);
	wanted = (struct jt_scopes){{0}};
	assert_int_equal(jt_scopes_missing(&held, &wanted), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bit_is_its_own),
		cmocka_unit_test(sets_combine),
		cmocka_unit_test(the_first_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

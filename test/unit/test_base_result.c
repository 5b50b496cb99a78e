/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/result.h"
#include "base/text.h"

#include <string.h>

static void every_result_is_complete(void **state)
{
	/* Goal: each result has a sentence, an UPPER_SNAKE code and an HTTP status. */
	(void)state;
	for (int i = 0; i < JT_RESULT_COUNT; i++) {
		const char *code = jt_result_code((enum jt_result)i);
		int status = jt_result_status((enum jt_result)i);

		assert_true(strlen(jt_result_text((enum jt_result)i)) > 0);
		assert_int_equal(strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), strlen(code));
		assert_true(status == 200 || (status >= 400 && status < 600));
	}
	assert_int_equal(jt_result_status(JT_OK), 200);
	assert_int_equal(jt_result_status(JT_NOT_FOUND), 404);
	assert_string_equal(jt_result_code(JT_VALIDATION), "VALIDATION_FAILED");
}

static void unknown_results_are_taken(void **state)
{
	/* Goal: a value out of range answers as the header says. */
	(void)state;
	assert_string_equal(jt_result_text(JT_RESULT_COUNT), "unknown result");
	assert_string_equal(jt_result_text((enum jt_result)10000), "unknown result");
	assert_int_equal(jt_result_status((enum jt_result)10000), 500);
	assert_string_equal(jt_result_code((enum jt_result)10000), "INTERNAL");
}

static void why_cuts_between_characters(void **state)
{
	/* Goal: an over-long message ends at the end of a character, whatever byte the limit falls on. */
	struct jt_why why;

	(void)state;
	for (int shift = 0; shift < 4; shift++) {
		char text[400] = {0};

		memset(text, 'a', (size_t)shift);
		for (size_t at = (size_t)shift; at + 5 < sizeof(text); at += 4)
			memcpy(text + at, "\xf0\x9f\x94\x91", 4);
		memset(&why, 0, sizeof(why));
		assert_int_equal(jt_why_say(&why, JT_CONFLICT, "%s", text), JT_CONFLICT);
		assert_true(jt_text_is_utf8(why.message, strlen(why.message)));
		assert_true(strlen(why.message) >= JT_WHY_MESSAGE_MAX - 5);
		assert_int_equal(jt_why_field(&why, "name", "%s", text), JT_VALIDATION);
		assert_true(jt_text_is_utf8(why.field[0], strlen(why.field[0])));
		assert_true(strlen(why.field[0]) >= JT_WHY_FIELD_MAX - 5);
	}
	memset(&why, 0, sizeof(why));
	assert_int_equal(jt_why_say(&why, JT_CONFLICT, "%0*d", JT_WHY_MESSAGE_MAX - 1, 7), JT_CONFLICT);
	assert_int_equal(strlen(why.message), JT_WHY_MESSAGE_MAX - 1);
}

static void why_drops_what_is_too_much(void **state)
{
	/* Goal: the seventeenth field is dropped, and NULL is taken everywhere. */
	struct jt_why why = {0};

	(void)state;
	for (int i = 0; i < JT_WHY_FIELDS_MAX + 3; i++)
		assert_int_equal(jt_why_field(&why, "label", "is number %d", i), JT_VALIDATION);
	assert_int_equal(why.fields, JT_WHY_FIELDS_MAX);
	assert_string_equal(why.field[JT_WHY_FIELDS_MAX - 1], "label: is number 15");
	assert_int_equal(jt_why_say(NULL, JT_GONE, "x"), JT_GONE);
	assert_int_equal(jt_why_field(NULL, "x", "y"), JT_VALIDATION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_result_is_complete),
		cmocka_unit_test(unknown_results_are_taken),
		cmocka_unit_test(why_cuts_between_characters),
		cmocka_unit_test(why_drops_what_is_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority/totp.h"

static const uint8_t SECRET[] = "12345678901234567890";

static void codes_are_those_of_the_rfc(void **state)
{
	/* Goal: the SHA-1 values of RFC 6238, appendix B, of which six digits are the last six of eight. */
	static const struct {
		int64_t time_s;
		const char *code;
	} rows[] = {
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	};
	char code[JT_TOTP_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		jt_totp_code(SECRET, rows[i].time_s / JT_TOTP_STEP_S, code);
		assert_string_equal(code, rows[i].code);
	}
}

static void a_code_is_taken_within_the_skew_and_once(void **state)
{
	/* Goal: the steps before and after are taken, two away are not, nor one that is not after the last. */
	const int64_t now_s = 1111111111, now = now_s / JT_TOTP_STEP_S;
	char code[JT_TOTP_CODE_SIZE];
	int64_t step = 0;

	(void)state;
	for (int64_t off = -3; off <= 3; off++) {
		jt_totp_code(SECRET, now + off, code);
		step = 0;
		assert_int_equal(jt_totp_matches(SECRET, code, now_s, 0, &step), off >= -1 && off <= 1);
		assert_int_equal(step, off >= -1 && off <= 1 ? now + off : 0);
	}
	jt_totp_code(SECRET, now, code);
	assert_false(jt_totp_matches(SECRET, code, now_s, now, &step));
	assert_true(jt_totp_matches(SECRET, code, now_s, now - 1, &step));
}

static void what_is_no_code_is_not_taken(void **state)
{
	/* Goal: other lengths and other characters match nothing. */
	static const char *const bad[] = {"", "05047", "0504710", " 050471", "abcdef", "05047\n"};
	int64_t step = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(jt_totp_matches(SECRET, bad[i], 1111111111, 0, &step));
}

static void base32_is_that_of_the_rfc(void **state)
{
	/* Goal: RFC 4648, section 10, for whole groups; and the secret above as apps know it. */
	char text[JT_TOTP_TEXT_SIZE];

	(void)state;
	assert_string_equal(jt_base32((const uint8_t *)"fooba", 5, text), "MZXW6YTB");
	assert_string_equal(jt_base32(SECRET, JT_TOTP_SECRET_SIZE, text), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_the_rfc),
		cmocka_unit_test(a_code_is_taken_within_the_skew_and_once),
		cmocka_unit_test(what_is_no_code_is_not_taken),
		cmocka_unit_test(base32_is_that_of_the_rfc),
	};

	return cmocka_run_group_tests_name("authority_totp", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void utf8_table(void **state)
{
	/* Goal: RFC 3629 to the letter: shortest forms, no surrogates, nothing above U+10FFFF, nothing cut short. */
	static const struct {
		const char *text;
		bool good;
	} table[] = {
		{"", true},
		{"plain", true},
		{"\xc2\x80", true},
		{"\xdf\xbf", true},
		{"\xe0\xa0\x80", true},
		{"\xed\x9f\xbf", true},
		{"\xee\x80\x80", true},
		{"\xef\xbf\xbf", true},
		{"\xf0\x90\x80\x80", true},
		{"\xf4\x8f\xbf\xbf", true},
		{"\x80", false},
		{"\xbf", false},
		{"\xc0\x80", false},
		{"\xc1\xbf", false},
		{"\xe0\x80\x80", false},
		{"\xe0\x9f\xbf", false},
		{"\xf0\x80\x80\x80", false},
		{"\xf0\x8f\xbf\xbf", false},
		{"\xed\xa0\x80", false},
		{"\xed\xbf\xbf", false},
		{"\xf4\x90\x80\x80", false},
		{"\xf5\x80\x80\x80", false},
		{"\xf8\x88\x80\x80\x80", false},
		{"\xff", false},
		{"\xfe", false},
		{"\xc2", false},
		{"\xe2\x82", false},
		{"\xf0\x9f\x94", false},
		{"\xc2\x41", false},
		{"\xe2\x82\x41", false},
		{"ok\xc2", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		/* On the heap at its exact size, so that the address sanitizer sees a byte too many. */
		size_t length = strlen(table[i].text);
		char *copy = malloc(length + 1);

		assert_non_null(copy);
		memcpy(copy, table[i].text, length);
		assert_int_equal(jt_text_is_utf8(copy, length), table[i].good);
		free(copy);
	}
}

static void every_code_point(void **state)
{
	/* Goal: each of the 1,114,112 code points, spelled as the RFC says, is read back, and only surrogates are not. */
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char t[4];
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		uint32_t code = 0;
		uint32_t rest = c;

		for (size_t i = n; i-- > 1; rest >>= 6)
			t[i] = (char)(0x80 | (rest & 0x3f));
		t[0] = (char)(n == 1 ? rest : (0xf00u >> n & 0xff) | rest);
		if (c >= 0xd800 && c <= 0xdfff) {
			assert_int_equal(jt_text_next(t, n, &code), 0);
			continue;
		}
		assert_int_equal(jt_text_next(t, n, &code), n);
		assert_int_equal(code, c);
		assert_int_equal(jt_text_next(t, n - 1, &code), 0);
	}
}

static void names(void **state)
{
	/* Goal: a name is any printable UTF-8, never empty, never with a control character. */
	static const char *const good[] = {"a", " ", "Zo\xc3\xab \xf0\x9f\x94\x91", "<b>&\"'", "\xc2\xa0"};
	static const char *const bad[] = {"", "a\nb", "\x1b[31m", "a\x7f", "\xc2\x80", "\xc2\x9f", "\xff", "tab\t"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(jt_text_is_name(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(jt_text_is_name(bad[i], strlen(bad[i])));
	assert_false(jt_text_is_name("a\0b", 3));
}

static void apps(void **state)
{
	/* Goal: what an app may be called, at both ends of the length. */
	static const char *const good[] = {"a", "7", "a-b", "a_b:c.d-9", "A..b", "com.example:app"};
	static const char *const bad[] = {
		"", "-a", "a-", ".a", "a.", "_a", "a:", "a b", "a/b", "\xc3\xa9", "a\n", "a%b"};
	char longest[130];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(jt_text_is_app(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(jt_text_is_app(bad[i], strlen(bad[i])));
	assert_false(jt_text_is_app("a\0b", 3));
	memset(longest, 'a', sizeof(longest));
	assert_true(jt_text_is_app(longest, 128));
	assert_false(jt_text_is_app(longest, 129));
}

static void emails(void **state)
{
	/* Goal: dot-atom, one @, a host name; ASCII; limits of 64, 63 and 254 bytes. */
	static const char *const good[] = {"a@b", "owner@example.com", "first.last+tag@sub.example.co",
		"o'neil@x-y.org", "a@1.2", "!#$%&'*+-/=?^_`{|}~@x"};
	static const char *const bad[] = {"", "@", "a@", "@b", "ab", "a@@b", "a@b@c", ".a@b", "a.@b", "a..b@c", "a b@c",
		"a@b.", "a@.b", "a@-b", "a@b-", "a@b-.c", "a@b..c", "a@b_c", "a@b c", "\"a\"@b", "a@[1.2]", "a\n@b",
		"a@b\n", "\xc3\xa9@b", "a@\xc3\xa9", "a,b@c", "<a@b>", "a@b/c"};
	char t[300];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(jt_text_is_email(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(jt_text_is_email(bad[i], strlen(bad[i])));
	assert_false(jt_text_is_email("a\0@b", 4));
	assert_false(jt_text_is_email("a@b\0c", 5));
	memset(t, 'a', sizeof(t));
	t[64] = '@';
	assert_true(jt_text_is_email(t, 65 + 63));
	assert_false(jt_text_is_email(t, 65 + 64));
	t[128] = '.';
	t[192] = '.';
	assert_true(jt_text_is_email(t, 254));
	assert_false(jt_text_is_email(t, 255));
	memset(t, 'a', 66);
	t[65] = '@';
	assert_false(jt_text_is_email(t, 100));
}

static void folding(void **state)
{
	/* Goal: only A to Z change, and the terminator has to fit. */
	char out[8];

	(void)state;
	assert_int_equal(jt_text_fold("AbZ@[\xc3\x89", out, sizeof(out)), JT_OK);
	assert_string_equal(out, "abz@[\xc3\x89");
	assert_int_equal(jt_text_fold("1234567", out, sizeof(out)), JT_OK);
	assert_int_equal(jt_text_fold("12345678", out, sizeof(out)), JT_TOO_LONG);
	assert_int_equal(jt_text_fold("", out, 1), JT_OK);
	assert_int_equal(jt_text_fold("", out, 0), JT_TOO_LONG);
}

static void slugs(void **state)
{
	/* Goal: a slug is lower-case letters, digits and single dashes, never dashes at the ends, never empty. */
	static const char *const table[][2] = {{"Acme Corp", "acme-corp"}, {"  A  &  B  ", "a-b"}, {"---", "org"},
		{"", "org"}, {"\xc3\xa9t\xc3\xa9", "t"}, {"x\xc3\xa9y", "x-y"}, {"R2-D2!", "r2-d2"}};
	char out[16];

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_int_equal(jt_text_slug(table[i][0], out, sizeof(out)), JT_OK);
		assert_string_equal(out, table[i][1]);
	}
	assert_int_equal(jt_text_slug("abc", out, 4), JT_OK);
	assert_int_equal(jt_text_slug("a c!", out, 4), JT_OK);
	assert_int_equal(jt_text_slug("ab c", out, 4), JT_TOO_LONG);
	assert_int_equal(jt_text_slug("abcd", out, 4), JT_TOO_LONG);
	assert_int_equal(jt_text_slug("", out, 3), JT_TOO_LONG);
}

static void hex(void **state)
{
	/* Goal: hex both ways, either case in, exact lengths only. */
	uint8_t bytes[4];
	char text[9];

	(void)state;
	assert_string_equal(jt_hex("\x00\x7f\x80\xff", 4, text), "007f80ff");
	assert_string_equal(jt_hex("", 0, text), "");
	assert_int_equal(jt_unhex("DEADbeef", 8, bytes, 4), JT_OK);
	assert_memory_equal(bytes, "\xde\xad\xbe\xef", 4);
	assert_int_equal(jt_unhex("DEADbeef", 8, bytes, 3), JT_MALFORMED);
	assert_int_equal(jt_unhex("DEADbee", 7, bytes, 3), JT_MALFORMED);
	assert_int_equal(jt_unhex("DEADbeeg", 8, bytes, 4), JT_MALFORMED);
	assert_int_equal(jt_unhex("0x12", 4, bytes, 2), JT_MALFORMED);
	assert_int_equal(jt_unhex("", 0, bytes, 0), JT_OK);
}

static void base64url_vectors(void **state)
{
	/* Goal: the vectors of RFC 4648, 10, and the two characters of the URL alphabet. */
	static const char *const table[][2] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbe", "-_--"}};
	char text[16];
	uint8_t bytes[8];
	size_t used = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t size = strlen(table[i][0]);

		assert_string_equal(jt_base64url(table[i][0], size, text), table[i][1]);
		assert_int_equal(jt_unbase64url(text, strlen(text), bytes, size, &used), JT_OK);
		assert_int_equal(used, size);
		assert_memory_equal(bytes, table[i][0], size);
		if (size > 0)
			assert_int_equal(jt_unbase64url(text, strlen(text), bytes, size - 1, &used), JT_TOO_LONG);
	}
}

static void base64url_refusals(void **state)
{
	/* Goal: foreign characters, padding, a lone character and trailing bits are refused: one spelling for each value. */
	static const char *const bad[] = {"A", "AAAAA", "Zg==", "Zh", "Zm9", "Z+8A", "Z/8A", "Z g", "Zg\n", "Zm9v!"};
	uint8_t bytes[8];
	size_t used = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(jt_unbase64url(bad[i], strlen(bad[i]), bytes, sizeof(bytes), &used), JT_MALFORMED);
		assert_int_equal(used, 0);
	}
}

static void base64url_round_trip(void **state)
{
	/* Goal: any bytes of any length up to 300 come back. */
	uint8_t in[300];
	uint8_t out[300];
	char text[401];
	size_t used = 0;

	(void)state;
	srandom(1);
	for (size_t size = 0; size <= sizeof(in); size++) {
		for (size_t i = 0; i < size; i++)
			in[i] = (uint8_t)random();
		jt_base64url(in, size, text);
		assert_int_equal(strlen(text), (size * 4 + 2) / 3);
		assert_int_equal(jt_unbase64url(text, strlen(text), out, sizeof(out), &used), JT_OK);
		assert_int_equal(used, size);
		assert_memory_equal(in, out, size);
	}
}

/* The definition itself, a bit at a time. */
static uint32_t slow_crc(const uint8_t *bytes, size_t size)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 1) ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void crc_known_answers(void **state)
{
	/* Goal: the check value of CRC-32/ISO-HDLC, and the definition on random bytes. */
	uint8_t bytes[257];

	(void)state;
	assert_int_equal(jt_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(jt_crc32("", 0), 0);
	srandom(2);
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t)random();
		assert_int_equal(jt_crc32(bytes, size), slow_crc(bytes, size));
	}
}

static void base62_digits(void **state)
{
	/* Goal: most significant digit first, zero-padded, 0-9A-Za-z; the largest value takes six. */
	char out[7] = {0};

	(void)state;
	jt_base62_u32(0, out, 6);
	assert_string_equal(out, "000000");
	jt_base62_u32(61, out, 6);
	assert_string_equal(out, "00000z");
	jt_base62_u32(62, out, 6);
	assert_string_equal(out, "000010");
	jt_base62_u32(UINT32_MAX, out, 6);
	assert_string_equal(out, "4gfFC3");
}

static void decimals(void **state)
{
	/* Goal: one spelling for each number, up to and including the maximum. */
	static const char *const bad[] = {"", "-1", "+1", " 1", "1 ", "01", "00", "1.0", "1e3", "0x1", "101",
		"18446744073709551616", "99999999999999999999999"};
	uint64_t v = 9;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(jt_text_u64(bad[i], strlen(bad[i]), 100, &v), JT_MALFORMED);
	assert_true(v == 9);
	assert_int_equal(jt_text_u64("18446744073709551616", 20, UINT64_MAX, &v), JT_MALFORMED);
	assert_int_equal(jt_text_u64("18446744073709551615", 20, UINT64_MAX, &v), JT_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(jt_text_u64("100", 3, 100, &v), JT_OK);
	assert_true(v == 100);
	assert_int_equal(jt_text_u64("0", 1, 0, &v), JT_OK);
	assert_true(v == 0);
	assert_int_equal(jt_text_u64("1", 1, 0, &v), JT_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_table),
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(names),
		cmocka_unit_test(apps),
		cmocka_unit_test(emails),
		cmocka_unit_test(folding),
		cmocka_unit_test(slugs),
		cmocka_unit_test(hex),
		cmocka_unit_test(base64url_vectors),
		cmocka_unit_test(base64url_refusals),
		cmocka_unit_test(base64url_round_trip),
		cmocka_unit_test(crc_known_answers),
		cmocka_unit_test(base62_digits),
		cmocka_unit_test(decimals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

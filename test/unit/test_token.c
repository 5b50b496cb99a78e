/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/secret.h"
#include "base/text.h"
#include "token/hash.h"
#include "token/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const brands[] = {"jt", "jtn", "acme", "abcde", "abcdef", "abcdefg", "abcdefgh"};
static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void kinds(void **state)
{
	/* Goal: names and kinds are one to one, and a name that is none is refused. */
	enum jt_kind k = JT_KIND_COUNT;

	(void)state;
	for (int i = 0; i < JT_KIND_COUNT; i++) {
		assert_int_equal(jt_kind_parse(jt_kind_name((enum jt_kind)i), &k), JT_OK);
		assert_int_equal(k, i);
	}
	assert_string_equal(jt_kind_name(JT_KIND_CI), "ci");
	assert_string_equal(jt_kind_name(JT_KIND_COUNT), "unknown");
	assert_int_equal(jt_kind_parse("CI", &k), JT_MALFORMED);
	assert_int_equal(jt_kind_parse("", &k), JT_MALFORMED);
	assert_int_equal(jt_kind_parse("unknown", &k), JT_MALFORMED);
}

static void brand_rules(void **state)
{
	/* Goal: 2 to 8 lower-case letters and nothing else. */
	static const char *const bad[] = {"", "j", "abcdefghi", "Jtn", "jt1", "jt_", "jt ", "\xc3\xa9\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++)
		assert_true(jt_brand_is_valid(brands[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(jt_brand_is_valid(bad[i]));
	assert_true(jt_brand_is_valid(JT_BRAND_DEFAULT));
}

static void mint_and_parse(void **state)
{
	/* Goal: for every kind and brand length a new value parses as its kind, fits its limits, and no brand takes another's. */
	(void)state;
	for (size_t b = 0; b < sizeof(brands) / sizeof(brands[0]); b++) {
		for (int i = 0; i < JT_KIND_COUNT; i++) {
			char value[JT_TOKEN_SIZE];
			enum jt_kind k = JT_KIND_COUNT;
			size_t length = 0;

			memset(value, '#', sizeof(value));
			jt_token_mint(brands[b], (enum jt_kind)i, value);
			length = strlen(value);
			assert_int_equal(length, strlen(brands[b]) + 40);
			assert_true(length <= JT_TOKEN_MAX);
			assert_int_equal(jt_token_parse(brands[b], value, length, &k), JT_SHAPE_OK);
			assert_int_equal(k, i);
			assert_int_equal(jt_token_parse(brands[b], value, length, NULL), JT_SHAPE_OK);
			for (size_t other = 0; other < sizeof(brands) / sizeof(brands[0]); other++)
				assert_int_equal(jt_token_parse(brands[other], value, length, NULL),
					other == b ? JT_SHAPE_OK : JT_SHAPE_BAD);
		}
	}
}

static void golden_values(void **state)
{
	/* Goal: the format never changes: these were worked out by the script of doc/formats/token.md. */
	static const char good[] = "jtnp_0123456789ABCDEFGHIJKLMNOPQRSTUV1oHS6y";
	static const char zeros[] = "jtnc_000000000000000000000000000000003v3cDS";
	enum jt_kind k = JT_KIND_COUNT;

	(void)state;
	assert_int_equal(jt_token_parse("jtn", good, sizeof(good) - 1, &k), JT_SHAPE_OK);
	assert_int_equal(k, JT_KIND_PERSONAL);
	assert_int_equal(jt_token_parse("jtn", zeros, sizeof(zeros) - 1, &k), JT_SHAPE_OK);
	assert_int_equal(k, JT_KIND_CI);
}

static void every_change_is_caught(void **state)
{
	/* Goal: each of the 255 other bytes at each place is caught, by the shape or by the checksum. */
	char value[JT_TOKEN_SIZE];
	enum jt_kind k = JT_KIND_COUNT;
	size_t length = 0;

	(void)state;
	jt_token_mint("jtn", JT_KIND_CI, value);
	length = strlen(value);
	for (size_t i = 0; i < length; i++) {
		char was = value[i];

		for (int c = 0; c < 256; c++) {
			enum jt_token_shape shape = JT_SHAPE_OK;
			bool in_body = i >= 5 && c != 0 && strchr(base62, c);

			if ((char)c == was)
				continue;
			value[i] = (char)c;
			shape = jt_token_parse("jtn", value, length, &k);
			if (i < 3 || i == 4 || (i > 4 && !in_body))
				assert_int_equal(shape, JT_SHAPE_BAD);
			else if (i > 4)
				assert_int_equal(shape, JT_SHAPE_CHECKSUM);
			else
				assert_int_equal(
					shape, c != 0 && strchr("pgjasx", c) ? JT_SHAPE_CHECKSUM : JT_SHAPE_BAD);
		}
		value[i] = was;
	}
	assert_int_equal(k, JT_KIND_COUNT);
}

static void lengths_and_junk(void **state)
{
	/* Goal: every other length is no token, read from exactly that many bytes; so is noise. */
	char value[JT_TOKEN_SIZE];
	size_t length = 0;

	(void)state;
	jt_token_mint("jtn", JT_KIND_ACCESS, value);
	length = strlen(value);
	for (size_t n = 0; n < 200; n++) {
		char *exact = calloc(1, n > 0 ? n : 1);

		assert_non_null(exact);
		memcpy(exact, value, n < length ? n : length);
		assert_int_equal(jt_token_parse("jtn", exact, n, NULL), n == length ? JT_SHAPE_OK : JT_SHAPE_BAD);
		free(exact);
	}
	assert_int_equal(jt_token_parse("jtn", NULL, 0, NULL), JT_SHAPE_BAD);
}

static void digest_known_answers(void **state)
{
	/* Goal: SHA-256 as FIPS 180-4 has it. */
	uint8_t digest[JT_DIGEST_SIZE];
	char text[2 * JT_DIGEST_SIZE + 1];

	(void)state;
	jt_token_digest("abc", 3, digest);
	assert_string_equal(
		jt_hex(digest, 32, text), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	jt_token_digest("", 0, digest);
	assert_string_equal(
		jt_hex(digest, 32, text), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	jt_token_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
	assert_string_equal(
		jt_hex(digest, 32, text), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* What libjeton hashes by a way of its own comes to the same, whatever the length: both halves of the block, the padding at each
 * place, and no byte that is not the value's. */
static void short_hash_is_the_digest(void **state)
{
	char text[JT_TOKEN_MAX + 16];

	(void)state;
	for (size_t length = 0; length <= JT_TOKEN_MAX; length++) {
		uint8_t whole[JT_DIGEST_SIZE], half[JT_TOKEN_HASH_SIZE];

		memset(text, 0xa5, sizeof(text));
		for (size_t i = 0; i < length; i++)
			text[8 + i] = (char)(255 - 7 * i);
		jt_token_digest(text + 8, length, whole);
		jt_token_hash(text + 8, length, half);
		assert_memory_equal(half, whole, sizeof(half));
	}
}

static void characters_are_uniform(void **state)
{
	/* Goal: over 100,000 characters every digit is as likely as any other, overall and at each place. A modulo of a byte
	 * would give chi-square of some 500 and more with 61 degrees of freedom; 150 is passed by chance once in 10^8. */
	static unsigned overall[62];
	static unsigned at_place[JT_TOKEN_RANDOM][62];
	const unsigned values = 3200;
	double chi = 0;

	(void)state;
	for (unsigned n = 0; n < values; n++) {
		char value[JT_TOKEN_SIZE];

		jt_token_mint("jtn", JT_KIND_CI, value);
		for (size_t i = 0; i < JT_TOKEN_RANDOM; i++) {
			ptrdiff_t digit = strchr(base62, value[5 + i]) - base62;

			overall[digit]++;
			at_place[i][digit]++;
		}
	}
	for (size_t d = 0; d < 62; d++) {
		double want = values * JT_TOKEN_RANDOM / 62.0;

		chi += (overall[d] - want) * (overall[d] - want) / want;
		for (size_t i = 0; i < JT_TOKEN_RANDOM; i++)
			assert_in_range(at_place[i][d], 5, 130);
	}
	assert_true(chi < 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(brand_rules),
		cmocka_unit_test(mint_and_parse),
		cmocka_unit_test(golden_values),
		cmocka_unit_test(every_change_is_caught),
		cmocka_unit_test(lengths_and_junk),
		cmocka_unit_test(digest_known_answers),
		cmocka_unit_test(short_hash_is_the_digest),
		cmocka_unit_test(characters_are_uniform),
	};

	if (jt_secret_start() != JT_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token.h"

#include "base/secret.h"
#include "base/text.h"

#include <assert.h>
#include <nettle/sha2.h>
#include <string.h>

static const struct {
	const char *name;
	char letter;
} kinds[JT_KIND_COUNT] = {
#define JT_KIND_ROW(upper, lower, letter) [JT_KIND_##upper] = {#lower, letter},
	JT_KINDS(JT_KIND_ROW)
#undef JT_KIND_ROW
};

_Static_assert(JT_BRAND_MAX + 2 + JT_TOKEN_RANDOM + JT_TOKEN_CHECK <= JT_TOKEN_MAX, "a value is one SHA-256 block");

const char *jt_kind_name(enum jt_kind kind)
{
	return (unsigned)kind < JT_KIND_COUNT ? kinds[kind].name : "unknown";
}

enum jt_result jt_kind_parse(const char *name, enum jt_kind *out)
{
	for (unsigned i = 0; i < JT_KIND_COUNT; i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			*out = (enum jt_kind)i;
			return JT_OK;
		}
	}
	return JT_MALFORMED;
}

char jt_kind_letter(enum jt_kind kind)
{
	assert((unsigned)kind < JT_KIND_COUNT);
	return kinds[kind].letter;
}

bool jt_brand_is_valid(const char *brand)
{
	size_t length = strnlen(brand, JT_BRAND_MAX + 1);

	if (length < JT_BRAND_MIN || length > JT_BRAND_MAX)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (brand[i] < 'a' || brand[i] > 'z')
			return false;
	}
	return true;
}

static bool is_base62(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool kind_of_letter(char letter, enum jt_kind *kind)
{
	for (unsigned i = 0; i < JT_KIND_COUNT; i++) {
		if (kinds[i].letter == letter) {
			*kind = (enum jt_kind)i;
			return true;
		}
	}
	return false;
}

enum jt_token_shape jt_token_parse(const char *brand, const char *text, size_t length, enum jt_kind *kind)
{
	size_t head = strlen(brand) + 2; /* brand, letter, underscore */
	enum jt_kind found = JT_KIND_COUNT;
	char check[JT_TOKEN_CHECK];

	if (length != head + JT_TOKEN_RANDOM + JT_TOKEN_CHECK || strncmp(text, brand, head - 2) != 0)
		return JT_SHAPE_BAD;
	if (!kind_of_letter(text[head - 2], &found) || text[head - 1] != '_')
		return JT_SHAPE_BAD;
	for (size_t i = head; i < length; i++) {
		if (!is_base62(text[i]))
			return JT_SHAPE_BAD;
	}
	jt_base62_u32(jt_crc32(text, head + JT_TOKEN_RANDOM), check, JT_TOKEN_CHECK);
	if (!jt_secret_equal(check, sizeof(check), text + head + JT_TOKEN_RANDOM, JT_TOKEN_CHECK))
		return JT_SHAPE_CHECKSUM;
	if (kind)
		*kind = found;
	return JT_SHAPE_OK;
}

void jt_token_digest(const char *text, size_t length, uint8_t out[JT_DIGEST_SIZE])
{
	struct sha256_ctx ctx;

	_Static_assert(JT_DIGEST_SIZE == SHA256_DIGEST_SIZE, "a digest is SHA-256");
	sha256_init(&ctx);
	sha256_update(&ctx, length, (const uint8_t *)text);
	sha256_digest(&ctx, JT_DIGEST_SIZE, out);
	jt_secret_wipe(&ctx, sizeof(ctx));
}

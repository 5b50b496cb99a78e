/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/text.h"
#include "token/token.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void promise(bool kept)
{
	if (!kept)
		abort();
}

/* A wrong checksum, set right, makes a token; a right one, with any character of the body changed, makes none. */
static void checksum_decides(const char *brand, const char *text, size_t length, enum jt_token_shape shape)
{
	char copy[JT_TOKEN_SIZE];
	enum jt_kind kind = JT_KIND_COUNT;
	size_t body = length - JT_TOKEN_CHECK;

	promise(length <= JT_TOKEN_MAX);
	memcpy(copy, text, length);
	if (shape == JT_SHAPE_CHECKSUM) {
		jt_base62_u32(jt_crc32(copy, body), copy + body, JT_TOKEN_CHECK);
		promise(memcmp(copy, text, length) != 0);
		promise(jt_token_parse(brand, copy, length, &kind) == JT_SHAPE_OK && kind < JT_KIND_COUNT);
		return;
	}
	for (size_t i = strlen(brand) + 2; i < length; i++) {
		copy[i] = copy[i] == 'x' ? 'y' : 'x';
		promise(jt_token_parse(brand, copy, length, NULL) == JT_SHAPE_CHECKSUM);
		copy[i] = text[i];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const brands[] = {JT_BRAND_DEFAULT, "jt", "abcdefgh"};
	uint8_t digest[2][JT_DIGEST_SIZE];
	const char *text = (const char *)data;

	for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
		enum jt_kind kind = JT_KIND_COUNT;
		enum jt_token_shape shape = jt_token_parse(brands[i], text, size, &kind);

		promise((kind < JT_KIND_COUNT) == (shape == JT_SHAPE_OK));
		if (shape != JT_SHAPE_BAD)
			checksum_decides(brands[i], text, size, shape);
	}
	jt_token_digest(text, size, digest[0]);
	jt_token_digest(text, size, digest[1]);
	promise(memcmp(digest[0], digest[1], JT_DIGEST_SIZE) == 0);
	return 0;
}

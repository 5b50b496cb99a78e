/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "base/text.h"
#include "token/token.h"

#include <assert.h>
#include <string.h>

/* Six bits at a time; the two values of 64 that are no digit are drawn anew, so every digit is equally likely. */
static void random_digits(char *out, size_t count)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint8_t drawn[48];
	size_t n = 0;

	while (n < count) {
		jt_secret_random(drawn, sizeof(drawn));
		for (size_t i = 0; i < sizeof(drawn) && n < count; i++) {
			uint8_t six = drawn[i] & 63;

			if (six < 62)
				out[n++] = digits[six];
		}
	}
	jt_secret_wipe(drawn, sizeof(drawn));
}

void jt_token_mint(const char *brand, enum jt_kind kind, char out[JT_TOKEN_SIZE])
{
	size_t n = strlen(brand);

	assert(jt_brand_is_valid(brand));
	memcpy(out, brand, n);
	out[n++] = jt_kind_letter(kind);
	out[n++] = '_';
	random_digits(out + n, JT_TOKEN_RANDOM);
	n += JT_TOKEN_RANDOM;
	jt_base62_u32(jt_crc32(out, n), out + n, JT_TOKEN_CHECK);
	out[n + JT_TOKEN_CHECK] = '\0';
}

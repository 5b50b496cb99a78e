/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/totp.h"

#include "base/secret.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <string.h>

#define CODES 1000000

/* RFC 4226, section 5.3: four bytes of the mac from where its last four bits say. */
static uint32_t truncate(const uint8_t mac[SHA1_DIGEST_SIZE])
{
	unsigned at = mac[SHA1_DIGEST_SIZE - 1] & 0x0fU;

	return (uint32_t)(mac[at] & 0x7fU) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
	       mac[at + 3];
}

void jt_totp_code(const uint8_t secret[JT_TOTP_SECRET_SIZE], int64_t step, char out[JT_TOTP_CODE_SIZE])
{
	struct hmac_sha1_ctx ctx;
	uint8_t count[8], mac[SHA1_DIGEST_SIZE];

	for (unsigned i = 0; i < sizeof(count); i++)
		count[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	hmac_sha1_set_key(&ctx, JT_TOTP_SECRET_SIZE, secret);
	hmac_sha1_update(&ctx, sizeof(count), count);
	hmac_sha1_digest(&ctx, sizeof(mac), mac);
	(void)snprintf(out, JT_TOTP_CODE_SIZE, "%06u", truncate(mac) % CODES);
	jt_secret_wipe(&ctx, sizeof(ctx));
	jt_secret_wipe(mac, sizeof(mac));
}

bool jt_totp_matches(
	const uint8_t secret[JT_TOTP_SECRET_SIZE], const char *code, int64_t now_s, int64_t last_step, int64_t *step)
{
	const int64_t now = now_s / JT_TOTP_STEP_S;
	size_t length = strlen(code);
	bool found = false;

	for (int64_t at = now - JT_TOTP_SKEW; at <= now + JT_TOTP_SKEW; at++) {
		char wanted[JT_TOTP_CODE_SIZE];

		jt_totp_code(secret, at, wanted);
		if (jt_secret_equal(wanted, sizeof(wanted) - 1, code, length) && at > last_step) {
			found = true;
			*step = at;
		}
		jt_secret_wipe(wanted, sizeof(wanted));
	}
	return found;
}

char *jt_base32(const uint8_t *bytes, size_t size, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *at = out;

	for (size_t i = 0; i + 5 <= size; i += 5) {
		uint64_t five = 0;

		for (unsigned k = 0; k < 5; k++)
			five = five << 8 | bytes[i + k];
		for (unsigned k = 0; k < 8; k++)
			*at++ = digits[five >> (35 - 5 * k) & 31];
	}
	*at = '\0';
	return out;
}

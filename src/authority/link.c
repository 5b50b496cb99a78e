/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/link.h"

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

#include <sodium.h>
#include <string.h>

#define SECRET_BYTES 32

_Static_assert(JT_LINK_HASH_SIZE == crypto_hash_sha256_BYTES, "a link is kept as SHA-256");
_Static_assert(JT_LINK_SECRET_SIZE >= (SECRET_BYTES + 2) / 3 * 4, "room for the secret's text");

static void hash_secret(const char *secret, uint8_t out[JT_LINK_HASH_SIZE])
{
	(void)crypto_hash_sha256(out, (const unsigned char *)secret, strlen(secret)); /* cannot fail */
}

enum jt_result jt_link_make(struct jt_tx *tx, const struct jt_id *org, enum jt_link_purpose purpose,
	const struct jt_id *target, struct jt_new_link *out)
{
	struct jt_link_row row = {.org = *org, .target = *target, .purpose = purpose};
	uint8_t random[SECRET_BYTES];
	char text[(SECRET_BYTES + 2) / 3 * 4 + 1];
	enum jt_result r;

	jt_secret_random(random, sizeof(random));
	(void)jt_base64url(random, sizeof(random), text);
	memcpy(out->secret, text, strlen(text) + 1);
	hash_secret(out->secret, row.hash);
	out->expires_s = tx->now_ns / JT_NS_PER_S + (purpose == JT_LINK_RESET ? JT_LINK_RESET_S : JT_LINK_SETUP_S);
	row.expires_s = out->expires_s;
	r = jt_link_put(tx->db, &row);
	jt_secret_wipe(random, sizeof(random));
	jt_secret_wipe(text, sizeof(text));
	if (r != JT_OK)
		jt_secret_wipe(out, sizeof(*out));
	return r;
}

enum jt_result jt_link_spend(struct jt_tx *tx, const char *secret, struct jt_link_row *out)
{
	uint8_t hash[JT_LINK_HASH_SIZE];
	enum jt_result r;

	hash_secret(secret, hash);
	r = jt_link_find(tx->db, hash, out);
	if (r == JT_NOT_FOUND || (r == JT_OK && out->expires_s <= tx->now_ns / JT_NS_PER_S))
		return JT_GONE;
	return r == JT_OK ? jt_link_drop(tx->db, &out->org, out->purpose, &out->target) : r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/keys.h"

#include "authority/key_file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEALED_OVERHEAD (4 + NONCE_SIZE + TAG_SIZE)

/* One subkey a purpose, by keyed BLAKE2b over the purpose's name: none tells anything of another, or of the file. On the
 * stack, and wiped by the caller: guarded pages would cost each audit row a dozen system calls. */
static enum jt_result derive(
	const struct jt_keys *k, uint32_t gen, const char *purpose, const char *passphrase, uint8_t key[JT_MAC_SIZE])
{
	const struct jt_secret *master = jt_key_of(k, gen);
	crypto_generichash_state state;

	if (master == NULL)
		return JT_WRONG_KEY;
	crypto_generichash_init(&state, jt_secret_view(master), jt_secret_size(master), JT_MAC_SIZE);
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	if (passphrase != NULL)
		crypto_generichash_update(&state, (const uint8_t *)passphrase, strlen(passphrase));
	crypto_generichash_final(&state, key, JT_MAC_SIZE);
	jt_secret_wipe(&state, sizeof(state));
	return JT_OK;
}

enum jt_result jt_keys_audit_mac(
	const struct jt_keys *k, uint32_t gen, const void *bytes, size_t size, uint8_t out[JT_MAC_SIZE])
{
	uint8_t key[JT_MAC_SIZE];
	enum jt_result r = derive(k, gen, "jeton audit 1", NULL, key);

	if (r == JT_OK)
		crypto_auth_hmacsha256(out, bytes, size, key);
	jt_secret_wipe(key, sizeof(key));
	return r;
}

static enum jt_result seal(const struct jt_keys *k, const char *purpose, const char *passphrase, const void *plain,
	size_t size, const struct jt_id *bound, struct jt_buf *out)
{
	uint32_t gen = jt_keys_newest(k);
	uint8_t nonce[NONCE_SIZE], *box = NULL;
	unsigned long long box_size = 0;
	uint8_t key[JT_MAC_SIZE];
	enum jt_result r = derive(k, gen, purpose, passphrase, key);

	if (r == JT_OK && (box = malloc(size + TAG_SIZE)) == NULL)
		r = JT_NOMEM;
	if (r == JT_OK) {
		jt_secret_random(nonce, sizeof(nonce));
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
			box, &box_size, plain, size, bound->b, sizeof(bound->b), NULL, nonce, key);
		jt_buf_put_u32(out, gen);
		jt_buf_put(out, nonce, sizeof(nonce));
		jt_buf_put(out, box, (size_t)box_size);
		r = jt_buf_check(out);
	}
	free(box);
	jt_secret_wipe(key, sizeof(key));
	return r;
}

static enum jt_result open_box(const struct jt_keys *k, const char *purpose, const char *passphrase, const void *sealed,
	size_t size, const struct jt_id *bound, struct jt_secret **out)
{
	struct jt_reader in = jt_reader_of(sealed, size);
	uint8_t nonce[NONCE_SIZE];
	uint8_t key[JT_MAC_SIZE];
	uint32_t gen = 0;
	enum jt_result r = JT_OK;

	*out = NULL;
	if (size <= SEALED_OVERHEAD || jt_read_u32(&in, &gen) != JT_OK ||
		jt_read_bytes(&in, nonce, sizeof(nonce)) != JT_OK)
		return JT_WRONG_KEY;
	if ((r = derive(k, gen, purpose, passphrase, key)) != JT_OK)
		return r;
	if ((r = jt_secret_new(in.left - TAG_SIZE, out)) == JT_OK &&
		crypto_aead_xchacha20poly1305_ietf_decrypt(jt_secret_bytes(*out), NULL, NULL, in.at, in.left, bound->b,
			sizeof(bound->b), nonce, key) != 0) {
		jt_secret_free(out);
		r = JT_WRONG_KEY;
	}
	jt_secret_wipe(key, sizeof(key));
	return r;
}

enum jt_result jt_keys_seal(
	const struct jt_keys *k, const void *plain, size_t size, const struct jt_id *bound, struct jt_buf *out)
{
	return seal(k, "jeton personal 1", NULL, plain, size, bound, out);
}

enum jt_result jt_keys_open(
	const struct jt_keys *k, const void *sealed, size_t size, const struct jt_id *bound, struct jt_secret **out)
{
	return open_box(k, "jeton personal 1", NULL, sealed, size, bound, out);
}

enum jt_result jt_keys_seal_with(const struct jt_keys *k, const char *passphrase, const void *plain, size_t size,
	const struct jt_id *bound, struct jt_buf *out)
{
	return seal(k, "jeton answer 1", passphrase, plain, size, bound, out);
}

enum jt_result jt_keys_open_with(const struct jt_keys *k, const char *passphrase, const void *sealed, size_t size,
	const struct jt_id *bound, struct jt_secret **out)
{
	return open_box(k, "jeton answer 1", passphrase, sealed, size, bound, out);
}

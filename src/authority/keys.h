/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_KEYS_H
#define JT_AUTHORITY_KEYS_H

#include "base/buf.h"
#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"

/* The key file (DATA/jeton.key, 0600): all that is sealed or chained hangs on it. It holds one line a generation,
 * "jeton-key 1 <gen> <base64url of 32 bytes>", newest last; older ones are kept to prove older audit rows. */
struct jt_keys;

#define JT_KEY_FINGERPRINT_SIZE 65 /* hex and terminator */
#define JT_MAC_SIZE 32

/* A new file with generation 1, never over an existing one (JT_ALREADY_EXISTS); fsynced, its directory too. */
JT_MUST_USE enum jt_result jt_keys_create(const char *path);
/* JT_IO if it cannot be read or others may read it, JT_MALFORMED if it is not a key file. */
JT_MUST_USE enum jt_result jt_keys_load(const char *path, struct jt_keys **out);
void jt_keys_free(struct jt_keys *k);
/* Adds a generation to the file: written beside it, fsynced, renamed. */
JT_MUST_USE enum jt_result jt_keys_rotate(const char *path);
uint32_t jt_keys_newest(const struct jt_keys *k);
/* Of all generations in order: proves that this file belongs to a database, tells nothing of the keys. */
void jt_keys_fingerprint(const struct jt_keys *k, char out[JT_KEY_FINGERPRINT_SIZE]);
/* The same of all generations but the newest: what a database knows whose key rotation was interrupted. "" if there is only
 * one. */
void jt_keys_fingerprint_before(const struct jt_keys *k, char out[JT_KEY_FINGERPRINT_SIZE]);

/* HMAC-SHA-256 under the audit key of a generation. JT_WRONG_KEY if the file lacks that generation. */
JT_MUST_USE enum jt_result jt_keys_audit_mac(
	const struct jt_keys *k, uint32_t gen, const void *bytes, size_t size, uint8_t out[JT_MAC_SIZE]);
/* Seals with XChaCha20-Poly1305 under the newest generation: generation (u32), nonce (24), ciphertext. `bound` is
 * authenticated with it (the token's id). */
JT_MUST_USE enum jt_result jt_keys_seal(
	const struct jt_keys *k, const void *plain, size_t size, const struct jt_id *bound, struct jt_buf *out);
/* JT_WRONG_KEY if it was not sealed by this file for `bound`. */
JT_MUST_USE enum jt_result jt_keys_open(
	const struct jt_keys *k, const void *sealed, size_t size, const struct jt_id *bound, struct jt_secret **out);
/* The same under a key derived from the key file and an Idempotency-Key, which nobody keeps. */
JT_MUST_USE enum jt_result jt_keys_seal_with(const struct jt_keys *k, const char *passphrase, const void *plain,
	size_t size, const struct jt_id *bound, struct jt_buf *out);
JT_MUST_USE enum jt_result jt_keys_open_with(const struct jt_keys *k, const char *passphrase, const void *sealed,
	size_t size, const struct jt_id *bound, struct jt_secret **out);

#endif

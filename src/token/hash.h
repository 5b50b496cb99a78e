/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TOKEN_HASH_H
#define JT_TOKEN_HASH_H

#include "token/token.h"

#include <endian.h>
#include <nettle/sha2.h>
#include <string.h>

/* The first half of jt_token_digest(), for those who ask for nothing else: a value is one block of SHA-256, so it is padded here,
 * in registers, and hashed where it stands (FIPS 180-4, 5.1.1 and 6.2). Nettle's usual three calls copy the value into their
 * context, pad it there byte by byte, write all of the digest and begin anew, which is a fifth of what they take. */

#define JT_TOKEN_HASH_SIZE 16

/* Two eights that are stored as one: so the hash can load them without waiting for two stores. */
typedef uint64_t jt_token_lane __attribute__((vector_size(16)));

_Static_assert(JT_TOKEN_MAX + 1 + sizeof(uint64_t) <= SHA256_BLOCK_SIZE, "the value and its padding are one block");

/* Eight bytes of the padded block from `at` on. The text has at least eight. */
static inline uint64_t jt_token_eight(const char *text, size_t length, size_t at)
{
	size_t here = at < length ? length - at : 0;
	uint64_t eight = 0;

	if (at > length)
		return 0;
	memcpy(&eight, text + (here < sizeof(eight) ? length - sizeof(eight) : at), sizeof(eight));
	if (here >= sizeof(eight))
		return eight;
	eight = here > 0 ? le64toh(eight) >> (64 - 8 * here) : 0;
	return htole64(eight | (uint64_t)0x80 << (8 * here));
}

/* `length` is at most JT_TOKEN_MAX. The block is wiped; what nettle leaves on its stack is not, as with its usual calls. */
static inline void jt_token_hash(const char *text, size_t length, uint8_t out[JT_TOKEN_HASH_SIZE])
{
	jt_token_lane block[SHA256_BLOCK_SIZE / sizeof(jt_token_lane)];
	struct sha256_ctx ctx;

	if (length < sizeof(uint64_t)) {
		uint8_t digest[JT_DIGEST_SIZE];

		jt_token_digest(text, length, digest);
		memcpy(out, digest, JT_TOKEN_HASH_SIZE);
		return;
	}
	for (size_t i = 0; i < 3; i++)
		block[i] =
			(jt_token_lane){jt_token_eight(text, length, 16 * i), jt_token_eight(text, length, 16 * i + 8)};
	block[3] = (jt_token_lane){jt_token_eight(text, length, 48), htobe64((uint64_t)length * 8)};
	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(block), (const uint8_t *)block);
	for (size_t i = 0; i < JT_TOKEN_HASH_SIZE / 8; i++) {
		uint64_t eight = htobe64((uint64_t)ctx.state[2 * i] << 32 | ctx.state[2 * i + 1]);

		memcpy(out + 8 * i, &eight, sizeof(eight));
	}
	memset(block, 0, sizeof(block));
	__asm__ volatile("" : : "r"(block) : "memory");
}

#endif

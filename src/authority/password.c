/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/password.h"

#include "base/secret.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PASSES 3
#define MEMORY (64u << 20)

_Static_assert(JT_PASSWORD_HASH_SIZE >= crypto_pwhash_argon2id_STRBYTES, "room for the text of a hash");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned long long passes = PASSES;
static size_t memory = MEMORY;
static char dummy[crypto_pwhash_argon2id_STRBYTES];

/* What an unknown account is compared with: the hash of something that nobody knows, at today's cost. */
static void start(void)
{
	char unknown[32];

#ifdef JT_TEST_HOOKS
	const char *cheap = getenv("JETON_TEST_CHEAP_HASH");

	if (cheap && strcmp(cheap, "1") == 0) {
		passes = crypto_pwhash_argon2id_OPSLIMIT_MIN;
		memory = crypto_pwhash_argon2id_MEMLIMIT_MIN;
	}
#endif
	jt_secret_random(unknown, sizeof(unknown));
	if (crypto_pwhash_argon2id_str(dummy, unknown, sizeof(unknown), passes, memory) != 0)
		dummy[0] = '\0';
	jt_secret_wipe(unknown, sizeof(unknown));
}

enum jt_result jt_password_hash(const char *password, size_t length, char out[JT_PASSWORD_HASH_SIZE])
{
	(void)pthread_once(&once, start);
	memset(out, 0, JT_PASSWORD_HASH_SIZE);
	return crypto_pwhash_argon2id_str(out, password, length, passes, memory) == 0 ? JT_OK : JT_NOMEM;
}

bool jt_password_matches(const char *hash, const char *password, size_t length)
{
	bool known = hash && *hash;
	char text[crypto_pwhash_argon2id_STRBYTES] = "";
	bool same = false;

	(void)pthread_once(&once, start);
	if (known && strlen(hash) >= sizeof(text))
		return false;
	/* A copy that is zero to its end, as libsodium wants it. */
	memcpy(text, known ? hash : dummy, known ? strlen(hash) : strlen(dummy));
	same = crypto_pwhash_argon2id_str_verify(text, password, length) == 0;
	return known && same;
}

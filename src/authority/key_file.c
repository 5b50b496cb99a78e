/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/key_file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_SIZE 32
#define KEY_TEXT 43 /* base64url of KEY_SIZE bytes */
#define GENERATIONS_MAX 64
#define LINE_SIZE 96
#define FILE_MAX (GENERATIONS_MAX * LINE_SIZE)

struct jt_keys {
	uint32_t count;
	struct jt_secret *key[GENERATIONS_MAX]; /* generation i + 1 */
};

const struct jt_secret *jt_key_of(const struct jt_keys *k, uint32_t gen)
{
	return gen >= 1 && gen <= k->count ? k->key[gen - 1] : NULL;
}

uint32_t jt_keys_newest(const struct jt_keys *k)
{
	return k->count;
}

void jt_keys_free(struct jt_keys *k)
{
	for (uint32_t i = 0; k != NULL && i < k->count; i++)
		jt_secret_free(&k->key[i]);
	free(k);
}

void jt_keys_fingerprint_of(const struct jt_keys *k, uint32_t count, char out[JT_KEY_FINGERPRINT_SIZE])
{
	static const char purpose[] = "jeton fingerprint 1";
	crypto_generichash_state state;
	uint8_t digest[32];

	crypto_generichash_init(&state, (const uint8_t *)purpose, sizeof(purpose), sizeof(digest));
	for (uint32_t i = 0; i < (count > 0 ? count : k->count); i++)
		crypto_generichash_update(&state, jt_secret_view(k->key[i]), KEY_SIZE);
	crypto_generichash_final(&state, digest, sizeof(digest));
	jt_secret_wipe(&state, sizeof(state));
	jt_hex(digest, sizeof(digest), out);
}

void jt_keys_fingerprint(const struct jt_keys *k, char out[JT_KEY_FINGERPRINT_SIZE])
{
	jt_keys_fingerprint_of(k, 0, out);
}

void jt_keys_fingerprint_before(const struct jt_keys *k, char out[JT_KEY_FINGERPRINT_SIZE])
{
	out[0] = '\0';
	if (k->count > 1)
		jt_keys_fingerprint_of(k, k->count - 1, out);
}

/* "jeton-key 1 GEN KEY" */
static enum jt_result read_line(struct jt_keys *k, const char *line, size_t length)
{
	char head[32];
	int head_length = snprintf(head, sizeof(head), "jeton-key 1 %u ", k->count + 1);
	struct jt_secret *key = NULL;
	size_t used = 0;
	enum jt_result r = JT_OK;

	if (k->count == GENERATIONS_MAX || length != (size_t)head_length + KEY_TEXT ||
		strncmp(line, head, (size_t)head_length) != 0)
		return JT_MALFORMED;
	if ((r = jt_secret_new(KEY_SIZE, &key)) != JT_OK)
		return r;
	if (jt_unbase64url(line + head_length, KEY_TEXT, jt_secret_bytes(key), KEY_SIZE, &used) != JT_OK ||
		used != KEY_SIZE) {
		jt_secret_free(&key);
		return JT_MALFORMED;
	}
	k->key[k->count++] = key;
	return JT_OK;
}

static enum jt_result read_file(const char *path, struct jt_secret **text, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum jt_result r = fd >= 0 ? JT_OK : JT_IO;
	struct stat st;
	ssize_t got = 0;

	*size = 0;
	/* Others must not be able to read it: a key that everybody has proves nothing. */
	if (r == JT_OK && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0))
		r = JT_IO;
	if (r == JT_OK)
		r = jt_secret_new(FILE_MAX, text);
	while (r == JT_OK && *size < FILE_MAX &&
		(got = read(fd, jt_secret_bytes(*text) + *size, FILE_MAX - *size)) != 0) {
		if (got > 0)
			*size += (size_t)got;
		else if (errno != EINTR)
			r = JT_IO;
	}
	if (fd >= 0)
		close(fd);
	return r;
}

enum jt_result jt_keys_load(const char *path, struct jt_keys **out)
{
	struct jt_keys *k = calloc(1, sizeof(*k));
	struct jt_secret *text = NULL;
	const char *at = NULL;
	size_t size = 0;
	enum jt_result r = k != NULL ? read_file(path, &text, &size) : JT_NOMEM;

	for (at = text != NULL ? (const char *)jt_secret_view(text) : NULL; r == JT_OK && at != NULL && size > 0;) {
		const char *end = memchr(at, '\n', size);

		if (end == NULL) {
			r = JT_MALFORMED;
			break;
		}
		r = read_line(k, at, (size_t)(end - at));
		size -= (size_t)(end - at) + 1;
		at = end + 1;
	}
	if (r == JT_OK && k->count == 0)
		r = JT_MALFORMED;
	jt_secret_free(&text);
	if (r != JT_OK) {
		jt_keys_free(k);
		k = NULL;
	}
	*out = k;
	return r;
}

static enum jt_result sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	enum jt_result r = fd >= 0 && fsync(fd) == 0 ? JT_OK : JT_IO;

	if (fd >= 0)
		close(fd);
	free(copy);
	return r;
}

/* Writes the generations of `k` and one more to a file that must not exist, and syncs it. */
static enum jt_result write_new(const char *path, const struct jt_keys *k)
{
	struct jt_buf text = {0};
	struct jt_secret *fresh = NULL;
	char key[KEY_TEXT + 2];
	uint32_t count = k != NULL ? k->count : 0;
	int fd = -1;
	enum jt_result r = jt_secret_new(KEY_SIZE, &fresh);

	if (r != JT_OK)
		return r;
	jt_secret_random(jt_secret_bytes(fresh), KEY_SIZE);
	for (uint32_t i = 0; i <= count; i++) {
		jt_base64url(jt_secret_view(i < count ? k->key[i] : fresh), KEY_SIZE, key);
		jt_buf_printf(&text, "jeton-key 1 %u %s\n", i + 1, key);
	}
	jt_secret_wipe(key, sizeof(key));
	jt_secret_free(&fresh);
	r = jt_buf_check(&text);
	if (r == JT_OK && (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		r = errno == EEXIST ? JT_ALREADY_EXISTS : JT_IO;
	if (r == JT_OK && (write(fd, text.data, text.size) != (ssize_t)text.size || fsync(fd) != 0)) {
		r = JT_IO;
		(void)unlink(path);
	}
	if (fd >= 0)
		close(fd);
	jt_buf_wipe(&text);
	return r;
}

enum jt_result jt_keys_create(const char *path)
{
	enum jt_result r = write_new(path, NULL);

	return r == JT_OK ? sync_directory(path) : r;
}

enum jt_result jt_keys_rotate(const char *path)
{
	struct jt_keys *k = NULL;
	struct jt_buf beside = {0};
	const char *next = NULL;
	enum jt_result r = jt_keys_load(path, &k);

	jt_buf_printf(&beside, "%s.new", path);
	next = jt_buf_text(&beside);
	if (r == JT_OK && next == NULL)
		r = JT_NOMEM;
	if (r == JT_OK && k->count == GENERATIONS_MAX)
		r = JT_TOO_LONG;
	if (r == JT_OK) {
		(void)unlink(next); /* what an interrupted rotation left */
		r = write_new(next, k);
	}
	if (r == JT_OK && rename(next, path) != 0)
		r = JT_IO;
	if (r == JT_OK)
		r = sync_directory(path);
	jt_buf_free(&beside);
	jt_keys_free(k);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "authority/keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GENERATIONS_MAX 64 /* doc/formats/key.md */

static char directory[64], path[96];

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(directory, sizeof(directory), "/tmp/jeton-keys-XXXXXX");
	if (jt_secret_start() != JT_OK || !mkdtemp(directory))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/jeton.key", directory);
	return 0;
}

static int tear_down(void **state)
{
	char beside[128];

	(void)state;
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	(void)unlink(beside);
	(void)unlink(path);
	return rmdir(directory);
}

static void write_file(const char *text, size_t size, mode_t mode)
{
	int fd = -1;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	assert_int_equal(close(fd), 0);
}

static void assert_refused(enum jt_result wanted)
{
	struct jt_keys *k = NULL;

	assert_int_equal(jt_keys_load(path, &k), wanted);
	assert_null(k);
}

static void created_once(void **state)
{
	/* Goal: a new file has one generation and mode 0600, and is never written over. */
	struct jt_keys *k = NULL;
	char first[JT_KEY_FINGERPRINT_SIZE], again[JT_KEY_FINGERPRINT_SIZE];
	struct stat st;

	(void)state;
	assert_int_equal(jt_keys_create(path), JT_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	assert_int_equal(jt_keys_newest(k), 1);
	jt_keys_fingerprint(k, first);
	jt_keys_fingerprint_before(k, again);
	assert_string_equal(again, "");
	jt_keys_free(k);
	assert_int_equal(jt_keys_create(path), JT_ALREADY_EXISTS);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	jt_keys_fingerprint(k, again);
	assert_string_equal(first, again);
	jt_keys_free(k);
}

static void refused_files(void **state)
{
	/* Goal: a file that others may read, a link, or one that is not whole and in order is refused. */
	static const char *const bad[] = {"", "\n", "jeton-key 1 1 short\n",
		"jeton-key 1 2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		"jeton-key 2 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		"jeton-key 1 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* cut */
		"jeton-key 1 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!\n",
		"jeton-key 1 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n"};
	static const char good[] = "jeton-key 1 1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
	struct jt_keys *k = NULL;
	char real[128];

	(void)state;
	assert_refused(JT_IO); /* none */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file(bad[i], strlen(bad[i]), 0600);
		assert_refused(JT_MALFORMED);
	}
	write_file(good, sizeof(good) - 1, 0640);
	assert_refused(JT_IO);
	write_file(good, sizeof(good) - 1, 0600);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	jt_keys_free(k);
	(void)snprintf(real, sizeof(real), "%s.new", path);
	assert_int_equal(rename(path, real), 0);
	assert_int_equal(symlink(real, path), 0);
	assert_refused(JT_IO);
}

static void rotated_to_the_edge(void **state)
{
	/* Goal: a rotation keeps every older generation (its audit keys prove older rows), makes another newest one, and stops
	 * at the named limit without touching the file; what an interrupted one left beside it does no harm. */
	struct jt_keys *k = NULL;
	uint8_t of_first[JT_MAC_SIZE], now[JT_MAC_SIZE];
	char before[JT_KEY_FINGERPRINT_SIZE], after[JT_KEY_FINGERPRINT_SIZE], old[JT_KEY_FINGERPRINT_SIZE];
	char beside[128];
	FILE *f = NULL;

	(void)state;
	assert_int_equal(jt_keys_create(path), JT_OK);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	assert_int_equal(jt_keys_audit_mac(k, 1, "row", 3, of_first), JT_OK);
	assert_int_equal(jt_keys_audit_mac(k, 2, "row", 3, now), JT_WRONG_KEY);
	assert_int_equal(jt_keys_audit_mac(k, 0, "row", 3, now), JT_WRONG_KEY);
	jt_keys_fingerprint(k, before);
	jt_keys_free(k);
	(void)snprintf(beside, sizeof(beside), "%s.new", path);
	f = fopen(beside, "w");
	assert_non_null(f);
	assert_true(fputs("half a ke", f) >= 0);
	assert_int_equal(fclose(f), 0);
	for (uint32_t gen = 2; gen <= GENERATIONS_MAX; gen++) {
		assert_int_equal(jt_keys_rotate(path), JT_OK);
		assert_int_equal(jt_keys_load(path, &k), JT_OK);
		assert_int_equal(jt_keys_newest(k), gen);
		jt_keys_fingerprint_before(k, old);
		assert_string_equal(old, before);
		jt_keys_fingerprint(k, after);
		assert_string_not_equal(after, before);
		memcpy(before, after, sizeof(before));
		assert_int_equal(jt_keys_audit_mac(k, 1, "row", 3, now), JT_OK);
		assert_memory_equal(now, of_first, sizeof(now));
		assert_int_equal(jt_keys_audit_mac(k, gen, "row", 3, now), JT_OK);
		assert_memory_not_equal(now, of_first, sizeof(now));
		jt_keys_free(k);
	}
	assert_int_equal(jt_keys_rotate(path), JT_TOO_LONG);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	jt_keys_fingerprint(k, after);
	assert_string_equal(after, before);
	jt_keys_free(k);
}

static void sealed_for_one(void **state)
{
	/* Goal: what was sealed opens with this file, for the id it is bound to, with the same passphrase, whole and unchanged,
	 * and after a rotation; with anything else it does not, and nothing comes out. */
	static const struct jt_id mine = {{1}}, other = {{2}};
	struct jt_keys *k = NULL;
	struct jt_buf sealed = {0}, with = {0};
	struct jt_secret *plain = NULL;

	(void)state;
	assert_int_equal(jt_keys_create(path), JT_OK);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);
	assert_int_equal(jt_keys_seal(k, "value", 5, &mine, &sealed), JT_OK);
	assert_int_equal(jt_keys_seal_with(k, "key one", "value", 5, &mine, &with), JT_OK);
	jt_keys_free(k);
	assert_int_equal(jt_keys_rotate(path), JT_OK);
	assert_int_equal(jt_keys_load(path, &k), JT_OK);

	assert_int_equal(jt_keys_open(k, sealed.data, sealed.size, &mine, &plain), JT_OK);
	assert_int_equal(jt_secret_size(plain), 5);
	assert_memory_equal(jt_secret_view(plain), "value", 5);
	jt_secret_free(&plain);
	assert_int_equal(jt_keys_open_with(k, "key one", with.data, with.size, &mine, &plain), JT_OK);
	jt_secret_free(&plain);

	assert_int_equal(jt_keys_open(k, sealed.data, sealed.size, &other, &plain), JT_WRONG_KEY);
	assert_null(plain);
	assert_int_equal(jt_keys_open(k, with.data, with.size, &mine, &plain), JT_WRONG_KEY);
	assert_null(plain);
	assert_int_equal(jt_keys_open_with(k, "key two", with.data, with.size, &mine, &plain), JT_WRONG_KEY);
	assert_null(plain);
	for (size_t size = 0; size < sealed.size; size++) {
		assert_int_equal(jt_keys_open(k, sealed.data, size, &mine, &plain), JT_WRONG_KEY);
		assert_null(plain);
	}
	for (size_t i = 0; i < sealed.size; i++) {
		((uint8_t *)sealed.data)[i] ^= 1;
		assert_int_equal(jt_keys_open(k, sealed.data, sealed.size, &mine, &plain), JT_WRONG_KEY);
		assert_null(plain);
		((uint8_t *)sealed.data)[i] ^= 1;
	}
	jt_buf_free(&sealed);
	jt_buf_free(&with);
	jt_keys_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(created_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rotated_to_the_edge, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sealed_for_one, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("authority_keys", tests, NULL, NULL);
}

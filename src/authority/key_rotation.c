/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/factor.h"
#include "authority/node.h"
#include "authority/note.h"
#include "base/fault.h"
#include "store/meta.h"
#include "store/org.h"
#include "store/personal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 100
#define SEALED_MAX 256

enum jt_result jt_key_check(struct jt_db *db, const struct jt_keys *keys, bool *unfinished, struct jt_why *why)
{
	char known[JT_META_VALUE_MAX] = "";
	char file[JT_KEY_FINGERPRINT_SIZE], before[JT_KEY_FINGERPRINT_SIZE];
	enum jt_result r = jt_meta_get(db, JT_META_KEY, known, sizeof(known));

	*unfinished = false;
	if (r != JT_OK)
		return r;
	jt_keys_fingerprint(keys, file);
	jt_keys_fingerprint_before(keys, before);
	if (strcmp(known, file) == 0)
		return JT_OK;
	*unfinished = before[0] != '\0' && strcmp(known, before) == 0;
	return *unfinished ? JT_OK
			   : jt_why_say(why, JT_WRONG_KEY,
				     "jeton.key does not belong to this database (the database knows key %.16s, the "
				     "file is %.16s)",
				     known, file);
}

/* A sealed value that was read, so that none is written while they are being read. */
struct sealed {
	struct jt_id org, id;
	size_t size;
	uint8_t bytes[SEALED_MAX];
};

static enum jt_result read_page(struct jt_db *db, const struct sealed *after, struct sealed *page, size_t *count)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_personal_scan_sealed(db, &after->org, &after->id, PAGE, &rows);

	*count = 0;
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK && *count < PAGE) {
		struct sealed *s = &page[*count];
		const void *bytes = jt_rows_bytes(rows, 2, &s->size);

		if (s->size > SEALED_MAX) {
			r = JT_MALFORMED;
			break;
		}
		s->org = jt_rows_id(rows, 0);
		s->id = jt_rows_id(rows, 1);
		memcpy(s->bytes, bytes, s->size);
		(*count)++;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result seal_anew(struct jt_tx *tx, const struct sealed *s)
{
	struct jt_secret *value = NULL;
	struct jt_buf sealed = {0};
	enum jt_result r = jt_keys_open(tx->au->keys, s->bytes, s->size, &s->id, &value);

	if (r == JT_OK)
		r = jt_keys_seal(tx->au->keys, jt_secret_view(value), jt_secret_size(value), &s->id, &sealed);
	if (r == JT_OK)
		r = jt_personal_set_sealed(tx->db, &s->org, &s->id, sealed.data, sealed.size);
	jt_secret_free(&value);
	jt_buf_free(&sealed);
	return r;
}

static enum jt_result seal_all(struct jt_tx *tx)
{
	struct sealed *page = calloc(PAGE, sizeof(*page));
	struct sealed last = {0};
	size_t count = PAGE;
	enum jt_result r = page ? JT_OK : JT_NOMEM;

	while (r == JT_OK && count == PAGE) {
		r = read_page(tx->db, &last, page, &count);
		for (size_t i = 0; r == JT_OK && i < count; i++)
			r = seal_anew(tx, &page[i]);
		if (r == JT_OK && count > 0)
			last = page[count - 1];
	}
	free(page);
	return r;
}

static enum jt_result tell_orgs(struct jt_tx *tx)
{
	struct jt_rows *rows = NULL;
	struct jt_id *org = NULL;
	int64_t count = 0;
	size_t n = 0;
	enum jt_result r = jt_org_count(tx->db, &count);

	if (r == JT_OK && !(org = calloc((size_t)count + 1, sizeof(*org))))
		r = JT_NOMEM;
	if (r == JT_OK)
		r = jt_org_scan(tx->db, &rows);
	while (r == JT_OK && n < (size_t)count && (r = jt_rows_next(rows)) == JT_OK)
		org[n++] = jt_rows_id(rows, 0);
	jt_rows_close(&rows);
	if (r == JT_DONE)
		r = JT_OK;
	for (size_t i = 0; r == JT_OK && i < n; i++) {
		struct jt_actor who = jt_operator(&org[i]);

		r = jt_note(tx, &who, "rotate_key", "key", "",
			json_pack("{s:i}", "generation", (int)jt_keys_newest(tx->au->keys)));
	}
	free(org);
	return r;
}

static enum jt_result finish(struct jt_tx *tx, void *context, struct jt_why *why)
{
	char fingerprint[JT_KEY_FINGERPRINT_SIZE];
	enum jt_result r = seal_all(tx);

	(void)context;
	if (r == JT_OK)
		r = jt_factor_seal_all(tx);
	if (r == JT_WRONG_KEY)
		return jt_why_say(why, r, "what is sealed cannot be opened with jeton.key: nothing was changed");
	jt_keys_fingerprint(tx->au->keys, fingerprint);
	if (r == JT_OK)
		r = jt_meta_set(tx->db, JT_META_KEY, fingerprint);
	return r == JT_OK ? tell_orgs(tx) : r;
}

enum jt_result jt_key_finish(struct jt_authority *au, struct jt_why *why)
{
	return jt_write_alone(au, finish, NULL, why);
}

static enum jt_result rotate(struct jt_authority *au, const char *path, struct jt_why *why)
{
	bool unfinished = false;
	enum jt_result r = jt_key_check(au->db, au->keys, &unfinished, why);

	if (r == JT_OK && !unfinished) {
		r = jt_keys_rotate(path);
		JT_FAULT_POINT("key_written");
		jt_keys_free(au->keys);
		au->keys = NULL;
		if (r == JT_OK)
			r = jt_keys_load(path, &au->keys);
	}
	return r == JT_OK ? jt_key_finish(au, why) : r;
}

enum jt_result jt_authority_rotate_key(const char *data, struct jt_why *why)
{
	char *path = jt_data_path(data, "jeton.key");
	struct jt_authority bare = {.lock_fd = -1, .data = strdup(data)};
	enum jt_result r = path && bare.data ? jt_data_lock(data, &bare.lock_fd, why) : JT_NOMEM;

	if (r == JT_OK)
		r = jt_data_open(&bare, why);
	if (r == JT_OK)
		r = rotate(&bare, path, why);
	jt_keys_free(bare.keys);
	jt_db_close(bare.db);
	if (bare.lock_fd >= 0)
		close(bare.lock_fd);
	free(bare.data);
	free(path);
	return r;
}

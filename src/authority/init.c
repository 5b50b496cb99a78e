/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"
#include "authority/password.h"
#include "authority/vocabulary.h"
#include "base/secret.h"
#include "base/text.h"
#include "catalogue/catalogue.h"
#include "store/meta.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the first transaction needs. */
struct first {
	const struct jt_new_org *order;
	struct jt_policy *policy;
	const char *password_hash;
	struct jt_made_org *out;
};

static enum jt_result set_facts(struct jt_tx *tx, const struct jt_new_org *order)
{
	char fingerprint[JT_KEY_FINGERPRINT_SIZE], text[33];
	uint8_t store[16];
	const char *catalogue = tx->au->catalogue ? tx->au->catalogue : "";
	enum jt_result r = JT_OK;

	jt_secret_random(store, sizeof(store));
	jt_keys_fingerprint(tx->au->keys, fingerprint);
	r = jt_meta_set(tx->db, JT_META_STORE_ID, jt_hex(store, sizeof(store), text));
	if (r == JT_OK)
		r = jt_meta_set(tx->db, JT_META_BRAND, tx->au->brand);
	if (r == JT_OK)
		r = jt_meta_set(tx->db, JT_META_KEY, fingerprint);
	if (r == JT_OK)
		r = jt_meta_set(tx->db, JT_META_CATALOGUE, catalogue);
	if (r == JT_OK)
		r = jt_meta_set(tx->db, JT_META_PERSONAL_VALUE, order->personal_once ? "once" : "sealed");
	return r;
}

static enum jt_result found(struct jt_tx *tx, void *context, struct jt_why *why)
{
	struct first *f = context;
	struct jt_actor who = jt_operator(NULL);
	enum jt_result r = set_facts(tx, f->order);

	if (r == JT_OK)
		r = jt_vocabulary_assign(tx->db, f->policy, why);
	return r == JT_OK ? jt_org_found(tx, &who, f->order, f->password_hash, "init", f->out, why) : r;
}

/* Only what was set up to its end counts: an interrupted init is done again over what it left. */
static enum jt_result prepare(struct jt_authority *au, struct jt_why *why)
{
	char text[JT_META_VALUE_MAX];
	struct jt_head head;
	enum jt_result r = jt_db_open(au->data, JT_DB_CREATE, &au->db);

	if (r == JT_OK)
		r = jt_db_migrate(au->db);
	if (r != JT_OK)
		return r;
	r = jt_meta_get(au->db, JT_META_STORE_ID, text, sizeof(text));
	if (r != JT_NOT_FOUND)
		return r == JT_OK ? jt_why_say(why, JT_ALREADY_EXISTS, "%s holds a deployment already", au->data) : r;
	r = jt_db_begin_write(au->db);
	if (r == JT_OK)
		r = jt_head_read(au->db, &head);
	if (r == JT_NOT_FOUND)
		r = jt_head_create(au->db);
	if (r == JT_OK)
		r = jt_db_commit(au->db);
	jt_db_rollback(au->db);
	return r;
}

static enum jt_result make_key(struct jt_authority *au)
{
	char *path = jt_data_path(au->data, "jeton.key");
	enum jt_result r = path ? jt_keys_create(path) : JT_NOMEM;

	if (r == JT_OK || r == JT_ALREADY_EXISTS)
		r = jt_keys_load(path, &au->keys);
	free(path);
	return r;
}

static enum jt_result make_directory(const char *data, struct jt_why *why)
{
	struct stat s;

	if (mkdir(data, 0700) == 0)
		return JT_OK;
	if (errno == EEXIST && stat(data, &s) == 0 && S_ISDIR(s.st_mode))
		return JT_OK;
	return jt_why_say(why, JT_IO, "cannot make the directory %s: %s", data, strerror(errno));
}

static enum jt_result check(const struct jt_new_org *order, struct jt_why *why)
{
	enum jt_result r = jt_new_org_check(order, why);
	size_t length = order->password ? strlen(order->password) : JT_PASSWORD_MIN;

	if (order->brand && !jt_brand_is_valid(order->brand))
		r = jt_why_field(why, "brand", "must be 2 to 8 lower-case letters");
	if (length < JT_PASSWORD_MIN || length > JT_PASSWORD_MAX)
		r = jt_why_field(why, "password", "must be %d to %d bytes long", JT_PASSWORD_MIN, JT_PASSWORD_MAX);
	return r;
}

static enum jt_result set_up(struct jt_authority *au, struct first *f, struct jt_why *why)
{
	enum jt_result r = make_directory(au->data, why);

	if (r == JT_OK) /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): au->data is freed by whoever made it */
		r = jt_data_lock(au->data, &au->lock_fd, why);
	if (r == JT_OK)
		r = prepare(au, why);
	if (r == JT_OK)
		r = make_key(au);
	return r == JT_OK ? jt_write_alone(au, found, f, why) : r;
}

enum jt_result jt_authority_init(const char *data, const char *catalogue, const struct jt_new_org *order,
	struct jt_made_org *out, struct jt_why *why)
{
	char hash[JT_PASSWORD_HASH_SIZE] = "", absolute[PATH_MAX];
	struct jt_authority bare = {.lock_fd = -1};
	struct first f = {.order = order, .out = out};
	enum jt_result r = check(order, why);

	bare.data = strdup(data);
	bare.brand = strdup(order->brand ? order->brand : JT_BRAND_DEFAULT);
	if (catalogue)
		bare.catalogue = strdup(realpath(catalogue, absolute) ? absolute : catalogue);
	if (!bare.data || !bare.brand || (catalogue && !bare.catalogue))
		r = JT_NOMEM;
	if (r == JT_OK)
		r = jt_vocabulary_load(bare.catalogue, &f.policy, why);
	bare.policy = f.policy;
	if (r == JT_OK && order->password)
		r = jt_password_hash(order->password, strlen(order->password), hash);
	if (hash[0])
		f.password_hash = hash;
	if (r == JT_OK)
		r = set_up(&bare, &f, why);
	jt_catalogue_free(f.policy);
	jt_keys_free(bare.keys);
	jt_db_close(bare.db);
	if (bare.lock_fd >= 0)
		close(bare.lock_fd);
	jt_secret_wipe(hash, sizeof(hash));
	free(bare.data);
	free(bare.brand);
	free(bare.catalogue);
	return r;
}

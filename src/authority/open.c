/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/node.h"
#include "authority/usage.h"
#include "authority/vocabulary.h"
#include "base/log.h"
#include "base/text.h"
#include "catalogue/catalogue.h"
#include "store/meta.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 100

static enum jt_result copy(const char *text, char **out)
{
	*out = text ? strdup(text) : NULL;
	return text && !*out ? JT_NOMEM : JT_OK;
}

static enum jt_result copy_options(struct jt_authority *au, const struct jt_authority_options *o)
{
	char absolute[PATH_MAX];
	enum jt_result r = copy(o->data, &au->data);

	if (r == JT_OK)
		r = copy(o->public_url ? o->public_url : "", &au->public_url);
	if (r == JT_OK)
		r = copy(o->anchor, &au->anchor);
	if (r == JT_OK && !o->run && au->serve)
		r = jt_run_dir(absolute, sizeof(absolute));
	if (r == JT_OK && au->serve)
		r = copy(o->run ? o->run : absolute, &au->run);
	/* The next operator may stand in another directory. */
	if (r == JT_OK && o->catalogue)
		r = copy(realpath(o->catalogue, absolute) ? absolute : o->catalogue, &au->catalogue);
	return r;
}

enum jt_result jt_data_open(struct jt_authority *au, struct jt_why *why)
{
	char *path = jt_data_path(au->data, "jeton.key");
	int64_t version = 0;
	enum jt_result r = path ? jt_db_open(au->data, JT_DB_WRITE, &au->db) : JT_NOMEM;

	if (r == JT_IO)
		jt_why_say(why, r, "there is no database in %s: jeton init makes one", au->data);
	if (r == JT_OK)
		r = jt_db_version(au->db, &version);
	if (r == JT_OK && version > jt_db_version_known())
		r = jt_why_say(why, JT_NEWER_SCHEMA,
			"the database has schema %lld, this program knows %lld: use a newer jeton", (long long)version,
			(long long)jt_db_version_known());
	if (r == JT_OK && version < jt_db_version_known() && !au->serve)
		r = jt_why_say(why, JT_CONFLICT,
			"the database has the older schema %lld: jeton serve brings it up to date", (long long)version);
	if (r == JT_OK && au->serve)
		r = jt_db_migrate(au->db);
	if (r == JT_OK) {
		r = jt_keys_load(path, &au->keys);
		if (r != JT_OK)
			r = jt_why_say(why, r, "key file %s: %s", path,
				r == JT_IO ? "it cannot be read, or others may read it (it must be 0600)"
					   : jt_result_text(r));
	}
	free(path);
	return r;
}

/* What the deployment says of itself; the operator's catalogue is the one that was served last. */
static enum jt_result read_meta(struct jt_authority *au, const struct jt_authority_options *o)
{
	char text[JT_META_VALUE_MAX] = "";
	enum jt_result r = jt_meta_get(au->db, JT_META_BRAND, text, sizeof(text));

	if (r == JT_OK)
		r = copy(o->brand ? o->brand : text, &au->brand);
	if (r == JT_OK)
		r = jt_meta_get(au->db, JT_META_PERSONAL_VALUE, text, sizeof(text));
	if (r == JT_OK)
		au->personal_once = strcmp(text, "once") == 0;
	if (r == JT_OK && !au->serve && !au->catalogue) {
		r = jt_meta_get(au->db, JT_META_CATALOGUE, text, sizeof(text));
		if (r == JT_OK && *text)
			r = copy(text, &au->catalogue);
		if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	return r;
}

static enum jt_result settle_vocabulary(struct jt_tx *tx, void *context, struct jt_why *why)
{
	struct jt_policy *p = context;
	enum jt_result r = jt_vocabulary_assign(tx->db, p, why);

	return r == JT_OK ? jt_meta_set(tx->db, JT_META_CATALOGUE, tx->au->catalogue ? tx->au->catalogue : "") : r;
}

static enum jt_result use_catalogue(struct jt_authority *au, struct jt_why *why)
{
	char served[JT_META_VALUE_MAX] = "";
	enum jt_result r = jt_vocabulary_load(au->catalogue, &au->policy, why);

	if (r == JT_OK)
		r = jt_meta_get(au->db, JT_META_CATALOGUE_DIGEST, served, sizeof(served));
	if (r != JT_OK && r != JT_NOT_FOUND)
		return r;
	/* One that is served already covers what is in use: whatever came since was held against it. */
	if (strcmp(served, au->policy->digest) == 0)
		return jt_vocabulary_assign(au->db, au->policy, why); /* writes nothing */
	r = jt_vocabulary_covers(au->db, au->policy, why);
	if (r != JT_OK)
		return r;
	if (!au->serve)
		return jt_why_say(why, JT_CONFLICT, "this catalogue is not the one that the server uses (%s)",
			au->catalogue ? au->catalogue : "built in");
	return jt_write_alone(au, settle_vocabulary, au->policy, why);
}

static enum jt_result check_key(struct jt_authority *au, struct jt_why *why)
{
	bool unfinished = false;
	enum jt_result r = jt_key_check(au->db, au->keys, &unfinished, why);

	if (r != JT_OK || !unfinished)
		return r;
	if (!au->serve)
		return jt_why_say(why, JT_WRONG_KEY,
			"a key rotation was interrupted: jeton serve, or jeton key rotate, finishes it");
	jt_log(JT_LOG_WARN, "finishing an interrupted key rotation", JT_LT("data", au->data));
	return jt_key_finish(au, why);
}

static enum jt_result read_store_id(struct jt_authority *au, struct jt_id *out)
{
	char text[JT_META_VALUE_MAX] = "";
	enum jt_result r = jt_meta_get(au->db, JT_META_STORE_ID, text, sizeof(text));

	return r == JT_OK ? jt_unhex(text, strlen(text), out->b, sizeof(out->b)) : r;
}

static enum jt_result start_usage(struct jt_authority *au, struct jt_why *why)
{
	char *path = jt_data_path(au->run, JT_USAGE_SOCKET);
	enum jt_result r = path ? jt_usage_start(au->usage, path, why) : JT_NOMEM;

	free(path);
	return r;
}

/* Table, verifier, follower, committer, usage, in the order in which they lean on each other. */
static enum jt_result raise_parts(struct jt_authority *au, unsigned stale_after_s, struct jt_why *why)
{
	struct jt_table_options table = {.dir = au->run,
		.brand = au->brand,
		.bound_s = stale_after_s ? stale_after_s : JT_TABLE_BOUND_EMBEDDED_S};
	enum jt_result r = read_store_id(au, &table.store);

	if (r == JT_OK)
		r = jt_table_new(&table, &au->table, why);
	if (r == JT_OK)
		r = jt_verify_new(au->table, au->policy, au->brand, &au->verify);
	if (r == JT_OK)
		r = jt_follower_new(au->data, au->table, au->verify, &au->follower);
	if (r == JT_OK)
		r = jt_refusals_new(&au->refusals);
	if (r == JT_OK && au->serve)
		r = jt_usage_new(au->table, &au->usage);
	if (r == JT_OK)
		r = jt_committer_new(au, &au->committer);
	if (r == JT_OK && au->serve)
		r = jt_follower_start(au->follower, POLL_MS);
	if (r == JT_OK && au->serve)
		r = start_usage(au, why);
	return r;
}

enum jt_result jt_authority_open(
	const struct jt_authority_options *options, struct jt_authority **out, struct jt_why *why)
{
	struct jt_authority *au = calloc(1, sizeof(*au));
	enum jt_result r = JT_OK;

	*out = NULL;
	if (!au)
		return JT_NOMEM;
	au->lock_fd = -1;
	au->serve = options->as == JT_OPEN_SERVE;
	pthread_mutex_init(&au->readers_lock, NULL);
	r = copy_options(au, options);
	if (r == JT_OK && au->serve)
		r = jt_data_lock(au->data, &au->lock_fd, why);
	if (r == JT_OK)
		r = jt_data_open(au, why);
	if (r == JT_OK)
		r = read_meta(au, options);
	if (r == JT_NOT_FOUND)
		r = jt_why_say(why, JT_IO, "%s was not set up to its end: run jeton init again", options->data);
	if (r == JT_OK)
		r = check_key(au, why);
	if (r == JT_OK)
		r = use_catalogue(au, why);
	if (r == JT_OK)
		r = raise_parts(au, options->stale_after_s, why);
	if (r != JT_OK) {
		jt_authority_close(au);
		return r;
	}
	*out = au;
	return JT_OK;
}

void jt_authority_close(struct jt_authority *au)
{
	if (!au)
		return;
	if (au->usage)
		jt_usage_stop(au->usage); /* what it holds is for the committer's last transactions */
	jt_committer_free(au->committer);
	jt_usage_free(au->usage);
	jt_follower_free(au->follower);
	jt_refusals_free(au->refusals);
	jt_readers_close(au);
	jt_verify_free(au->verify);
	jt_table_free(au->table);
	jt_catalogue_free(au->policy);
	jt_db_close(au->db);
	jt_keys_free(au->keys);
	if (au->lock_fd >= 0)
		close(au->lock_fd);
	pthread_mutex_destroy(&au->readers_lock);
	free(au->data);
	free(au->brand);
	free(au->public_url);
	free(au->anchor);
	free(au->catalogue);
	free(au->run);
	free(au);
}

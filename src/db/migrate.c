/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/log.h"
#include "db/engine.h"
#include "db/migrations.h"

JT_SQL(sql_version, "SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'schema_version'");
JT_SQL(sql_version_set, "INSERT INTO meta (key, value) VALUES ('schema_version', CAST($1 AS TEXT))"
			" ON CONFLICT (key) DO UPDATE SET value = excluded.value");

int64_t jt_db_version_known(void)
{
	return jt_migration_count;
}

enum jt_result jt_db_version(struct jt_db *db, int64_t *version)
{
	bool has = false;
	enum jt_result r = jt_engine_has_meta(db, &has);

	*version = 0;
	if (r != JT_OK || !has)
		return r;
	r = jt_db_int(db, &sql_version, JT_NO_BIND, version);
	return r == JT_NOT_FOUND ? JT_OK : r;
}

static enum jt_result run_lines(struct jt_db *db, const struct jt_migration *m)
{
	struct jt_buf text = {0};
	enum jt_result r = JT_OK;

	for (const char *const *line = m->lines; *line; line++)
		jt_buf_put_text(&text, *line);
	r = jt_buf_check(&text);
	if (r == JT_OK)
		r = jt_engine_script(db, m->name, jt_buf_text(&text));
	jt_buf_free(&text);
	return r;
}

/* The version is read again under the write lock: another process may have been first. *left gets how many remain. */
static enum jt_result step(struct jt_db *db, int64_t *left)
{
	int64_t version = 0;
	enum jt_result r = jt_db_begin_write(db);

	if (r != JT_OK)
		return r;
	r = jt_db_version(db, &version);
	if (r == JT_OK && version > jt_db_version_known())
		r = JT_NEWER_SCHEMA;
	if (r != JT_OK || version == jt_db_version_known())
		goto out;
	r = run_lines(db, &jt_migrations[version]);
	if (r != JT_OK)
		goto out;
	version++;
	r = jt_db_run(db, &sql_version_set, JT_BIND(JT_I(version)), NULL);
	if (r != JT_OK)
		goto out;
	r = jt_db_commit(db);
	if (r == JT_OK)
		jt_log(JT_LOG_INFO, "schema migrated", JT_LT("step", jt_migrations[version - 1].name),
			JT_LN("version", version));
out:
	if (jt_db_in_transaction(db))
		jt_db_rollback(db);
	*left = jt_db_version_known() - version;
	return r;
}

enum jt_result jt_db_migrate(struct jt_db *db)
{
	int64_t version = 0;
	int64_t left = 0;
	enum jt_result r = jt_db_version(db, &version);

	if (r != JT_OK)
		return r;
	if (version > jt_db_version_known())
		return JT_NEWER_SCHEMA;
	left = jt_db_version_known() - version;
	while (r == JT_OK && left > 0)
		r = step(db, &left);
	return r;
}

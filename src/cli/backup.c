/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cli/operator.h"
#include "store/meta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum jt_exit run_backup(const struct jt_args *args)
{
	const char *data = jt_args_text(args, "data"), *to = jt_args_text(args, "to");
	struct jt_db *db = NULL;
	struct jt_why why = {0};
	bool db_is_there = false;
	enum jt_result r = JT_OK;

	if (!data || !to)
		return jt_complain(JT_EXIT_USAGE, "backup needs --data DIR and --to FILE");
	jt_log_setup(JT_LOG_WARN, JT_LOG_LOGFMT);
	r = jt_db_open(data, JT_DB_READ, &db);
	db_is_there = db != NULL;
	if (r == JT_OK)
		r = jt_db_backup(db, to);
	jt_db_close(db);
	if (r == JT_ALREADY_EXISTS)
		jt_why_say(&why, r, "%s exists: a backup never overwrites", to);
	else if (r == JT_IO && !db_is_there)
		jt_why_say(&why, r, "there is no database in %s", data);
	if (r != JT_OK)
		return jt_operator_failed("cannot back up", r, &why);
	printf("%s is a whole copy, and was checked. Keep %s/jeton.key too, apart from it:\n"
	       "without the key personal tokens cannot be shown again and the audit log cannot be proved.\n",
		to, data);
	return JT_EXIT_OK;
}

/* Copies the file as it is. JT_ALREADY_EXISTS is not possible: `to` is in a directory of our own. */
static enum jt_result copy_file(const char *from, const char *to, struct jt_why *why)
{
	static char block[1 << 16];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	ssize_t n = 0;
	enum jt_result r = JT_OK;

	if (in < 0 || out < 0)
		r = jt_why_say(why, JT_IO, "%s: %s", in < 0 ? from : to, strerror(errno));
	while (r == JT_OK && (n = read(in, block, sizeof(block))) > 0)
		if (write(out, block, (size_t)n) != n)
			r = jt_why_say(why, errno == ENOSPC ? JT_DISK_FULL : JT_IO, "%s: %s", to, strerror(errno));
	if (r == JT_OK && n < 0)
		r = jt_why_say(why, JT_IO, "%s: %s", from, strerror(errno));
	if (in >= 0)
		(void)close(in);
	if (out >= 0 && close(out) != 0 && r == JT_OK)
		r = JT_IO;
	return r;
}

/* If there is a key file already, it must be the one that the backup belongs to. */
static enum jt_result check_key(struct jt_db *db, const char *data, struct jt_why *why)
{
	char known[JT_META_VALUE_MAX] = "", file[JT_KEY_FINGERPRINT_SIZE];
	struct jt_keys *keys = NULL;
	char *path = NULL;
	enum jt_result r = JT_OK;

	if (asprintf(&path, "%s/jeton.key", data) < 0)
		return JT_NOMEM;
	if (access(path, F_OK) == 0) {
		r = jt_keys_load(path, &keys);
		if (r == JT_OK)
			r = jt_meta_get(db, JT_META_KEY, known, sizeof(known));
		if (r == JT_OK) {
			jt_keys_fingerprint(keys, file);
			if (strcmp(known, file) != 0)
				r = jt_why_say(why, JT_WRONG_KEY, "%s does not belong to this backup", path);
		}
	}
	jt_keys_free(keys);
	free(path);
	return r;
}

/* What is checked is a copy of the backup; from it the database is made, whole and under its name, or not at all. */
static enum jt_result restore(const char *from, const char *data, const char *beside, struct jt_why *why)
{
	char *copy = NULL, *database = NULL;
	struct jt_db *db = NULL;
	int64_t version = 0;
	enum jt_result r = JT_NOMEM;

	if (asprintf(&copy, "%s/jeton.db", beside) >= 0 && asprintf(&database, "%s/jeton.db", data) >= 0)
		r = copy_file(from, copy, why);
	if (r == JT_OK && access(database, F_OK) == 0)
		r = jt_why_say(why, JT_ALREADY_EXISTS, "%s holds a deployment: restore into a new directory", data);
	if (r == JT_OK) {
		r = jt_db_open(beside, JT_DB_WRITE, &db);
		if (r != JT_OK)
			jt_why_say(why, r, "%s is not a backup of ours", from);
	}
	if (r == JT_OK)
		r = jt_db_version(db, &version);
	if (r == JT_OK && version > jt_db_version_known())
		r = JT_NEWER_SCHEMA;
	if (r == JT_OK)
		r = check_key(db, data, why);
	if (r == JT_OK)
		r = jt_db_backup(db, database);
	jt_db_close(db);
	if (copy)
		(void)unlink(copy);
	free(copy);
	free(database);
	return r;
}

static enum jt_exit run_restore(const struct jt_args *args)
{
	const char *data = jt_args_text(args, "data"), *from = jt_args_text(args, "from");
	char *beside = NULL;
	struct jt_why why = {0};
	enum jt_result r = JT_OK;

	if (!data || !from)
		return jt_complain(JT_EXIT_USAGE, "restore needs --from FILE and --data DIR");
	jt_log_setup(JT_LOG_WARN, JT_LOG_LOGFMT);
	if (asprintf(&beside, "%s/restoring", data) < 0)
		return jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	if ((mkdir(data, 0700) != 0 && errno != EEXIST) || (mkdir(beside, 0700) != 0 && errno != EEXIST))
		r = jt_why_say(&why, JT_IO, "cannot make %s: %s", beside, strerror(errno));
	if (r == JT_OK)
		r = restore(from, data, beside, &why);
	(void)rmdir(beside);
	free(beside);
	if (r != JT_OK)
		return jt_operator_failed("cannot restore", r, &why);
	printf("%s is restored. It needs the jeton.key that belongs to it, 0600.\n"
	       "Tokens that were revoked after the backup was made work again: revoke them anew.\n",
		data);
	return JT_EXIT_OK;
}

static const struct jt_option backup_options[] = {
	{.name = "data", .value = "DIR", .help = "the data directory; its server may be running"},
	{.name = "to", .value = "FILE", .help = "a new file"},
	{0},
};
static const struct jt_option restore_options[] = {
	{.name = "from", .value = "FILE", .help = "what jeton backup made"},
	{.name = "data", .value = "DIR", .help = "a directory without a database; made if it is not there"},
	{0},
};

const struct jt_command jt_cli_backup[] = {
	{.name = "backup",
		.arguments = "",
		.summary = "copy the database while it is in use, and check the copy",
		.example = "jeton backup --data /var/lib/jeton --to /backup/jeton-2026-11-24.db",
		.options = backup_options,
		.run = run_backup},
	{0},
};

const struct jt_command jt_cli_restore[] = {
	{.name = "restore",
		.arguments = "",
		.summary = "make a data directory from a backup",
		.detail = "The backup is checked first. The key file is not in it: put jeton.key beside the database.",
		.example = "jeton restore --from /backup/jeton-2026-11-24.db --data /var/lib/jeton",
		.options = restore_options,
		.run = run_restore},
	{0},
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "db/sqlite.h"

#include "db/engine.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct jt_sql has_meta = {
	"has_meta", "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'"};

enum jt_result jt_engine_has_meta(struct jt_db *db, bool *has)
{
	int64_t n = 0;
	enum jt_result r = jt_db_int(db, &has_meta, JT_NO_BIND, &n);

	*has = n > 0;
	return r;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* How long the quoted text or the comment is that starts at `at`; 0 if none does. An open one ends with the text. */
static size_t skip_length(const char *at)
{
	const char *end = NULL;

	if (*at == '\'' || *at == '"')
		end = strchr(at + 1, *at);
	else if (at[0] == '-' && at[1] == '-')
		end = strchr(at, '\n');
	else
		return 0;
	return end ? (size_t)(end - at) + 1 : strlen(at);
}

/* Copies one word in SQLite's words; returns how much of `at` that was. None is longer than the word it replaces. */
static size_t copy_word(const char *at, char **to)
{
	static const struct {
		const char *from, *into;
	} words[] = {{"BIGINT", "INTEGER"}, {"BYTEA", "BLOB"}};
	size_t length = 0;

	while (is_word(at[length]))
		length++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].from) == length && strncmp(at, words[i].from, length) == 0) {
			*to = stpcpy(*to, words[i].into);
			return length;
		}
	}
	memcpy(*to, at, length);
	*to += length;
	return length;
}

char *jt_sqlite_words(const char *text)
{
	static const char mark[] = "/*sqlite:";
	char *out = malloc(2 * strlen(text) + 1); /* INTEGER is one longer than BIGINT; twice is surely enough */
	char *to = out;

	if (!out)
		return NULL;
	while (*text) {
		size_t n = skip_length(text);
		const char *end = NULL;

		if (n == 0 && is_word(*text)) {
			text += copy_word(text, &to);
			continue;
		}
		if (n == 0 && strncmp(text, mark, sizeof(mark) - 1) == 0 && (end = strstr(text, "*/")) != NULL) {
			text += sizeof(mark) - 1;
			n = (size_t)(end - text);
			memcpy(to, text, n);
			to += n;
			text = end + 2;
			continue;
		}
		n = n == 0 ? 1 : n;
		memcpy(to, text, n);
		to += n;
		text += n;
	}
	*to = '\0';
	return out;
}

enum jt_result jt_engine_script(struct jt_db *db, const char *name, const char *text)
{
	char *words = jt_sqlite_words(text);
	int code = SQLITE_OK;

	if (!words)
		return JT_NOMEM;
	code = sqlite3_exec(db->handle, words, NULL, NULL, NULL);
	free(words);
	return code == SQLITE_OK ? JT_OK : jt_sqlite_failed(db, name, code);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/field.h"

#include "base/id.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* How far into a body an error can be: "members[12].user_id_v2". */
#define PATH_MAX_BYTES 112

struct check {
	enum jt_unknown unknown;
	char *ignored;
	size_t ignored_size;
	struct jt_why *why;
	bool failed;
};

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Counts characters. False if `text` is not UTF-8 or holds a control character that `type` does not allow. */
static bool count_characters(enum jt_field_type type, const char *text, size_t length, int64_t *count)
{
	*count = 0;
	for (size_t at = 0; at < length; ++*count) {
		uint32_t code = 0;
		size_t size = jt_text_next(text + at, length - at, &code);

		if (size == 0)
			return false;
		if (type != JT_FIELD_SECRET && is_control(code) &&
			!(type == JT_FIELD_TEXT && (code == '\n' || code == '\t')))
			return false;
		at += size;
	}
	return true;
}

const char *jt_field_text_wrong(
	enum jt_field_type type, int64_t min, int64_t max, const char *text, size_t length, char room[JT_FIELD_ROOM])
{
	struct jt_id id;
	int64_t count = 0;

	switch (type) {
	case JT_FIELD_EMAIL:
		return jt_text_is_email(text, length) ? NULL : "must be an e-mail address";
	case JT_FIELD_APP:
		return jt_text_is_app(text, length)
			       ? NULL
			       : "must be 1 to 128 of A-Z a-z 0-9 _ : . - and begin and end with a letter or digit";
	case JT_FIELD_ID:
		return jt_id_parse(text, length, &id) == JT_OK ? NULL : "must be a UUID";
	case JT_FIELD_TEXT:
	case JT_FIELD_NAME:
	case JT_FIELD_SECRET:
		break;
	case JT_FIELD_INT:
	case JT_FIELD_BOOL:
	case JT_FIELD_LIST:
	case JT_FIELD_OBJECT:
	case JT_FIELD_MAP:
		return "is of the wrong type";
	}
	if (!count_characters(type, text, length, &count))
		return "must not hold control characters";
	if (count >= min && count <= max)
		return NULL;
	(void)snprintf(room, JT_FIELD_ROOM, "must have %" PRId64 " to %" PRId64 " characters", min, max);
	return room;
}

static void wrong(struct check *k, const char *path, const char *what)
{
	k->failed = true;
	if (jt_why_field(k->why, *path ? path : "body", "%s", what) != JT_VALIDATION)
		k->failed = true;
}

static void check_value(struct check *k, json_t *value, const struct jt_field *f, enum jt_field_type type, int64_t min,
	int64_t max, const char *path);

static void join(char out[PATH_MAX_BYTES], const char *path, const char *name)
{
	/* Names come from a client where a field is unknown: cut, never overrun. */
	int n = snprintf(out, PATH_MAX_BYTES, "%s%s%.64s", path, *path ? "." : "", name);

	if (n >= PATH_MAX_BYTES)
		out[PATH_MAX_BYTES - 1] = '\0';
}

/* "a, b": only visible ASCII may stand in a header; other bytes show as '?'. */
static void note_ignored(struct check *k, const char *name)
{
	size_t used;

	if (k->ignored_size == 0)
		return;
	used = strlen(k->ignored);
	if (used > 0 && used + 2 < k->ignored_size) {
		memcpy(k->ignored + used, ", ", 3);
		used += 2;
	}
	for (; *name && used + 1 < k->ignored_size; name++) {
		char c = *name;

		if (c <= ' ' || c > '~' || c == ',')
			c = '?';
		k->ignored[used++] = c;
	}
	k->ignored[used] = '\0';
}

static const struct jt_field *find(const struct jt_field *fields, const char *name)
{
	for (const struct jt_field *f = fields; f && f->name; f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

static void check_unknown(struct check *k, json_t *object, const struct jt_field *fields, const char *path)
{
	void *next = NULL;
	json_t *item;
	const char *key;

	json_object_foreach_safe(object, next, key, item)
	{
		char at[PATH_MAX_BYTES];

		if (find(fields, key))
			continue;
		join(at, path, key);
		if (k->unknown == JT_UNKNOWN_REFUSED) {
			wrong(k, at, "is not known here");
		} else {
			note_ignored(k, at);
			(void)json_object_del(object, key);
		}
	}
}

static void check_object(struct check *k, json_t *object, const struct jt_field *fields, const char *path)
{
	check_unknown(k, object, fields, path);
	for (const struct jt_field *f = fields; f && f->name; f++) {
		json_t *value = json_object_get(object, f->name);
		char at[PATH_MAX_BYTES];

		join(at, path, f->name);
		if (json_is_null(value)) {
			(void)json_object_del(object, f->name);
			value = NULL;
		}
		if (value)
			check_value(k, value, f, f->type, f->min, f->max, at);
		else if (f->need == JT_REQUIRED)
			wrong(k, at, "is missing");
	}
}

static void check_list(struct check *k, json_t *list, const struct jt_field *f, const char *path)
{
	int64_t count = (int64_t)json_array_size(list);
	size_t i;
	json_t *item;
	char room[JT_FIELD_ROOM];

	if (count < f->min || count > f->max) {
		(void)snprintf(room, sizeof(room), "must have %" PRId64 " to %" PRId64 " items", f->min, f->max);
		wrong(k, path, room);
		return;
	}
	json_array_foreach(list, i, item)
	{
		char at[PATH_MAX_BYTES];
		int n = snprintf(at, sizeof(at), "%s[%zu]", path, i);

		if (n >= PATH_MAX_BYTES)
			at[PATH_MAX_BYTES - 1] = '\0';
		check_value(k, item, f, f->item, f->item_min, f->item_max, at);
	}
}

static void check_int(struct check *k, json_t *value, int64_t min, int64_t max, const char *path)
{
	char room[JT_FIELD_ROOM];

	if (json_is_integer(value) && json_integer_value(value) >= min && json_integer_value(value) <= max)
		return;
	(void)snprintf(room, sizeof(room), "must be an integer from %" PRId64 " to %" PRId64, min, max);
	wrong(k, path, room);
}

static void check_map(struct check *k, json_t *map, int64_t min, int64_t max, const char *path)
{
	const char *key;
	json_t *item;

	json_object_foreach(map, key, item)
	{
		char at[PATH_MAX_BYTES];

		join(at, path, key);
		check_int(k, item, min, max, at);
	}
}

static void check_text(
	struct check *k, json_t *value, enum jt_field_type type, int64_t min, int64_t max, const char *path)
{
	char room[JT_FIELD_ROOM];
	const char *what = NULL;

	if (!json_is_string(value))
		what = "must be a string";
	else
		what = jt_field_text_wrong(type, min, max, json_string_value(value), json_string_length(value), room);
	if (what)
		wrong(k, path, what);
}

static void check_value(struct check *k, json_t *value, const struct jt_field *f, enum jt_field_type type, int64_t min,
	int64_t max, const char *path)
{
	switch (type) {
	case JT_FIELD_INT:
		check_int(k, value, min, max, path);
		break;
	case JT_FIELD_BOOL:
		if (!json_is_boolean(value))
			wrong(k, path, "must be true or false");
		break;
	case JT_FIELD_LIST:
		if (json_is_array(value))
			check_list(k, value, f, path);
		else
			wrong(k, path, "must be a list");
		break;
	case JT_FIELD_OBJECT:
		if (json_is_object(value))
			check_object(k, value, f->of, path);
		else
			wrong(k, path, "must be an object");
		break;
	case JT_FIELD_MAP:
		if (json_is_object(value))
			check_map(k, value, min, max, path);
		else
			wrong(k, path, "must be an object");
		break;
	case JT_FIELD_TEXT:
	case JT_FIELD_NAME:
	case JT_FIELD_SECRET:
	case JT_FIELD_EMAIL:
	case JT_FIELD_APP:
	case JT_FIELD_ID:
		check_text(k, value, type, min, max, path);
		break;
	}
}

enum jt_result jt_body_check(json_t *body, const struct jt_field *root, enum jt_unknown unknown, char *ignored,
	size_t ignored_size, struct jt_why *why)
{
	struct check k = {.unknown = unknown, .ignored = ignored, .ignored_size = ignored_size, .why = why};

	if (ignored_size > 0)
		ignored[0] = '\0';
	check_value(&k, body, root, root->type, root->min, root->max, "");
	return k.failed ? JT_VALIDATION : JT_OK;
}

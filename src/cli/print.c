/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH_MAX 60

/* A value as a cell: to be freed. */
static char *cell(const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_integer(value) && asprintf(&text, "%lld", (long long)json_integer_value(value)) >= 0)
		return text;
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_array(value)) {
		size_t size = 1;

		for (size_t i = 0; i < json_array_size(value); i++)
			size += 2 + json_string_length(json_array_get(value, i));
		text = calloc(1, size);
		for (size_t i = 0; text && i < json_array_size(value); i++) {
			const char *item = json_string_value(json_array_get(value, i));

			if (*text)
				strncat(text, ", ", size - strlen(text) - 1);
			strncat(text, item ? item : "", size - strlen(text) - 1);
		}
		return text;
	}
	return strdup("");
}

/* Characters, not bytes. What could move the cursor or speak to the terminal is shown as '?'. */
static size_t put(const char *text, FILE *to)
{
	size_t length = strlen(text);
	size_t columns = 0;

	for (size_t at = 0; at < length; columns++) {
		uint32_t code = 0;
		size_t n = jt_text_next(text + at, length - at, &code);
		bool bad = n == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0) ||
			   (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);

		n = n ? n : 1;
		if (to && bad)
			(void)fputc('?', to);
		else if (to)
			(void)fwrite(text + at, 1, n, to);
		at += n;
	}
	return columns;
}

void jt_print_clean(const char *text)
{
	(void)put(text, stdout);
}

static void put_cell(const char *text, size_t width, bool last)
{
	size_t used = put(text, stdout);

	for (; !last && used < width + 2; used++)
		putchar(' ');
}

bool jt_print_colourful(void)
{
	const char *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(none && *none);
}

static void print_row(const json_t *row, const struct jt_column *columns, const size_t *width)
{
	for (size_t i = 0; columns[i].key; i++) {
		char *text = row ? cell(json_object_get(row, columns[i].key)) : strdup(columns[i].title);

		put_cell(text ? text : "", width[i], columns[i + 1].key == NULL);
		free(text);
	}
	putchar('\n');
}

static enum jt_exit print_json(json_t *value)
{
	if (json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY) != 0 || putchar('\n') == EOF)
		return jt_complain(JT_EXIT_UNREACHABLE, "cannot write to standard output");
	return JT_EXIT_OK;
}

enum jt_exit jt_print_list(const struct jt_args *args, json_t *list, const struct jt_column *columns)
{
	size_t width[16] = {0};
	bool colour = jt_print_colourful();

	if (jt_args_flag(args, "json"))
		return print_json(list);
	for (size_t i = 0; columns[i].key; i++) {
		width[i] = put(columns[i].title, NULL);
		for (size_t row = 0; row < json_array_size(list); row++) {
			char *text = cell(json_object_get(json_array_get(list, row), columns[i].key));
			size_t w = text ? put(text, NULL) : 0;

			width[i] = w > width[i] ? w : width[i];
			free(text);
		}
		width[i] = width[i] > WIDTH_MAX ? WIDTH_MAX : width[i];
	}
	if (colour)
		fputs("\033[1m", stdout);
	print_row(NULL, columns, width);
	if (colour)
		fputs("\033[0m", stdout);
	for (size_t row = 0; row < json_array_size(list); row++)
		print_row(json_array_get(list, row), columns, width);
	return JT_EXIT_OK;
}

enum jt_exit jt_print_object(const struct jt_args *args, json_t *object, const struct jt_column *columns)
{
	size_t width = 0;

	if (jt_args_flag(args, "json"))
		return print_json(object);
	for (size_t i = 0; columns[i].key; i++)
		width = strlen(columns[i].title) > width ? strlen(columns[i].title) : width;
	for (size_t i = 0; columns[i].key; i++) {
		const json_t *value = json_object_get(object, columns[i].key);
		char *text = value ? cell(value) : NULL;

		if (text && *text) {
			put_cell(columns[i].title, width, false);
			put_cell(text, 0, true);
			putchar('\n');
		}
		free(text);
	}
	return JT_EXIT_OK;
}

enum jt_exit jt_run_list(const struct jt_args *args, const char *path, const struct jt_column *columns)
{
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *list = NULL;

	if (!c)
		return code;
	code = jt_client_list(c, path, &list);
	if (code == JT_EXIT_OK)
		code = jt_print_list(args, list, columns);
	json_decref(list);
	jt_client_free(c);
	return code;
}

enum jt_exit jt_run_call(const struct jt_args *args, const char *method, const char *path, json_t *body,
	const struct jt_column *columns, const char *done)
{
	enum jt_exit code = JT_EXIT_OK;
	struct jt_client *c = jt_client_open(args, &code);
	json_t *response = NULL;

	if (!c) {
		json_decref(body);
		return code;
	}
	code = path ? jt_client_call(c, method, path, body, &response)
		    : jt_complain(JT_EXIT_UNREACHABLE, "out of memory");
	if (code == JT_EXIT_OK && columns && response)
		code = jt_print_object(args, response, columns);
	else if (code == JT_EXIT_OK && jt_args_flag(args, "json"))
		puts("{\"ok\":true}");
	if (code == JT_EXIT_OK && done && !jt_args_flag(args, "json"))
		puts(done);
	json_decref(response);
	jt_client_free(c);
	return code;
}

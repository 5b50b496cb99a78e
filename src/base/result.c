/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	const char *code;
	const char *text;
} results[JT_RESULT_COUNT] = {
#define JT_RESULT_ROW(name, status, code, text) [JT_##name] = {status, code, text},
	JT_RESULTS(JT_RESULT_ROW)
#undef JT_RESULT_ROW
};

static int known(enum jt_result r)
{
	return (unsigned)r < JT_RESULT_COUNT;
}

const char *jt_result_text(enum jt_result r)
{
	return known(r) ? results[r].text : "unknown result";
}

const char *jt_result_code(enum jt_result r)
{
	return known(r) ? results[r].code : "INTERNAL";
}

int jt_result_status(enum jt_result r)
{
	return known(r) ? results[r].status : 500;
}

/* vsnprintf cuts between bytes: drop the beginning of a character whose end did not fit. */
static void cut_at_character(char *text, size_t size)
{
	size_t start = size - 1;
	uint32_t code = 0;

	for (unsigned back = 0; start > 0 && back < 4; back++) {
		start--;
		if (((unsigned char)text[start] & 0xc0) != 0x80)
			break;
	}
	if (jt_text_next(text + start, size - 1 - start, &code) == 0)
		text[start] = '\0';
}

static void print_cut(char *out, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

static void print_cut(char *out, size_t size, const char *format, va_list args)
{
	/* The callers start it: the analyser loses sight of that through two variadic functions.
	 * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
	int n = vsnprintf(out, size, format, args);

	if (n < 0)
		out[0] = '\0';
	else if ((size_t)n >= size)
		cut_at_character(out, size);
}

bool jt_result_about_power(enum jt_result r)
{
	return jt_result_status(r) == 403 || r == JT_FELLOW_ADMIN || r == JT_OWNER_PROTECTED;
}

enum jt_result jt_why_say(struct jt_why *why, enum jt_result r, const char *format, ...)
{
	if (why) {
		va_list args;

		va_start(args, format);
		print_cut(why->message, sizeof(why->message), format, args);
		va_end(args);
	}
	return r;
}

enum jt_result jt_why_field(struct jt_why *why, const char *field, const char *format, ...)
{
	if (why && why->fields < JT_WHY_FIELDS_MAX) {
		char what[JT_WHY_FIELD_MAX];
		char *row = why->field[why->fields++];
		va_list args;
		int n;

		va_start(args, format);
		print_cut(what, sizeof(what), format, args);
		va_end(args);
		n = snprintf(row, JT_WHY_FIELD_MAX, "%s: %s", field, what);
		if (n >= JT_WHY_FIELD_MAX)
			cut_at_character(row, JT_WHY_FIELD_MAX);
	}
	return JT_VALIDATION;
}

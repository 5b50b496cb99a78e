/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define TAIL 16 /* kept for what ends a line: closing quote, cut mark, brace, newline */

static _Atomic int least_level = JT_LOG_INFO;
static _Atomic int line_format = JT_LOG_LOGFMT;

struct line {
	char at[LINE_MAX_BYTES];
	size_t size;
	bool json;
	bool cut;
};

void jt_log_setup(enum jt_log_level least, enum jt_log_format format)
{
	atomic_store(&least_level, (int)least);
	atomic_store(&line_format, (int)format);
}

/* Appends all of it, or nothing and marks the line as cut. */
static bool append(struct line *l, const char *bytes, size_t size)
{
	if (l->cut || size > sizeof(l->at) - TAIL - l->size) {
		l->cut = true;
		return false;
	}
	memcpy(l->at + l->size, bytes, size);
	l->size += size;
	return true;
}

/* What a terminal or a reader could take for something else: controls, line separators, marks that turn the text. */
static bool must_escape(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0x200e || c == 0x200f || c == 0xfeff;
}

/* Appends one character as it stands between quotes; returns how many bytes of `text` it was. */
static size_t append_character(struct line *l, const char *text, size_t length)
{
	uint32_t code = 0;
	size_t size = jt_text_next(text, length, &code);
	char escaped[8];
	int n = 0;

	if (size == 0)
		n = snprintf(escaped, sizeof(escaped), "\\ufffd");
	else if (code == '"' || code == '\\')
		n = snprintf(escaped, sizeof(escaped), "\\%c", (int)code);
	else if (code == '\n' || code == '\r' || code == '\t')
		n = snprintf(escaped, sizeof(escaped), "\\%c", code == '\n' ? 'n' : code == '\r' ? 'r' : 't');
	else if (must_escape(code))
		n = snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned)(code & 0xffff));
	(void)(n > 0 ? append(l, escaped, (size_t)n) : append(l, text, size));
	return size > 0 ? size : 1;
}

static void append_quoted(struct line *l, const char *text)
{
	size_t length = strlen(text);

	if (!append(l, "\"", 1))
		return;
	for (size_t at = 0; at < length && !l->cut;)
		at += append_character(l, text + at, length - at);
	l->at[l->size++] = '"'; /* from TAIL */
}

/* logfmt leaves quotes out where nothing could be mistaken. */
static bool is_bare(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text <= ' ' || *text > '~' || *text == '"' || *text == '=' || *text == '\\')
			return false;
	}
	return true;
}

/* Room for a value of at least two bytes is made sure of with the key, so that a cut never leaves a key alone. */
static bool append_key(struct line *l, const char *key)
{
	size_t length = strlen(key);
	size_t before = l->size;

	if (length + 32 > sizeof(l->at) - TAIL - l->size) {
		l->cut = true;
		return false;
	}
	(void)(l->json ? append(l, before > 1 ? ",\"" : "\"", before > 1 ? 2 : 1) : append(l, " ", before > 0 ? 1 : 0));
	(void)append(l, key, length);
	(void)(l->json ? append(l, "\":", 2) : append(l, "=", 1));
	return true;
}

static void append_field(struct line *l, const char *key, const char *text, long long number)
{
	char digits[24];

	if (l->cut || !append_key(l, key))
		return;
	if (!text) {
		int n = snprintf(digits, sizeof(digits), "%lld", number);

		(void)append(l, digits, (size_t)n);
	} else if (!l->json && is_bare(text) && strlen(text) <= sizeof(l->at) - TAIL - l->size) {
		(void)append(l, text, strlen(text));
	} else {
		append_quoted(l, text);
	}
}

static void append_time(struct line *l)
{
	int64_t now = jt_clock_ns();
	char second[JT_TIME_TEXT_SIZE];
	char text[JT_TIME_TEXT_SIZE + 4];

	(void)jt_time_text(now / JT_NS_PER_S, second);
	(void)snprintf(
		text, sizeof(text), "%.*s.%03dZ", (int)strlen(second) - 1, second, (int)(now % JT_NS_PER_S / 1000000));
	append_field(l, "ts", text, 0);
}

static void finish(struct line *l)
{
	const char *end = l->json ? "}\n" : "\n";

	if (l->cut) {
		const char *mark = l->json ? ",\"cut\":1" : " cut=1";

		memcpy(l->at + l->size, mark, strlen(mark));
		l->size += strlen(mark);
	}
	memcpy(l->at + l->size, end, strlen(end));
	l->size += strlen(end);
}

void jt_log_fields(enum jt_log_level level, const char *event, const struct jt_log_field *fields, size_t count)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	struct line l;
	int kept_errno = errno;

	if ((int)level < atomic_load(&least_level))
		return;
	l.size = 0;
	l.cut = false;
	l.json = atomic_load(&line_format) == JT_LOG_JSON;
	if (l.json)
		(void)append(&l, "{", 1);
	append_time(&l);
	append_field(&l, "level", (unsigned)level <= JT_LOG_ERROR ? levels[level] : "error", 0);
	append_field(&l, "event", event, 0);
	for (size_t i = 0; i < count; i++)
		append_field(&l, fields[i].key, fields[i].text, fields[i].number);
	finish(&l);
	while (write(STDERR_FILENO, l.at, l.size) < 0 && errno == EINTR)
		continue;
	errno = kept_errno;
}

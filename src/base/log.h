/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_LOG_H
#define JT_BASE_LOG_H

#include <stddef.h>

/* Structured logs, one line an event, to standard error: logfmt or JSON lines. Values are escaped, so that no input can
 * forge a line or a field. Thread-safe: one write(2) a line. Never give it a secret. */
enum jt_log_level { JT_LOG_DEBUG, JT_LOG_INFO, JT_LOG_WARN, JT_LOG_ERROR };
enum jt_log_format { JT_LOG_LOGFMT, JT_LOG_JSON };

/* What is written, and how, from now on: JT_LOG_INFO and logfmt until it is called. Any thread. */
void jt_log_setup(enum jt_log_level least, enum jt_log_format format);

struct jt_log_field {
	const char *key;  /* [a-z_]+ */
	const char *text; /* NULL: `number` is meant */
	long long number;
};

/* A function, so that arrays and literals pass -Waddress. NULL becomes "". */
static inline const char *jt_log_or_empty(const char *text)
{
	return text ? text : "";
}

#define JT_LT(k, v) ((struct jt_log_field){.key = (k), .text = jt_log_or_empty(v)})
#define JT_LN(k, v) ((struct jt_log_field){.key = (k), .text = NULL, .number = (v)})

/* `event` is a short constant phrase. Lines over 4 KiB are cut, and say so with cut=1. */
void jt_log_fields(enum jt_log_level level, const char *event, const struct jt_log_field *fields, size_t count);
/* jt_log(JT_LOG_INFO, "token issued", JT_LT("org", text), JT_LN("ms", 3)). At least one field; jt_log_fields(level, event,
 * NULL, 0) says an event without any. */
#define jt_log(level, event, ...) \
	jt_log_fields((level), (event), (const struct jt_log_field[]){__VA_ARGS__}, \
		sizeof((const struct jt_log_field[]){__VA_ARGS__}) / sizeof(struct jt_log_field))

#endif

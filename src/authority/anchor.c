/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/anchor.h"

#include "authority/audit.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "2026-11-23T23:59:59Z <uuid> <seq> <64 hex digits>" without the newline. */
static enum jt_result parse(const char *line, size_t length, struct jt_id *org, struct jt_anchor *out)
{
	const char *at[4];
	size_t size[4];
	uint64_t seq = 0;

	for (unsigned i = 0; i < 4; i++) {
		const char *space = i < 3 ? memchr(line, ' ', length) : line + length;

		if (!space)
			return JT_MALFORMED;
		at[i] = line;
		size[i] = (size_t)(space - line);
		length -= i < 3 ? size[i] + 1 : size[i];
		line = space + 1;
	}
	if (jt_id_parse(at[1], size[1], org) != JT_OK || jt_text_u64(at[2], size[2], INT64_MAX, &seq) != JT_OK ||
		jt_unhex(at[3], size[3], out->mac, sizeof(out->mac)) != JT_OK)
		return JT_MALFORMED;
	out->seq = (int64_t)seq;
	return JT_OK;
}

static int by_seq(const void *a, const void *b)
{
	const struct jt_anchor *first = a;
	const struct jt_anchor *second = b;

	return first->seq < second->seq ? -1 : first->seq > second->seq;
}

static enum jt_result keep(struct jt_anchor **all, size_t *count, size_t *room, const struct jt_anchor *one)
{
	if (*count == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct jt_anchor *grown = realloc(*all, more * sizeof(*grown));

		if (!grown)
			return JT_NOMEM;
		*all = grown;
		*room = more;
	}
	(*all)[(*count)++] = *one;
	return JT_OK;
}

enum jt_result jt_anchors_read(
	const char *path, const struct jt_id *org, struct jt_anchor **out, size_t *count, size_t *unread)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t line_room = 0;
	size_t room = 0;
	ssize_t length = 0;
	enum jt_result r = JT_OK;

	*out = NULL;
	*count = 0;
	*unread = 0;
	if (!file)
		return errno == ENOENT ? JT_OK : JT_IO;
	while (r == JT_OK && (length = getline(&line, &line_room, file)) > 0) {
		struct jt_anchor one;
		struct jt_id whose;

		if (line[length - 1] != '\n' || parse(line, (size_t)length - 1, &whose, &one) != JT_OK)
			(*unread)++;
		else if (jt_id_equal(&whose, org))
			r = keep(out, count, &room, &one);
	}
	if (r == JT_OK && ferror(file))
		r = JT_IO;
	free(line);
	(void)fclose(file);
	if (r != JT_OK) {
		free(*out);
		*out = NULL;
		*count = 0;
	} else if (*count > 1) {
		qsort(*out, *count, sizeof(**out), by_seq);
	}
	return r;
}

/* A line for each org into `lines`, and into the log. */
static enum jt_result list_heads(struct jt_db *db, struct jt_buf *lines)
{
	struct jt_rows *rows = NULL;
	char now[JT_TIME_TEXT_SIZE];
	enum jt_result r = jt_chain_scan(db, &rows);

	(void)jt_time_text(jt_clock_s(), now);
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		struct jt_id org = jt_rows_id(rows, 0);
		size_t size = 0;
		const void *mac = jt_rows_bytes(rows, 2, &size);
		char org_text[JT_ID_TEXT_SIZE];
		char mac_text[2 * JT_MAC_SIZE + 1];

		if (size != JT_MAC_SIZE)
			continue;
		(void)jt_id_text(&org, org_text);
		(void)jt_hex(mac, size, mac_text);
		jt_buf_printf(lines, "%s %s %lld %s\n", now, org_text, (long long)jt_rows_int(rows, 1), mac_text);
		jt_log(JT_LOG_INFO, "audit head", JT_LT("org", org_text), JT_LN("seq", (long long)jt_rows_int(rows, 1)),
			JT_LT("mac", mac_text));
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? jt_buf_check(lines) : r;
}

static enum jt_result append(const char *path, const struct jt_buf *lines)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char last = '\n';
	off_t end = 0;
	size_t done = 0;
	enum jt_result r = JT_OK;

	if (fd < 0)
		return JT_IO;
	/* A line that a crash tore is ended, so that it spoils no other. */
	end = lseek(fd, 0, SEEK_END);
	if (end > 0 && (pread(fd, &last, 1, end - 1) != 1 || (last != '\n' && write(fd, "\n", 1) != 1)))
		r = JT_IO;
	while (r == JT_OK && done < lines->size) {
		ssize_t n = write(fd, lines->data + done, lines->size - done);

		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno != EINTR)
			r = errno == ENOSPC ? JT_DISK_FULL : JT_IO;
	}
	if (r == JT_OK && fsync(fd) != 0)
		r = JT_IO;
	if (close(fd) != 0 && r == JT_OK)
		r = JT_IO;
	return r;
}

enum jt_result jt_audit_anchor(struct jt_db *db, const char *anchor_path)
{
	struct jt_buf lines = {0};
	enum jt_result r = list_heads(db, &lines);

	if (r == JT_OK && anchor_path && lines.size > 0)
		r = append(anchor_path, &lines);
	jt_buf_free(&lines);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "http/call.h"
#include "store/audit.h"

#include <stdlib.h>
#include <string.h>

/* The audit log as CSV (RFC 4180). */

/* A cell that a spreadsheet would take for a formula gets a quote in front, so that it is shown, not run. */
static void put_cell(struct jt_buf *b, const char *text, bool last)
{
	jt_buf_put_u8(b, '"');
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		jt_buf_put_u8(b, '\'');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			jt_buf_put_u8(b, '"');
		jt_buf_put_u8(b, (uint8_t)*p);
	}
	jt_buf_put_text(b, last ? "\"\r\n" : "\",");
}

static void put_id(struct jt_buf *b, const struct jt_id *id)
{
	char text[JT_ID_TEXT_SIZE];

	put_cell(b, jt_id_is_none(id) ? "" : jt_id_text(id, text), false);
}

static void put_row(struct jt_buf *b, const struct jt_audit_row *row)
{
	char time[JT_TIME_TEXT_SIZE];

	jt_buf_printf(b, "%lld,", (long long)row->seq);
	put_cell(b, jt_time_text(row->time_ns / JT_NS_PER_S, time), false);
	put_cell(b, row->actor, false);
	put_id(b, &row->token);
	put_id(b, &row->account);
	put_cell(b, row->address, false);
	put_cell(b, row->request, false);
	put_cell(b, row->operation, false);
	put_cell(b, row->target_type, false);
	put_cell(b, row->target, false);
	put_cell(b, row->detail, false);
	put_cell(b, row->outcome, false);
	jt_buf_printf(b, "%lld\r\n", (long long)row->folded);
}

/* One or two digits from 1 to `max`. */
static bool number(const char *text, uint64_t max, int *out)
{
	uint64_t v = 0;

	if (text[0] == '0' && text[1] != '\0')
		text++;
	if (jt_text_u64(text, strlen(text), max, &v) != JT_OK || v == 0)
		return false;
	*out = (int)v;
	return true;
}

/* The span of a month or of a day, in seconds: from included, until not. JT_NOT_FOUND if there is no such day. */
static enum jt_result span(const struct jt_call *c, bool of_day, int64_t *from, int64_t *until)
{
	int year = 0, month = 0, day = 1;
	enum jt_result r = JT_NOT_FOUND;

	if (!number(jt_call_path(c, "year"), 9998, &year) || year < 1970 ||
		!number(jt_call_path(c, "month"), 12, &month) || (of_day && !number(jt_call_path(c, "day"), 31, &day)))
		return JT_NOT_FOUND;
	r = jt_time_of_day(year, month, day, from);
	if (r != JT_OK)
		return JT_NOT_FOUND;
	if (of_day)
		*until = *from + 86400;
	else
		r = jt_time_of_day(month == 12 ? year + 1 : year, month % 12 + 1, 1, until);
	return r == JT_OK ? JT_OK : JT_NOT_FOUND;
}

/* A month of a busy org is more than anybody wants in memory: it is read in parts, each beginning where the last one ended. */
#define ROWS_AT_ONCE 128

struct export
{
	struct jt_stream stream;
	struct jt_id org;
	struct jt_audit_span left;
	bool begun;
};

static enum jt_result more(struct jt_stream *stream, struct jt_tx *tx, struct jt_buf *out)
{
	struct export *e = (struct export *)(void *)stream;
	struct jt_rows *rows = NULL;
	struct jt_audit_row row;
	int64_t count = 0;
	enum jt_result r = jt_audit_between(tx->db, &e->org, &e->left, &rows);

	if (!e->begun)
		jt_buf_put_text(out, "seq,time,actor,token_id,user_id,address,request_id,operation,target_type,target,"
				     "detail,outcome,count\r\n");
	e->begun = true;
	while (r == JT_OK && (r = jt_audit_next(rows, &row)) == JT_OK) {
		put_row(out, &row);
		e->left.from_ns = row.time_ns;
		e->left.after_seq = row.seq;
		count++;
	}
	jt_rows_close(&rows);
	return r == JT_DONE && count == e->left.limit ? JT_OK : r;
}

static void end(struct jt_stream *stream)
{
	free(stream);
}

static enum jt_result export_span(struct jt_call *c, bool of_day)
{
	int64_t from = 0, until = 0;
	struct export *e = NULL;
	enum jt_result r = span(c, of_day, &from, &until);

	if (r != JT_OK)
		return jt_why_say(&c->why, r, "there is no such %s", of_day ? "day" : "month");
	e = calloc(1, sizeof(*e));
	if (!e)
		return JT_NOMEM;
	*e = (struct export){.stream = {.more = more, .end = end},
		.org = c->org,
		.left = {.from_ns = from * JT_NS_PER_S, .until_ns = until * JT_NS_PER_S, .limit = ROWS_AT_ONCE}};
	return jt_call_answer_stream(c, &e->stream, "application/csv");
}

static enum jt_result run_month(struct jt_call *c, struct jt_tx *tx)
{
	(void)tx;
	return export_span(c, false);
}

static enum jt_result run_day(struct jt_call *c, struct jt_tx *tx)
{
	(void)tx;
	return export_span(c, true);
}

#define CSV "/api/v4/orgs/{org}/audit/csv/{year}/{month}"

const struct jt_op jt_api_audit[] = {
	{.id = "export_audit_month",
		.method = "GET",
		.path = CSV,
		.scope = "org_audit_trail:read",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_FULL,
		.run = run_month},
	{.id = "export_audit_day",
		.method = "GET",
		.path = CSV "/{day}",
		.scope = "org_audit_trail:read",
		.level = JT_LEVEL_ORG,
		.flags = JT_OP_FULL,
		.run = run_day},
	{0},
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trace.h"

#include <string.h>

#define VERSION 1
#define MINUTE_S 60
#define USES_MAX (1LL << 62)

void jt_trace_add_day(struct jt_trace *t, int64_t day, int64_t uses)
{
	const int64_t later = day - t->day;
	uint32_t *at = NULL;

	if (later >= JT_TRACE_DAYS) {
		memset(t->uses, 0, sizeof(t->uses));
	} else if (later > 0) {
		memmove(t->uses + later, t->uses, (size_t)(JT_TRACE_DAYS - later) * sizeof(t->uses[0]));
		memset(t->uses, 0, (size_t)later * sizeof(t->uses[0]));
	}
	if (later > 0)
		t->day = day;
	if (t->day - day >= JT_TRACE_DAYS)
		return;
	at = &t->uses[t->day - day];
	*at = uses < UINT32_MAX - *at ? *at + (uint32_t)uses : UINT32_MAX;
}

/* Which of the places has the address; t->places if none has. */
static unsigned find(const struct jt_trace *t, const struct jt_address *from)
{
	unsigned at = 0;

	while (at < t->places && memcmp(&t->place[at].from, from, sizeof(*from)) != 0)
		at++;
	return at;
}

void jt_trace_add_place(struct jt_trace *t, const struct jt_trace_place *p)
{
	struct jt_trace_place now = *p;
	unsigned at = find(t, &p->from);

	if (at < t->places) {
		const struct jt_trace_place *was = &t->place[at];

		now.uses = p->uses < USES_MAX - was->uses ? was->uses + p->uses : USES_MAX;
		if (was->last_used_s > now.last_used_s)
			now.last_used_s = was->last_used_s;
	} else if (t->places < JT_TRACE_PLACES) {
		at = t->places++;
	} else {
		at = JT_TRACE_PLACES - 1;
		if (t->place[at].last_used_s > now.last_used_s)
			return;
	}
	for (; at > 0 && t->place[at - 1].last_used_s <= now.last_used_s; at--)
		t->place[at] = t->place[at - 1];
	t->place[at] = now;
}

void jt_trace_add(struct jt_trace *t, const struct jt_trace *with)
{
	for (int64_t day = with->day - JT_TRACE_DAYS + 1; day <= with->day; day++)
		if (jt_trace_on(with, day))
			jt_trace_add_day(t, day, jt_trace_on(with, day));
	for (unsigned i = with->places; i-- > 0;)
		jt_trace_add_place(t, &with->place[i]);
}

int64_t jt_trace_on(const struct jt_trace *t, int64_t day)
{
	return day > t->day || t->day - day >= JT_TRACE_DAYS ? 0 : t->uses[t->day - day];
}

void jt_trace_write(const struct jt_trace *t, struct jt_buf *out)
{
	uint8_t days = JT_TRACE_DAYS;

	while (days > 0 && t->uses[days - 1] == 0)
		days--;
	jt_buf_put_u8(out, VERSION);
	jt_buf_put_u32(out, (uint32_t)t->day);
	jt_buf_put_u8(out, days);
	for (unsigned i = 0; i < days; i++)
		jt_buf_put_u32(out, t->uses[i]);
	jt_buf_put_u8(out, (uint8_t)t->places);
	for (unsigned i = 0; i < t->places; i++) {
		jt_buf_put(out, t->place[i].from.b, sizeof(t->place[i].from.b));
		jt_buf_put_u32(out, (uint32_t)(t->place[i].last_used_s / MINUTE_S));
		jt_buf_put_u64(out, (uint64_t)t->place[i].uses);
	}
}

static enum jt_result read_days(struct jt_reader *in, struct jt_trace *out)
{
	uint32_t day = 0;
	uint8_t days = 0;
	enum jt_result r = jt_read_u32(in, &day);

	out->day = day;
	if (r == JT_OK)
		r = jt_read_u8(in, &days);
	if (r == JT_OK && days > JT_TRACE_DAYS)
		r = JT_MALFORMED;
	for (unsigned i = 0; r == JT_OK && i < days; i++)
		r = jt_read_u32(in, &out->uses[i]);
	return r;
}

static enum jt_result read_places(struct jt_reader *in, int64_t today, struct jt_trace *out)
{
	uint8_t places = 0;
	enum jt_result r = jt_read_u8(in, &places);

	if (r == JT_OK && places > JT_TRACE_PLACES)
		r = JT_MALFORMED;
	for (unsigned i = 0; r == JT_OK && i < places; i++) {
		struct jt_trace_place p = {.uses = 0};
		uint32_t minute = 0;
		uint64_t uses = 0;

		r = jt_read_bytes(in, p.from.b, sizeof(p.from.b));
		if (r == JT_OK)
			r = jt_read_u32(in, &minute);
		if (r == JT_OK)
			r = jt_read_u64(in, &uses);
		p.last_used_s = (int64_t)minute * MINUTE_S;
		p.uses = uses < USES_MAX ? (int64_t)uses : USES_MAX;
		if (r == JT_OK && p.last_used_s / JT_TRACE_DAY_S <= today)
			out->place[out->places++] = p;
	}
	return r;
}

void jt_trace_read(const void *bytes, size_t size, int64_t today, struct jt_trace *out)
{
	struct jt_reader in = jt_reader_of(bytes, size);
	struct jt_trace was = {.day = 0};
	uint8_t version = 0;
	enum jt_result r = jt_read_u8(&in, &version);

	memset(out, 0, sizeof(*out));
	if (r == JT_OK && version != VERSION)
		r = JT_MALFORMED;
	if (r == JT_OK)
		r = read_days(&in, &was);
	if (r == JT_OK)
		r = read_places(&in, today, &was);
	if (r == JT_OK)
		r = jt_read_end(&in);
	if (r != JT_OK)
		return;
	/* Where the newest day cannot be, those that can are kept. */
	*out = was;
	if (was.day <= today)
		return;
	out->day = 0;
	memset(out->uses, 0, sizeof(out->uses));
	for (int64_t day = today - JT_TRACE_DAYS + 1; day <= today; day++)
		jt_trace_add_day(out, day, jt_trace_on(&was, day));
}

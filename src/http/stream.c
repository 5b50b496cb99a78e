/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include "base/log.h"
#include "http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jt_sending {
	struct jt_authority *au;
	struct jt_stream *stream;
	struct jt_buf part;
	size_t sent; /* of `part` */
	bool over;
	char request[JT_REQUEST_ID_MAX + 1];
};

struct jt_sending *jt_sending_new(struct jt_authority *au, struct jt_stream *stream, const char *request)
{
	struct jt_sending *s = calloc(1, sizeof(*s));

	if (!s) {
		stream->end(stream);
		return NULL;
	}
	s->au = au;
	s->stream = stream;
	(void)snprintf(s->request, sizeof(s->request), "%s", request);
	return s;
}

static enum jt_result read_part(struct jt_sending *s)
{
	struct jt_tx tx;
	enum jt_result r = jt_reading_begin(s->au, &tx);

	jt_buf_free(&s->part);
	s->sent = 0;
	if (r != JT_OK)
		return r;
	r = s->stream->more(s->stream, &tx, &s->part);
	jt_reading_end(&tx);
	if (r == JT_DONE)
		s->over = true;
	return r == JT_DONE || r == JT_OK ? jt_buf_check(&s->part) : r;
}

ssize_t jt_sending_next(struct jt_sending *s, char *out, size_t max)
{
	size_t size;

	while (s->sent == s->part.size) {
		enum jt_result r = s->over ? JT_DONE : read_part(s);

		if (r == JT_DONE)
			return 0;
		if (r != JT_OK) {
			jt_log(JT_LOG_ERROR, "an answer was cut", JT_LT("id", s->request),
				JT_LT("why", jt_result_text(r)));
			return -1;
		}
	}
	size = s->part.size - s->sent;
	if (size > max)
		size = max;
	memcpy(out, s->part.data + s->sent, size);
	s->sent += size;
	return (ssize_t)size;
}

void jt_sending_free(struct jt_sending *s)
{
	if (!s)
		return;
	jt_buf_free(&s->part);
	s->stream->end(s->stream);
	free(s);
}

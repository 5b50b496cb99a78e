/* SPDX-License-Identifier: Apache-2.0 */
#include "http/quick.h"

#include "base/clock.h"
#include "http/credential.h"
#include "http/date.h"
#include "http/inside.h"

#include <string.h>

bool jt_lane_fits(const struct jt_lane *lane, const struct jt_quick *q)
{
	bool same = lane->response != NULL && lane->parts == q->parts;

	for (unsigned i = 0; same && i < q->parts; i++)
		same = lane->size[i] == q->part[i].size;
	return same;
}

bool jt_quick_begin(struct jt_server *s, struct jt_wire *w, const char *target)
{
	struct jt_lane *lane = &w->lane;
	size_t path = s->quick_path_size;

	if (!s->quick || strncmp(target, s->quick->path, path) != 0 || target[path] != '?')
		return false;
	lane->target_size = strnlen(target, sizeof(lane->target));
	if (lane->target_size == sizeof(lane->target))
		return false;
	memcpy(lane->target, target, lane->target_size + 1);
	lane->ready = lane->answered = false;
	return true;
}

static bool is_plain(const struct jt_head_lines *h)
{
	return h->result == JT_OK && !h->has_length && !h->transfer_encoding && !h->content_type && !h->min_seq;
}

bool jt_quick_judge(struct jt_server *s, struct jt_wire *w, const char *method, const struct jt_head_lines *head,
	struct jt_quick *out)
{
	struct jt_lane *lane = &w->lane;
	const char *id = head->request_id ? head->request_id : w->id;
	const char *token = jt_bearer(head->authorization);
	struct jt_address told;
	struct jt_quick_ask ask = {.au = s->au, .token = token, .kept = &lane->kept, .from = &w->from};

	if (!token || !is_plain(head) || strcmp(method, "GET") != 0 || atomic_load(&s->stopping) ||
		(head->request_id && !jt_request_id_is_fit(head->request_id)))
		return false;
	if (jt_head_forwarded(head, s->trusted_hops, &told))
		ask.from = &told;
	ask.now_s = jt_clock_s();
	ask.query = lane->target + s->quick_path_size + 1;
	ask.query_size = lane->target_size - s->quick_path_size - 1;
	ask.token_size = strlen(token);
	out->parts = 0;
	jt_quick_put(out, "Date", jt_http_date(ask.now_s), JT_HTTP_DATE_SIZE - 1);
	jt_quick_put(out, "X-Request-Id", id, strlen(id));
	if (!s->quick->quick(&ask, out))
		return false;
	jt_metrics_count(&s->metrics, s->quick_index, 204, JT_OK, jt_clock_mono_ns() - lane->started_ns);
	return true;
}

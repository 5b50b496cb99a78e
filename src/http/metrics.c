/* SPDX-License-Identifier: Apache-2.0 */
#include "http/metrics.h"

#include "authority/usage.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdlib.h>

enum jt_result jt_metrics_start(struct jt_metrics *m, unsigned ops)
{
	m->ops = ops;
	m->by_op = calloc((size_t)(ops + 1) * JT_STATUS_CLASSES, sizeof(*m->by_op));
	return m->by_op ? JT_OK : JT_NOMEM;
}

void jt_metrics_end(struct jt_metrics *m)
{
	free(m->by_op);
	m->by_op = NULL;
}

static void more(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

void jt_metrics_count(struct jt_metrics *m, unsigned op, int status, enum jt_result result, int64_t ns)
{
	unsigned class = status >= 100 && status < 600 ? (unsigned)status / 100 - 1 : JT_STATUS_CLASSES - 1;

	more(&m->by_op[(op <= m->ops ? op : m->ops) * JT_STATUS_CLASSES + class], 1);
	more(&m->nanoseconds, ns > 0 ? (uint64_t)ns : 0);
	if (result != JT_OK && (unsigned)result < JT_RESULT_COUNT)
		more(&m->by_result[result], 1);
}

static void head(struct jt_buf *out, const char *name, const char *type, const char *help)
{
	jt_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct jt_buf *out, const char *name, const char *help, int64_t value)
{
	head(out, name, "gauge", help);
	jt_buf_printf(out, "%s %" PRId64 "\n", name, value);
}

static void print_requests(const struct jt_metrics *m, const struct jt_routes *routes, struct jt_buf *out)
{
	head(out, "jeton_requests_total", "counter", "Requests answered, by operation and class of status.");
	for (unsigned op = 0; op <= m->ops; op++) {
		for (unsigned class = 0; class < JT_STATUS_CLASSES; class ++) {
			uint64_t count =
				atomic_load_explicit(&m->by_op[op * JT_STATUS_CLASSES + class], memory_order_relaxed);
			const struct jt_op *known = jt_routes_op(routes, op);

			if (count > 0)
				jt_buf_printf(out,
					"jeton_requests_total{operation=\"%s\",status=\"%uxx\"} %" PRIu64 "\n",
					known ? known->id : "none", class + 1, count);
		}
	}
}

static void print_refusals(const struct jt_metrics *m, struct jt_buf *out)
{
	head(out, "jeton_refusals_total", "counter", "Tokens and scopes refused, by the step that refused.");
	for (unsigned i = 1; i < JT_STEP_COUNT; i++)
		jt_buf_printf(out, "jeton_refusals_total{step=\"%s\"} %" PRIu64 "\n", jt_step_name((enum jt_step)i),
			atomic_load_explicit(&m->by_step[i], memory_order_relaxed));
	head(out, "jeton_errors_total", "counter", "Errors answered, by code.");
	for (unsigned i = 1; i < JT_RESULT_COUNT; i++) {
		uint64_t count = atomic_load_explicit(&m->by_result[i], memory_order_relaxed);

		if (count > 0)
			jt_buf_printf(out, "jeton_errors_total{result=\"%u\",code=\"%s\"} %" PRIu64 "\n", i,
				jt_result_code((enum jt_result)i), count);
	}
}

static void print_usage(struct jt_authority *au, struct jt_buf *out)
{
	struct jt_usage_counts c = {0};

	if (jt_authority_usage(au))
		jt_usage_count(jt_authority_usage(au), &c);
	gauge(out, "jeton_usage_verifiers", "Processes that hand over what they verify.", (int64_t)c.verifiers);
	head(out, "jeton_usage_uses_total", "counter", "Uses of tokens taken from verifiers.");
	jt_buf_printf(out, "jeton_usage_uses_total %" PRIu64 "\n", c.uses);
	head(out, "jeton_usage_dropped_total", "counter", "What was not counted, by why.");
	jt_buf_printf(out, "jeton_usage_dropped_total{why=\"no room in the verifier\"} %" PRIu64 "\n", c.lost);
	jt_buf_printf(out, "jeton_usage_dropped_total{why=\"token not known\"} %" PRIu64 "\n", c.unknown);
	jt_buf_printf(out, "jeton_usage_dropped_total{why=\"not of our format\"} %" PRIu64 "\n", c.wrong);
	jt_buf_printf(out, "jeton_usage_dropped_total{why=\"from where\"} %" PRIu64 "\n", c.unplaced);
	head(out, "jeton_usage_refused_total", "counter", "Verifiers turned away.");
	jt_buf_printf(out, "jeton_usage_refused_total %" PRIu64 "\n", c.refused);
}

void jt_metrics_print(
	const struct jt_metrics *m, const struct jt_routes *routes, struct jt_authority *au, struct jt_buf *out)
{
	struct jt_table *table = jt_authority_table(au);

	print_requests(m, routes, out);
	print_refusals(m, out);
	head(out, "jeton_requests_expired_total", "counter", "Requests that did not arrive in time.");
	jt_buf_printf(out, "jeton_requests_expired_total %" PRIu64 "\n", atomic_load(&m->expired));
	head(out, "jeton_request_seconds_total", "counter",
		"Time from the first line of a request to its answer, summed.");
	jt_buf_printf(out, "jeton_request_seconds_total %.6f\n", (double)atomic_load(&m->nanoseconds) / JT_NS_PER_S);
	gauge(out, "jeton_connections", "Open connections.", atomic_load(&m->connections));
	gauge(out, "jeton_requests_active", "Requests being read or answered.", atomic_load(&m->active));
	gauge(out, "jeton_committer_waiting", "Writes with the committer.", atomic_load(&m->writing));
	gauge(out, "jeton_passwords_waiting", "Requests with the password pool.", atomic_load(&m->hashing));
	gauge(out, "jeton_table_sequence", "The last change that the table holds.", (int64_t)jt_table_watermark(table));
	gauge(out, "jeton_table_poisoned", "1 if the table could not be kept and refuses.", jt_table_poisoned(table));
	gauge(out, "jeton_tokens", "Tokens in the table.", (int64_t)jt_table_tokens(table));
	print_usage(au, out);
	head(out, "jeton_build_info", "gauge", "Always 1; the labels say what runs.");
	jt_buf_printf(out, "jeton_build_info{version=\"%s\"} 1\n", JT_HTTP_VERSION);
}

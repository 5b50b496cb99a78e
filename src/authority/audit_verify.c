/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/audit.h"

#include "authority/anchor.h"
#include "authority/chain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	struct jt_db *db;
	const struct jt_keys *keys;
	const struct jt_id *org;
	struct jt_anchor *anchors;
	size_t anchor_count, anchor_at, unread;
	int64_t last; /* the last row that was found good */
	uint8_t mac[JT_MAC_SIZE];
	struct jt_audit_verdict *out;
};

static void say(struct jt_audit_verdict *out, enum jt_audit_state state, int64_t seq, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void say(struct jt_audit_verdict *out, enum jt_audit_state state, int64_t seq, const char *format, ...)
{
	va_list args;

	out->state = state;
	out->seq = seq;
	va_start(args, format);
	(void)vsnprintf(out->text, sizeof(out->text), format, args);
	va_end(args);
}

/* A row that does not follow from the one before may be a good one that stands elsewhere. It is held against every place of
 * the chain: as the successor of what stands before that place now, or of what stands at it now (two neighbours that were
 * exchanged). Returns the number it was written as, or 0. */
static enum jt_result find_origin(struct walk *w, int64_t at, int64_t *origin)
{
	struct jt_rows *rows = NULL;
	struct jt_rows *again = NULL;
	struct jt_audit_row bad;
	struct jt_audit_row other;
	uint8_t before[JT_MAC_SIZE] = {0};
	uint8_t mac[JT_MAC_SIZE];
	enum jt_result r = jt_audit_scan_from(w->db, w->org, at, &rows);

	*origin = 0;
	if (r == JT_OK)
		r = jt_audit_next(rows, &bad);
	if (r == JT_OK)
		r = jt_audit_scan(w->db, w->org, &again);
	while (r == JT_OK && *origin == 0 && (r = jt_audit_next(again, &other)) == JT_OK) {
		const uint8_t *const ways[] = {before, other.mac};

		bad.seq = other.seq;
		for (unsigned i = 0; r == JT_OK && i < 2 && other.seq != at; i++) {
			r = jt_chain_mac(w->keys, ways[i], &bad, mac);
			if (r == JT_OK && jt_secret_equal(mac, sizeof(mac), bad.mac, sizeof(bad.mac)))
				*origin = other.seq;
		}
		memcpy(before, other.mac, sizeof(before));
	}
	jt_rows_close(&again);
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

/* The anchors at the row just found good must know it as it is. Returns whether they do. */
static bool anchors_agree(struct walk *w)
{
	for (; w->anchor_at < w->anchor_count && w->anchors[w->anchor_at].seq <= w->last; w->anchor_at++) {
		const struct jt_anchor *a = &w->anchors[w->anchor_at];

		if (!jt_secret_equal(a->mac, sizeof(a->mac), w->mac, sizeof(w->mac))) {
			say(w->out, JT_AUDIT_CHANGED, w->last, "row %lld is not the one that the anchor file knows",
				(long long)w->last);
			return false;
		}
		w->out->anchored = w->last;
	}
	return true;
}

/* One row. JT_DONE: it is wrong, and the verdict says how. */
static enum jt_result check_row(struct walk *w, struct jt_audit_row *row)
{
	uint8_t mac[JT_MAC_SIZE];
	int64_t wanted = w->last + 1;
	int64_t origin = 0;
	enum jt_result r = JT_OK;

	if (row->seq != wanted) {
		say(w->out, JT_AUDIT_MISSING, wanted, "row %lld is missing", (long long)wanted);
		return JT_DONE;
	}
	r = jt_chain_mac(w->keys, w->mac, row, mac);
	if (r == JT_WRONG_KEY) {
		say(w->out, JT_AUDIT_KEYLESS, wanted, "row %lld needs key generation %lld, which the key file lacks",
			(long long)wanted, (long long)row->key_gen);
		return JT_DONE;
	}
	if (r != JT_OK)
		return r;
	if (jt_secret_equal(mac, sizeof(mac), row->mac, sizeof(row->mac))) {
		w->last = wanted;
		memcpy(w->mac, mac, sizeof(mac));
		return anchors_agree(w) ? JT_OK : JT_DONE;
	}
	r = find_origin(w, wanted, &origin);
	if (r == JT_OK && origin)
		say(w->out, JT_AUDIT_MISSING, wanted,
			"row %lld was reordered: what stands there was written as row %lld", (long long)wanted,
			(long long)origin);
	else if (r == JT_OK)
		say(w->out, JT_AUDIT_CHANGED, wanted, "row %lld is not as it was written", (long long)wanted);
	return r == JT_OK ? JT_DONE : r;
}

/* All rows are good: do they end where the org and the anchors say? */
static void check_end(struct walk *w, int64_t head, const uint8_t head_mac[JT_MAC_SIZE])
{
	int64_t known = w->anchor_count ? w->anchors[w->anchor_count - 1].seq : 0;
	const char *note = w->unread ? "; some lines of the anchor file cannot be read" : "";

	if (known > w->last)
		say(w->out, JT_AUDIT_CUT, w->last, "rows %lld to %lld are gone: the anchor file knows them",
			(long long)w->last + 1, (long long)known);
	else if (head > w->last)
		say(w->out, JT_AUDIT_CUT, w->last, "rows %lld to %lld are gone: the org's head counts them",
			(long long)w->last + 1, (long long)head);
	else if (head < w->last || !jt_secret_equal(head_mac, JT_MAC_SIZE, w->mac, sizeof(w->mac)))
		say(w->out, JT_AUDIT_CHANGED, head < w->last ? head + 1 : w->last,
			"the org's head is not that of its last row, %lld", (long long)w->last);
	else if (w->out->anchored == w->last && w->last > 0)
		say(w->out, JT_AUDIT_WHOLE, w->last, "%lld rows, whole; the anchor file vouches for all of them%s",
			(long long)w->last, note);
	else if (w->out->anchored > 0)
		say(w->out, JT_AUDIT_WHOLE, w->last, "%lld rows, whole; the tail after row %lld is not anchored%s",
			(long long)w->last, (long long)w->out->anchored, note);
	else
		say(w->out, JT_AUDIT_WHOLE, w->last,
			"%lld rows, whole; none is anchored, so that a tail that was cut off would not show%s",
			(long long)w->last, note);
}

static enum jt_result walk_rows(struct walk *w)
{
	struct jt_rows *rows = NULL;
	struct jt_audit_row row;
	int64_t head = 0;
	uint8_t head_mac[JT_MAC_SIZE];
	enum jt_result r = jt_chain_get(w->db, w->org, &head, head_mac);
	enum jt_result verdict = JT_OK;

	if (r == JT_OK)
		r = jt_audit_scan(w->db, w->org, &rows);
	while (r == JT_OK && verdict == JT_OK && (r = jt_audit_next(rows, &row)) == JT_OK)
		verdict = check_row(w, &row);
	jt_rows_close(&rows);
	if (r == JT_MALFORMED) {
		say(w->out, JT_AUDIT_CHANGED, w->last + 1, "row %lld is not as it was written", (long long)w->last + 1);
		return JT_OK;
	}
	if (verdict != JT_OK)
		return verdict == JT_DONE ? JT_OK : verdict;
	if (r == JT_DONE)
		check_end(w, head, head_mac);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_audit_verify(struct jt_db *db, const struct jt_keys *keys, const struct jt_id *org,
	const char *anchor_path, struct jt_audit_verdict *out)
{
	struct walk w = {.db = db, .keys = keys, .org = org, .out = out};
	bool begun = !jt_db_in_transaction(db);
	enum jt_result r = JT_OK;

	memset(out, 0, sizeof(*out));
	/* The anchors first: a row that is written meanwhile is then no news to them. */
	if (anchor_path)
		r = jt_anchors_read(anchor_path, org, &w.anchors, &w.anchor_count, &w.unread);
	if (r == JT_OK && begun)
		r = jt_db_begin_read(db);
	if (r == JT_OK)
		r = walk_rows(&w);
	if (begun && jt_db_in_transaction(db))
		jt_db_rollback(db);
	free(w.anchors);
	return r;
}

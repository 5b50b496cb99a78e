/* SPDX-License-Identifier: Apache-2.0 */
#include "usage/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define SEALS_NEEDED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* A round over all lanes. */
struct pass {
	struct jt_drain_to *to;
	struct jt_drained *out;
	uint32_t now_minute;
	uint32_t left; /* records that may still be looked at */
};

/* What stands in a slot or in an entry of the ring, copied before it is looked at. */
struct record {
	struct jt_use use;
	uint32_t gen;
};

/* Sealed against shrinking, so that no read of it can fail; on tmpfs, so that none can wait for another process. */
static bool can_be_read_for_ever(int fd)
{
	const int seals = fcntl(fd, F_GET_SEALS);
	struct statfs fs;
	struct stat st;

	return seals >= 0 && (seals & SEALS_NEEDED) == SEALS_NEEDED && fstatfs(fd, &fs) == 0 &&
	       fs.f_type == TMPFS_MAGIC && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size == (off_t)sizeof(struct jt_usage_memory);
}

static bool is_of_our_format(const struct jt_usage_memory *m)
{
	return m->magic == JT_USAGE_MAGIC && m->version == JT_USAGE_VERSION && m->lanes == JT_USAGE_LANES &&
	       m->slots == JT_USAGE_SLOTS && m->ring == JT_USAGE_RING && m->size == sizeof(*m);
}

static uint64_t sum_lost(struct jt_usage_memory *m, uint32_t lanes)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < lanes; i++)
		sum += JT_USAGE_GET(m->lane[i].lost);
	return sum;
}

static uint32_t lanes_of(struct jt_usage_memory *m)
{
	const uint32_t claimed = JT_USAGE_GET(m->claimed);

	return claimed < JT_USAGE_LANES ? claimed : JT_USAGE_LANES;
}

enum jt_result jt_drain_open(int fd, struct jt_drain **out)
{
	struct jt_usage_memory *m = NULL;
	struct jt_drain *d = NULL;
	bool ours = false;

	*out = NULL;
	if (!can_be_read_for_ever(fd))
		return JT_MALFORMED;
	m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m == MAP_FAILED) /* also: sealed against writing, or opened for reading */
		return errno == ENOMEM ? JT_NOMEM : JT_MALFORMED;
	ours = is_of_our_format(m);
	if (ours)
		d = calloc(1, sizeof(*d));
	if (!d) {
		(void)munmap(m, sizeof(*m));
		return ours ? JT_NOMEM : JT_MALFORMED;
	}
	d->memory = m;
	d->mapped = true;
	d->lost = sum_lost(m, lanes_of(m));
	*out = d;
	return JT_OK;
}

void jt_drain_free(struct jt_drain *d)
{
	if (!d)
		return;
	if (d->mapped)
		(void)munmap(d->memory, sizeof(*d->memory));
	free(d);
}

/* Hands over what of the record was not taken before, and notes that it is. */
static enum jt_result account(struct pass *p, struct jt_usage_lane *lane, uint32_t at, struct record *rec)
{
	const uint64_t taken = JT_USAGE_GET(lane->slot[at].taken);
	const uint32_t taken_gen = (uint32_t)(taken >> 32), taken_count = (uint32_t)taken;
	const uint64_t after = (uint64_t)rec->gen << 32 | rec->use.count;
	const uint32_t oldest = p->now_minute > JT_USAGE_PAST_MIN ? p->now_minute - JT_USAGE_PAST_MIN : 0;
	struct jt_use *use = &rec->use;
	enum jt_result r = JT_OK;

	if ((int32_t)(rec->gen - taken_gen) < 0 || (rec->gen == taken_gen && use->count <= taken_count))
		return JT_OK; /* has been taken from the ring since, or there is nothing new */
	if (rec->gen == taken_gen)
		use->count -= taken_count;
	use->minute = use->minute > p->now_minute ? p->now_minute : use->minute < oldest ? oldest : use->minute;
	if (use->count)
		r = p->to->take(p->to, use);
	if (r != JT_OK)
		return r;
	JT_USAGE_PUT(lane->slot[at].taken, after);
	p->out->records += use->count > 0;
	p->out->uses += use->count;
	return JT_OK;
}

static void copy_scopes(_Atomic uint64_t *narrow, _Atomic uint64_t *wide, struct record *rec)
{
	for (unsigned w = 0; w < JT_USAGE_HALF; w++) {
		rec->use.scopes.word[w] = JT_USAGE_GET(narrow[w]);
		rec->use.scopes.word[JT_USAGE_HALF + w] = rec->use.minute & JT_USAGE_WIDE ? JT_USAGE_GET(wide[w]) : 0;
	}
	rec->use.minute &= ~JT_USAGE_WIDE;
}

static void copy_entry(struct jt_usage_lane *lane, uint64_t n, struct record *rec)
{
	struct jt_usage_entry *e = &lane->ring[n % JT_USAGE_RING];

	rec->gen = JT_USAGE_GET(e->gen);
	rec->use.instance = JT_USAGE_GET(e->instance);
	rec->use.index = JT_USAGE_GET(e->index);
	rec->use.count = JT_USAGE_GET(e->count);
	rec->use.minute = JT_USAGE_GET(e->minute);
	copy_scopes(e->scopes, lane->ring_wide[n % JT_USAGE_RING].scopes, rec);
}

/* False if there is nothing new in the slot, or a token is just moving in. */
static bool copy_slot(struct jt_usage_lane *lane, uint32_t at, struct record *rec)
{
	struct jt_usage_slot *s = &lane->slot[at];

	rec->gen = JT_USAGE_GET(s->gen);
	if (!rec->gen || rec->gen & 1)
		return false;
	rec->use.count = JT_USAGE_GET(s->count);
	if (JT_USAGE_GET(s->taken) == ((uint64_t)rec->gen << 32 | rec->use.count))
		return false;
	rec->use.instance = JT_USAGE_GET(s->instance);
	rec->use.index = JT_USAGE_GET(s->index);
	rec->use.minute = JT_USAGE_GET(s->minute);
	copy_scopes(s->scopes, lane->slot_wide[at].scopes, rec);
	return JT_USAGE_GET(s->gen) == rec->gen;
}

/* Takes what is in the ring now. */
static enum jt_result drain_ring(struct pass *p, struct jt_usage_lane *lane)
{
	const uint64_t head = JT_USAGE_GET(lane->head);
	uint64_t tail = JT_USAGE_GET(lane->tail);
	enum jt_result r = JT_OK;

	if (head == tail)
		return JT_OK;
	if (head - tail > JT_USAGE_RING) { /* as if it ran backwards */
		p->out->wrong++;
		JT_USAGE_PUT(lane->tail, head);
		return JT_OK;
	}
	p->out->pressed = p->out->pressed || head - tail > JT_USAGE_RING / 2;
	while (r == JT_OK && tail != head && p->left > 0) {
		const uint32_t at = JT_USAGE_GET(lane->ring[tail % JT_USAGE_RING].slot);
		struct record rec;

		p->left--;
		copy_entry(lane, tail, &rec);
		if (at < JT_USAGE_SLOTS && rec.gen && !(rec.gen & 1))
			r = account(p, lane, at, &rec);
		else
			p->out->wrong++;
		if (r == JT_OK)
			tail++;
	}
	JT_USAGE_PUT(lane->tail, tail);
	return r;
}

/* The ring is emptied again after a slot was copied and before it is accounted for: what stood in the slot before went into
 * the ring before, and must not be counted from there when the slot says no more what of it was taken. */
static enum jt_result drain_lane(struct pass *p, struct jt_usage_lane *lane)
{
	enum jt_result r = drain_ring(p, lane);

	for (uint32_t at = 0; r == JT_OK && p->left > 0 && at < JT_USAGE_SLOTS; at++) {
		struct record rec;

		if (!copy_slot(lane, at, &rec))
			continue;
		r = drain_ring(p, lane);
		if (r != JT_OK || p->left == 0)
			break;
		p->left--;
		r = account(p, lane, at, &rec);
	}
	return r;
}

enum jt_result jt_drain_pass(struct jt_drain *d, uint32_t now_minute, struct jt_drain_to *to, struct jt_drained *out)
{
	struct pass p = {.to = to, .out = out, .now_minute = now_minute, .left = JT_USAGE_PASS_USES_MAX};
	const uint32_t lanes = lanes_of(d->memory);
	const uint32_t start = d->start;
	uint64_t lost = 0;
	enum jt_result r = JT_OK;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; r == JT_OK && p.left > 0 && i < lanes; i++) {
		r = drain_lane(&p, &d->memory->lane[(start + i) % lanes]);
		d->start = (start + i + 1) % lanes; /* a busy lane does not starve the others */
	}
	out->pressed = out->pressed || p.left == 0 || r != JT_OK;
	lost = sum_lost(d->memory, lanes);
	out->lost = lost > d->lost ? lost - d->lost : 0;
	d->lost = lost;
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scopes.h"

#include <assert.h>

#define WORDS (JT_SCOPES_MAX / 64)

void jt_scopes_add(struct jt_scopes *s, unsigned bit)
{
	assert(bit < JT_SCOPES_MAX);
	s->word[bit / 64] |= 1ULL << (bit % 64);
}

bool jt_scopes_has(const struct jt_scopes *s, unsigned bit)
{
	assert(bit < JT_SCOPES_MAX);
	return (s->word[bit / 64] >> (bit % 64) & 1) != 0;
}

void jt_scopes_unite(struct jt_scopes *s, const struct jt_scopes *with)
{
	for (unsigned i = 0; i < WORDS; i++)
		s->word[i] |= with->word[i];
}

void jt_scopes_cut(struct jt_scopes *s, const struct jt_scopes *to)
{
	for (unsigned i = 0; i < WORDS; i++)
		s->word[i] &= to->word[i];
}

void jt_scopes_minus(struct jt_scopes *s, const struct jt_scopes *less)
{
	for (unsigned i = 0; i < WORDS; i++)
		s->word[i] &= ~less->word[i];
}

bool jt_scopes_equal(const struct jt_scopes *a, const struct jt_scopes *b)
{
	uint64_t differ = 0;

	for (unsigned i = 0; i < WORDS; i++)
		differ |= a->word[i] ^ b->word[i];
	return differ == 0;
}

bool jt_scopes_empty(const struct jt_scopes *s)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < WORDS; i++)
		any |= s->word[i];
	return any == 0;
}

unsigned jt_scopes_count(const struct jt_scopes *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < WORDS; i++)
		n += (unsigned)__builtin_popcountll(s->word[i]);
	return n;
}

int jt_scopes_missing(const struct jt_scopes *held, const struct jt_scopes *wanted)
{
	for (unsigned i = 0; i < WORDS; i++) {
		uint64_t lacking = wanted->word[i] & ~held->word[i];

		if (lacking)
			return (int)(i * 64) + __builtin_ctzll(lacking);
	}
	return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "zero_log.h"

#include "jeton.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A reader process for test_zero_api.py: verifies what the log lists until it is told to stop, and prints what it saw.
 *
 * zero_api TABLE LOG ORG NUMBER. Exit status: 0 kept, 1 broken, 2 the test itself failed. */

#define LEAST 100 /* verifications, however soon it is told to stop */

struct names {
	struct jeton_scope *scope;
	struct jeton_team *team;
	uint64_t allowed_as_of; /* the newest state in which it was let in */
};

static struct {
	uint64_t asked, allowed, refused, wrong, as_of;
} seen;

static struct zero_log *map_log(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0)
		at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		exit(2);
	return at;
}

/* The names that an entry asks with; looked up once. */
static void find_names(struct jeton *j, const struct zero_entry *e, const char *org, struct names *n)
{
	if (e->scope[0] && !n->scope && jeton_scope_new(j, e->scope, &n->scope) != JETON_ALLOWED)
		exit(2);
	if (e->team[0] && !n->team && jeton_team_new(j, org, e->team, &n->team) != JETON_ALLOWED)
		exit(2);
}

static void report(const struct zero_entry *e, uint64_t mark, enum jeton_result result, const struct jeton_answer *a)
{
	if (seen.wrong++ == 0)
		printf("%s %s %s: %s (%s), expected %s, as of %llu\n", e->value, e->scope, e->team,
			jeton_result_text(result), a->reason, (mark & 3) == ZERO_ALLOW ? "allow" : "refuse",
			(unsigned long long)a->as_of);
}

static void look(struct jeton *j, struct zero_log *log, uint32_t at, const char *org, struct names *n)
{
	struct zero_entry *e = &log->entry[at];
	uint64_t before = atomic_load(&e->mark);
	struct jeton_request ask = {0};
	struct jeton_answer answer;
	enum jeton_result result;

	find_names(j, e, org, n);
	ask.scopes = &n->scope;
	ask.scope_count = n->scope ? 1 : 0;
	ask.team = n->team;
	ask.min_seq = atomic_load(&log->seq);
	result = jeton_verify(j, e->value, strlen(e->value), &ask, &answer);
	seen.asked++;
	if (result == JETON_ALLOWED && answer.as_of > n->allowed_as_of)
		n->allowed_as_of = answer.as_of;
	if ((before & 3) == ZERO_EITHER || atomic_load(&e->mark) != before)
		return;
	if (result == JETON_ALLOWED)
		seen.allowed++;
	else
		seen.refused++;
	if ((result == JETON_ALLOWED) != ((before & 3) == ZERO_ALLOW) || result == JETON_UNAVAILABLE ||
		result == JETON_BEHIND || answer.as_of < seen.as_of || answer.as_of < ask.min_seq)
		report(e, before, result, &answer);
	seen.as_of = answer.as_of;
}

/* Was anything let in as of a state that the change which took it away is part of? */
static void look_back(const struct zero_log *log, const struct names *names)
{
	for (uint64_t i = 0; i < atomic_load(&log->count); i++) {
		uint64_t dead_seq = atomic_load(&log->entry[i].dead_seq);

		if (dead_seq == 0 || names[i].allowed_as_of < dead_seq)
			continue;
		if (seen.wrong++ == 0)
			printf("%s: allowed as of %llu, and gone since %llu\n", log->entry[i].value,
				(unsigned long long)names[i].allowed_as_of, (unsigned long long)dead_seq);
	}
}

int main(int argc, char **argv)
{
	struct jeton *j = NULL;
	struct zero_log *log = argc == 5 ? map_log(argv[2]) : NULL;
	uint64_t random = argc == 5 ? strtoull(argv[4], NULL, 10) * 0x9e3779b97f4a7c15ULL + 1 : 0;
	struct names *names = NULL;

	if (!log || jeton_open(argv[1], &j) != JETON_ALLOWED)
		return 2;
	names = calloc(log->room, sizeof(*names));
	if (!names)
		return 2;
	while (!atomic_load(&log->stop) || seen.asked < LEAST) {
		uint64_t count = atomic_load(&log->count);

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (count == 0)
			continue;
		/* Half of the time one of the last few. */
		uint64_t back = (random >> 8) % (random & 1 || count < 16 ? count : 16);
		uint32_t at = (uint32_t)(count - 1 - back);

		look(j, log, at, argv[3], &names[at]);
	}
	look_back(log, names);
	printf("%llu asked, %llu allowed, %llu refused, %llu wrong\n", (unsigned long long)seen.asked,
		(unsigned long long)seen.allowed, (unsigned long long)seen.refused, (unsigned long long)seen.wrong);
	for (uint64_t i = 0; i < log->room; i++) {
		jeton_scope_free(names[i].scope);
		jeton_team_free(names[i].team);
	}
	free(names);
	jeton_close(j);
	return seen.wrong > 0;
}

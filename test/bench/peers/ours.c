/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "jeton.h"
#include "table/format.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* libjeton as anybody has it: the shared library and its header. Only where the floor finds its lines is read off the file. */

struct ours {
	struct jeton *table;
	struct jeton_scope *scope;
	struct jeton_request org;
	struct jeton_request app[BENCH_TEAMS];
};

static void must(enum jeton_result r, const char *what)
{
	if (r != JETON_ALLOWED)
		bench_fail("jeton: %s: %s", what, jeton_result_text(r));
}

static inline __attribute__((always_inline)) bool org_once(void *self, const struct bench_text *t)
{
	const struct ours *o = self;

	return jeton_verify(o->table, t->text, t->length, &o->org, NULL) == JETON_ALLOWED;
}

static inline __attribute__((always_inline)) bool app_once(void *self, const struct bench_text *t)
{
	const struct ours *o = self;

	return jeton_verify(o->table, t->text, t->length, &o->app[t->team], NULL) == JETON_ALLOWED;
}

BENCH_CONTENDER(org_once)
BENCH_CONTENDER(app_once)

/* The names that are asked about, looked up once. */
static void intern(struct ours *o, const struct bench_ours_options *options)
{
	struct jeton_org *org = NULL;
	struct jeton_app *app = NULL;
	char name[64];

	must(jeton_scope_new(o->table, options->scope, &o->scope), "scope");
	must(jeton_org_new(o->table, options->org, &org), "org");
	o->org = (struct jeton_request){.org = org, .scopes = &o->scope, .scope_count = 1};
	for (unsigned i = 0; i < BENCH_TEAMS; i++) {
		snprintf(name, sizeof(name), "%s%u", options->app, i);
		must(jeton_app_new(o->table, options->org, name, &app), "app");
		o->app[i] = o->org;
		o->app[i].app = app;
	}
}

/* What the kernel says of this process's mapping of the file: where it begins, and how much of it stands on 2 MiB pages. */
static uint8_t *find_mapping(const char *path, uint64_t *huge_kib)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[4096];
	uintptr_t found = 0;
	bool inside = false;

	while (f && fgets(line, sizeof(line), f)) {
		char *end = NULL;
		uintptr_t begin = (uintptr_t)strtoull(line, &end, 16);

		line[strcspn(line, "\n")] = '\0';
		if (*end == '-') {
			const char *name = strchr(line, '/');

			inside = name && strcmp(name, path) == 0;
			if (inside && !found)
				found = begin;
		} else if (inside && strncmp(line, "ShmemPmdMapped:", 15) == 0) {
			*huge_kib += strtoull(line + 15, NULL, 10);
		}
	}
	if (f)
		fclose(f);
	if (!found)
		bench_fail("jeton: %s is not mapped", path);
	return (uint8_t *)found; /* NOLINT(performance-no-int-to-ptr): it is an address of ours */
}

/* Touches every line once: what is measured later is no first touch. */
static void touch(const uint8_t *at, size_t size)
{
	uint8_t all = 0;

	for (size_t i = 0; i < size; i += 64)
		all |= ((const volatile uint8_t *)at)[i];
	(void)all;
}

static void find_home(const char *path, struct bench_run *run, struct bench_home *home)
{
	const uint8_t *at = find_mapping(path, &run->huge_kib);
	struct jt_table_head head;

	memcpy(&head, at, sizeof(head));
	touch(at, head.size);
	run->huge_kib = 0;
	(void)find_mapping(path, &run->huge_kib);
	run->table_kib = head.size / 1024;
	*home = (struct bench_home){at + head.span[JT_SECTION_HOT].at, head.span[JT_SECTION_HOT].room / 2};
}

/* Without prefault: what a process that begins has to wait for. */
static void time_open(struct bench_run *run, const char *path)
{
	double *ms = bench_alloc(run->rounds * sizeof(*ms));

	for (unsigned i = 0; i < run->rounds; i++) {
		struct jeton *j = NULL;
		uint64_t began = bench_ticks();

		must(jeton_open(path, &j), path);
		ms[i] = bench_clock_ns(bench_ticks() - began) / 1e6;
		jeton_close(j);
	}
	printf("{\"opened\":\"jeton\",\"tokens\":%llu,\"pages\":\"%s\",", (unsigned long long)run->count, run->pages);
	bench_print_figures(stdout, "open_ms", ms, run->rounds);
	puts("}");
	free(ms);
}

void bench_add_ours(struct bench_run *run, const struct bench_ours_options *options, struct bench_home *home)
{
	struct ours *o = bench_alloc(sizeof(*o));
	struct bench_contender org = {.name = "jeton",
		.variant = "org",
		.block = BENCH_BLOCK,
		.shared = true,
		.self = o,
		.whole = org_once_whole,
		.each = org_once_each};
	struct bench_contender app = {.name = "jeton",
		.variant = "app",
		.block = BENCH_BLOCK,
		.shared = true,
		.self = o,
		.whole = app_once_whole,
		.each = app_once_each};
	struct bench_contender confined = app;
	char path[4096];

	/* The writer has made huge pages; a process that refuses them maps the same memory by 4 KiB. */
	if (!options->huge && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
		bench_fail("jeton: huge pages cannot be refused");
	snprintf(path, sizeof(path), "%s/table", options->path);
	time_open(run, path);
	must(jeton_open(path, &o->table), path);
	intern(o, options);
	find_home(path, run, home);
	confined.variant = "app, limited token";
	confined.limited = true;
	bench_add(run, &org);
	bench_add(run, &app);
	bench_add(run, &confined);
}

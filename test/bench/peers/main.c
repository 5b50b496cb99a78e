/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* What the driver (test/bench/bench.py) runs; each has its own words below. */
static const char usage[] =
	"peers load-lmdb  --tokens N --lmdb DIR\n"
	"peers load-redis --tokens N --redis SOCKET\n"
	"peers drive-redis --tokens N --port N --connections N --seconds N\n"
	"peers fill       --tokens N --database FILE --org HEX --role HEX --user HEX --by HEX --teams HEX\n"
	"peers values     --tokens N --sample N          prints random values that may act in the whole org, one a "
	"line\n"
	"peers measure    --tokens N --pages 4k|2m --rounds N --core N [--lmdb DIR] [--redis SOCKET] [--key FILE]\n"
	"                 [--macaroon] [--run DIR --org ID --scope NAME --app PREFIX]     prints JSON, one contender a "
	"line\n";

struct options {
	uint64_t tokens, sample, rounds, core, port, connections, seconds;
	const char *lmdb, *redis, *key, *pages, *scope, *app, *run;
	bool macaroon;
	struct bench_fill_options fill;
};

static uint64_t number(const char *text)
{
	char *end = NULL;
	uint64_t n = strtoull(text, &end, 10);

	if (end == text || *end)
		bench_fail("%s is no number", text);
	return n;
}

static void read_options(int argc, char **argv, struct options *o)
{
	static const struct option all[] = {{"tokens", 1, 0, 'n'}, {"sample", 1, 0, 's'}, {"rounds", 1, 0, 'r'},
		{"core", 1, 0, 'c'}, {"lmdb", 1, 0, 'l'}, {"redis", 1, 0, 'R'}, {"key", 1, 0, 'k'},
		{"pages", 1, 0, 'p'}, {"scope", 1, 0, 'S'}, {"app", 1, 0, 'a'}, {"run", 1, 0, 'd'},
		{"macaroon", 0, 0, 'm'}, {"database", 1, 0, 'f'}, {"org", 1, 0, 'o'}, {"role", 1, 0, 'e'},
		{"user", 1, 0, 'u'}, {"by", 1, 0, 'b'}, {"teams", 1, 0, 't'}, {"port", 1, 0, 'P'},
		{"connections", 1, 0, 'C'}, {"seconds", 1, 0, 'T'}, {0}};
	const struct {
		int letter;
		const char **to;
	} texts[] = {{'l', &o->lmdb}, {'R', &o->redis}, {'k', &o->key}, {'p', &o->pages}, {'S', &o->scope},
		{'a', &o->app}, {'d', &o->run}, {'f', &o->fill.database}, {'o', &o->fill.org}, {'e', &o->fill.role},
		{'u', &o->fill.user}, {'b', &o->fill.by}, {'t', &o->fill.teams}};
	const struct {
		int letter;
		uint64_t *to;
	} numbers[] = {{'n', &o->tokens}, {'s', &o->sample}, {'r', &o->rounds}, {'c', &o->core}, {'P', &o->port},
		{'C', &o->connections}, {'T', &o->seconds}};
	int letter;

	while ((letter = getopt_long(argc, argv, "", all, NULL)) != -1) {
		if (letter == '?')
			bench_fail("usage:\n%s", usage);
		for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
			if (texts[i].letter == letter)
				*texts[i].to = optarg;
		}
		for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
			if (numbers[i].letter == letter)
				*numbers[i].to = number(optarg);
		}
		o->macaroon = o->macaroon || letter == 'm';
	}
	if (o->tokens < BENCH_LIMITED)
		bench_fail("usage:\n%s", usage);
}

static void values(const struct options *o)
{
	char value[BENCH_VALUE_SIZE];
	uint64_t state = 1;

	for (uint64_t i = 0; i < o->sample; i++) {
		bench_value(bench_pick(&state, o->tokens, false), value);
		puts(value);
	}
}

static void measure(const struct options *o)
{
	bool huge = o->pages && strcmp(o->pages, "2m") == 0;
	struct bench_run run = {.count = o->tokens,
		.pages = huge ? "2m" : "4k",
		.rounds = (unsigned)o->rounds,
		.core = (unsigned)o->core,
		.state = 2};
	struct bench_ours_options ours = {o->run, o->fill.org, o->scope, o->app, huge};
	struct bench_home home = {0};

	bench_clock_start();
	bench_add_ours(&run, &ours, &home);
	bench_add_floor(&run, &home);
	bench_add_machine(&run);
	if (o->lmdb)
		bench_add_lmdb(&run, o->lmdb);
	if (o->redis)
		bench_add_redis(&run, o->redis);
	if (o->key)
		bench_add_jwt(&run, o->key);
	if (o->macaroon)
		bench_add_macaroon(&run);
	bench_rounds(&run);
	bench_report(&run, stdout);
	bench_report_threads(&run, stdout);
}

int main(int argc, char **argv)
{
	struct options o = {.rounds = 15, .core = 1};
	const char *what = argc > 1 ? argv[1] : "";

	read_options(argc, argv, &o);
	if (strcmp(what, "load-lmdb") == 0 && o.lmdb)
		bench_load_lmdb(o.lmdb, o.tokens);
	else if (strcmp(what, "load-redis") == 0 && o.redis)
		bench_load_redis(o.redis, o.tokens);
	else if (strcmp(what, "drive-redis") == 0 && o.connections > 0)
		bench_drive_redis((unsigned)o.port, o.tokens, (unsigned)o.connections, (unsigned)o.seconds);
	else if (strcmp(what, "fill") == 0 && o.fill.database)
		bench_fill(&o.fill, o.tokens);
	else if (strcmp(what, "values") == 0)
		values(&o);
	else if (strcmp(what, "measure") == 0 && o.rounds > 0 && o.run && o.scope && o.app && o.fill.org)
		measure(&o);
	else
		bench_fail("usage:\n%s", usage);
	return fflush(stdout) == 0 ? 0 : 1;
}

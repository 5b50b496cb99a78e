/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BENCH_PEERS_H
#define JT_BENCH_PEERS_H

#include "bench.h"

/* The contenders, one file each. Each adds what it has to the run; any failure ends the process with a message. */

/* The lines of 64 bytes in which digests have their homes: by multiply-shift of the digest's second 32 bits, as in the table. */
struct bench_home {
	const uint8_t *lines;
	uint64_t count;
};

/* nettle's init, update and digest of the value, and one acquire load at the digest's home line. */
void bench_add_floor(struct bench_run *run, const struct bench_home *home);

/* Additions in registers, for what two threads do more than one. */
void bench_add_machine(struct bench_run *run);

/* The entries, in order of their keys, into a new environment in the directory. */
void bench_load_lmdb(const char *directory, uint64_t count);
void bench_add_lmdb(struct bench_run *run, const char *directory);

/* The same entries into the server that listens at the socket; replaces what it has. */
void bench_load_redis(const char *socket, uint64_t count);
void bench_add_redis(struct bench_run *run, const char *socket);

/* Over TCP: each of the connections has one GET under way at any time. Prints requests, microseconds, p50_us and p99_us. */
void bench_drive_redis(unsigned port, uint64_t tokens, unsigned connections, unsigned seconds);

/* `key` is the file of an EC P-256 private key, PEM; its public one is read from `key`.pub. */
void bench_add_jwt(struct bench_run *run, const char *key);
void bench_add_macaroon(struct bench_run *run);

/* Jeton itself. */
struct bench_ours_options {
	const char *path;  /* the directory that the server was given as --run */
	const char *org;   /* its id, as text */
	const char *scope; /* that the tokens hold everywhere they may act */
	const char *app;   /* the prefix of the apps' names: app number n is in team n */
	bool huge;         /* 2 MiB pages, or else 4 KiB ones */
};
/* Adds the contenders and fills *home, for the floor beside them. */
void bench_add_ours(struct bench_run *run, const struct bench_ours_options *options, struct bench_home *home);

/* `count` tokens, limited and in teams as bench.h has them, as rows straight into the database of a server that is not
 * running. All ids are hex. */
struct bench_fill_options {
	const char *database;
	const char *org, *role;
	const char *user, *by; /* who made them: the user, and the token */
	const char *teams;     /* BENCH_TEAMS ids, one after another */
};
void bench_fill(const struct bench_fill_options *o, uint64_t count);

#endif

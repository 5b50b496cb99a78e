/* SPDX-License-Identifier: Apache-2.0 */
#include "peers.h"

#include "base/text.h"
#include "entry.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEYS 100000
#define HEX (2 * SHA256_DIGEST_SIZE)
#define HEAD "*2\r\n$3\r\nGET\r\n$64\r\n"
#define COMMAND (sizeof(HEAD) - 1 + HEX + 2)
#define REPLY_HEAD "$32\r\n"
#define REPLY (sizeof(REPLY_HEAD) - 1 + sizeof(struct bench_entry) + 2)
#define LONGEST_US 100000

struct link {
	int fd;
	size_t got;
	int64_t began_us;
	char reply[REPLY];
};

struct driver {
	char (*command)[COMMAND];
	uint64_t state, requests, slow[LONGEST_US + 1]; /* slow[n]: how many took n microseconds */
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void make_commands(struct driver *d, uint64_t tokens)
{
	char value[BENCH_VALUE_SIZE], hex[HEX + 1];
	uint8_t digest[SHA256_DIGEST_SIZE];

	d->command = bench_alloc(KEYS * sizeof(*d->command));
	for (size_t i = 0; i < KEYS; i++) {
		bench_value(bench_pick(&d->state, tokens, false), value);
		bench_digest(&(struct bench_text){value, BENCH_VALUE_LENGTH, 0}, digest);
		jt_hex(digest, sizeof(digest), hex);
		memcpy(d->command[i], HEAD, sizeof(HEAD) - 1);
		memcpy(d->command[i] + sizeof(HEAD) - 1, hex, HEX);
		memcpy(d->command[i] + COMMAND - 2, "\r\n", 2);
	}
}

static void ask(struct driver *d, struct link *l)
{
	l->got = 0;
	l->began_us = now_us();
	if (write(l->fd, d->command[bench_random(&d->state) % KEYS], COMMAND) != (ssize_t)COMMAND)
		bench_fail("redis: a command did not go out whole");
}

static void connect_link(struct link *l, unsigned port, int epoll)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = l};
	int one = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
		setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0 ||
		epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &wanted) != 0)
		bench_fail("redis: no connection to port %u", port);
}

static void take(struct driver *d, struct link *l)
{
	ssize_t n = read(l->fd, l->reply + l->got, REPLY - l->got);
	int64_t took = 0;

	if (n <= 0)
		bench_fail("redis: a connection was closed");
	l->got += (size_t)n;
	if (l->got < REPLY && l->got >= sizeof(REPLY_HEAD) && memcmp(l->reply, REPLY_HEAD, sizeof(REPLY_HEAD) - 1) == 0)
		return;
	if (l->got < REPLY || memcmp(l->reply, REPLY_HEAD, sizeof(REPLY_HEAD) - 1) != 0)
		bench_fail("redis: a key is not there");
	took = now_us() - l->began_us;
	d->slow[took < LONGEST_US ? took : LONGEST_US]++;
	d->requests++;
	ask(d, l);
}

static int quantile_us(const struct driver *d, double q)
{
	uint64_t seen = 0;

	for (int us = 0; us <= LONGEST_US; us++) {
		seen += d->slow[us];
		if ((double)seen >= q * (double)d->requests)
			return us;
	}
	return LONGEST_US;
}

void bench_drive_redis(unsigned port, uint64_t tokens, unsigned connections, unsigned seconds)
{
	struct driver *d = bench_alloc(sizeof(*d));
	struct link *links = bench_alloc(connections * sizeof(*links));
	struct epoll_event ready[64];
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t began = 0;

	make_commands(d, tokens);
	for (unsigned i = 0; i < connections; i++)
		connect_link(&links[i], port, epoll);
	began = now_us();
	for (unsigned i = 0; i < connections; i++)
		ask(d, &links[i]);
	while (now_us() - began < (int64_t)seconds * 1000000) {
		int n = epoll_wait(epoll, ready, 64, 1000);

		for (int i = 0; i < n; i++)
			take(d, ready[i].data.ptr);
	}
	printf("JSON {\"requests\":%llu,\"microseconds\":%lld,\"p50_us\":%d,\"p99_us\":%d}\n",
		(unsigned long long)d->requests, (long long)(now_us() - began), quantile_us(d, 0.50),
		quantile_us(d, 0.99));
	for (unsigned i = 0; i < connections; i++)
		close(links[i].fd);
	close(epoll);
	free(links);
	free(d->command);
	free(d);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

/* "host:port" or "[host]:port" into its parts. */
static enum jt_result split(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t length = colon ? (size_t)(colon - address) : 0;
	uint64_t number = 0;

	if (!colon || jt_text_u64(colon + 1, strlen(colon + 1), 65535, &number) != JT_OK)
		return JT_VALIDATION;
	if (length >= 2 && address[0] == '[' && address[length - 1] == ']') {
		address++;
		length -= 2;
	}
	if (length == 0 || length >= size)
		return JT_VALIDATION;
	memcpy(host, address, length);
	host[length] = '\0';
	*port = colon + 1;
	return JT_OK;
}

static bool is_loopback(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
	}
	memcpy(&v6, a, sizeof(v6));
	return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

static enum jt_result name_of(int fd, char *name, size_t size)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof(bound);
	char host[64], port[8];

	if (getsockname(fd, (struct sockaddr *)&bound, &length) != 0 ||
		getnameinfo((struct sockaddr *)&bound, length, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return JT_IO;
	(void)snprintf(name, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return JT_OK;
}

enum jt_result jt_listen(const char *address, int *fd, char *name, size_t size, bool *loopback, struct jt_why *why)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found = NULL;
	const char *port = NULL;
	char host[64];
	int on = 1;
	enum jt_result r = split(address, host, sizeof(host), &port);

	*fd = -1;
	if (r != JT_OK || getaddrinfo(host, port, &hints, &found) != 0)
		return jt_why_say(
			why, JT_VALIDATION, "'%.80s' is not an address and a port, e.g. 127.0.0.1:8080", address);
	*loopback = is_loopback(found->ai_addr);
	*fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(*fd, found->ai_addr, found->ai_addrlen) != 0 || listen(*fd, BACKLOG) != 0)
		r = jt_why_say(why, JT_IO, "%s", strerror(errno));
	freeaddrinfo(found);
	if (r == JT_OK)
		r = name_of(*fd, name, size);
	if (r != JT_OK && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return r;
}

void jt_listen_peer(const struct sockaddr *address, char *out, size_t size)
{
	socklen_t length = address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	if (address->sa_family == AF_UNIX)
		(void)snprintf(out, size, "unix");
	else if (getnameinfo(address, length, out, (socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0)
		(void)snprintf(out, size, "unknown");
}

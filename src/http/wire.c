/* SPDX-License-Identifier: Apache-2.0 */
#include "http/wire.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SWEEP_NS (JT_NS_PER_S / 10)
#define IDLE_SECONDS 60
/* How much longer than its request an answer may take. */
#define SENDING_TIMES 10

struct jt_wires {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool stop;
	int64_t reading_ns;
	struct jt_wire *first;
};

/* What a client that still listens is told. Best effort: nothing of an answer was sent before, and it is short. */
static void tell(const struct jt_wire *w)
{
	static const char body[] =
		"{\"ok\":false,\"code\":\"REQUEST_TIMEOUT\",\"message\":\"the request did not arrive in time\"}";
	char text[512];
	int n = snprintf(text, sizeof(text),
		"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: "
		"close\r\n"
		"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: %s\r\n\r\n%s",
		sizeof(body) - 1, w->id, body);

	if (n > 0 && (size_t)n < sizeof(text) && send(w->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		errno = 0;
}

static void expire(struct jt_wire *w, int64_t now)
{
	int state = atomic_load_explicit(&w->state, memory_order_acquire);

	if (state == JT_WIRE_BUSY || state == JT_WIRE_EXPIRED || atomic_load(&w->deadline_ns) > now)
		return;
	if (!atomic_compare_exchange_strong(&w->state, &state, JT_WIRE_EXPIRED))
		return;
	if (state == JT_WIRE_READING && !w->tls)
		tell(w);
	(void)shutdown(w->fd, SHUT_RDWR);
}

static void *sweep(void *arg)
{
	struct jt_wires *all = arg;

	pthread_mutex_lock(&all->lock);
	while (!all->stop) {
		struct timespec until;
		int64_t now = jt_clock_mono_ns();

		for (struct jt_wire *w = all->first; w; w = w->next)
			expire(w, now);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += SWEEP_NS;
		if (until.tv_nsec >= JT_NS_PER_S) {
			until.tv_nsec -= JT_NS_PER_S;
			until.tv_sec++;
		}
		(void)pthread_cond_timedwait(&all->wake, &all->lock, &until);
	}
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

enum jt_result jt_wires_new(unsigned seconds, struct jt_wires **out)
{
	struct jt_wires *all = calloc(1, sizeof(*all));
	pthread_condattr_t attributes;

	*out = NULL;
	if (!all)
		return JT_NOMEM;
	all->reading_ns = (int64_t)seconds * JT_NS_PER_S;
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&all->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&all->thread, NULL, sweep, all) != 0) {
		pthread_cond_destroy(&all->wake);
		pthread_mutex_destroy(&all->lock);
		free(all);
		return JT_NOMEM;
	}
	*out = all;
	return JT_OK;
}

void jt_wires_free(struct jt_wires *all)
{
	if (!all)
		return;
	pthread_mutex_lock(&all->lock);
	all->stop = true;
	pthread_cond_signal(&all->wake);
	pthread_mutex_unlock(&all->lock);
	pthread_join(all->thread, NULL);
	pthread_cond_destroy(&all->wake);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

struct jt_wire *jt_wire_open(struct jt_wires *all, int fd, bool tls, const char *address, void *connection)
{
	struct jt_wire *w = calloc(1, sizeof(*w));
	char plain[sizeof(w->address)]; /* without the zone of a link-local one */

	if (!w)
		return NULL;
	w->fd = fd;
	w->tls = tls;
	w->connection = connection;
	(void)snprintf(w->address, sizeof(w->address), "%s", address);
	(void)snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(address, "%"), address);
	(void)jt_address_parse(plain, &w->from);
	atomic_store(&w->deadline_ns, jt_clock_mono_ns() + all->reading_ns);
	pthread_mutex_lock(&all->lock);
	w->next = all->first;
	if (w->next)
		w->next->before = w;
	all->first = w;
	pthread_mutex_unlock(&all->lock);
	return w;
}

void jt_wire_close(struct jt_wires *all, struct jt_wire *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&all->lock);
	if (w->before)
		w->before->next = w->next;
	else
		all->first = w->next;
	if (w->next)
		w->next->before = w->before;
	pthread_mutex_unlock(&all->lock);
	free(w);
}

/* The deadline is set before the state that it belongs to, and only where nobody looks at it, or later than it was. */
static bool change(struct jt_wire *w, int from, int to, int64_t deadline)
{
	atomic_store(&w->deadline_ns, deadline);
	return atomic_compare_exchange_strong(&w->state, &from, to);
}

bool jt_wire_reads(struct jt_wires *all, struct jt_wire *w, int64_t now_ns)
{
	return change(w, JT_WIRE_IDLE, JT_WIRE_READING, now_ns + all->reading_ns);
}

bool jt_wire_busy(struct jt_wire *w)
{
	int state = JT_WIRE_READING;

	return atomic_compare_exchange_strong(&w->state, &state, JT_WIRE_BUSY);
}

bool jt_wire_sends(struct jt_wires *all, struct jt_wire *w, int64_t now_ns)
{
	int state = atomic_load(&w->state);

	if (state == JT_WIRE_EXPIRED)
		return false;
	return change(w, state, JT_WIRE_SENDING, now_ns + SENDING_TIMES * all->reading_ns);
}

bool jt_wire_rests(struct jt_wire *w, int64_t now_ns)
{
	int state = atomic_load(&w->state);

	if (state == JT_WIRE_EXPIRED)
		return false;
	return change(w, state, JT_WIRE_IDLE, now_ns + IDLE_SECONDS * JT_NS_PER_S);
}

void jt_wires_hurry(struct jt_wires *all)
{
	pthread_mutex_lock(&all->lock);
	for (struct jt_wire *w = all->first; w; w = w->next) {
		int state = JT_WIRE_IDLE;

		if (atomic_compare_exchange_strong(&w->state, &state, JT_WIRE_EXPIRED))
			(void)shutdown(w->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&all->lock);
}

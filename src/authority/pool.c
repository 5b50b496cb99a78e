/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define THREADS_MAX 64

struct jt_pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct jt_task *first, **last;
	size_t waiting, room;
	bool stop;
	unsigned threads;
	pthread_t thread[THREADS_MAX];
};

static void *serve(void *arg)
{
	struct jt_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct jt_task *task = p->first;

		if (!task && p->stop)
			break;
		if (!task) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		p->first = task->next;
		if (!p->first)
			p->last = &p->first;
		p->waiting--;
		pthread_mutex_unlock(&p->lock);
		task->run(task);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

enum jt_result jt_pool_new(unsigned threads, size_t waiting, struct jt_pool **out)
{
	struct jt_pool *p = calloc(1, sizeof(*p));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	*out = NULL;
	if (!p)
		return JT_NOMEM;
	if (threads == 0)
		threads = cores > 0 ? (unsigned)cores : 1;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	p->last = &p->first;
	p->room = waiting;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	while (p->threads < threads && pthread_create(&p->thread[p->threads], NULL, serve, p) == 0)
		p->threads++;
	if (p->threads == 0) {
		jt_pool_free(p);
		return JT_NOMEM;
	}
	*out = p;
	return JT_OK;
}

enum jt_result jt_pool_submit(struct jt_pool *p, struct jt_task *task)
{
	enum jt_result r = JT_OK;

	pthread_mutex_lock(&p->lock);
	if (p->stop) {
		r = JT_STOPPING;
	} else if (p->waiting >= p->room) {
		r = JT_BUSY;
	} else {
		task->next = NULL;
		*p->last = task;
		p->last = &task->next;
		p->waiting++;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	return r;
}

void jt_pool_free(struct jt_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->threads; i++)
		pthread_join(p->thread[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include "base/secret.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 16

/* One reading of the files. Handshakes may still use an older one, so all are kept until the end: a reload is rare. */
struct pair {
	struct pair *older;
	gnutls_pcert_st chain[CHAIN_MAX];
	unsigned count;
	gnutls_privkey_t key;
};

struct jt_tls {
	char *cert, *key;
	struct pair *_Atomic newest;
};

static struct jt_tls *_Atomic in_use;

static void pair_free(struct pair *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->count; i++)
		gnutls_pcert_deinit(&p->chain[i]);
	if (p->key)
		gnutls_privkey_deinit(p->key);
	free(p);
}

static int read_key(const char *path, gnutls_privkey_t *out)
{
	gnutls_datum_t bytes = {0};
	int e = gnutls_load_file(path, &bytes);

	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_privkey_init(out);
	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_privkey_import_x509_raw(*out, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (bytes.data)
		jt_secret_wipe(bytes.data, bytes.size);
	gnutls_free(bytes.data);
	return e;
}

static int read_chain(const char *path, struct pair *p)
{
	gnutls_datum_t bytes = {0};
	unsigned count = CHAIN_MAX;
	int e = gnutls_load_file(path, &bytes);

	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_pcert_list_import_x509_raw(p->chain, &count, &bytes, GNUTLS_X509_FMT_PEM, 0);
	if (e == GNUTLS_E_SUCCESS)
		p->count = count;
	gnutls_free(bytes.data);
	return e;
}

/* Does the key belong to the first certificate? Otherwise every handshake would fail. */
static int belongs(struct pair *p)
{
	gnutls_pubkey_t public_key = NULL;
	unsigned char own[64], certified[64];
	size_t own_size = sizeof(own), certified_size = sizeof(certified);
	int e = gnutls_pubkey_init(&public_key);

	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_pubkey_import_privkey(public_key, p->key, 0, 0);
	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, own, &own_size);
	if (e == GNUTLS_E_SUCCESS)
		e = gnutls_pubkey_get_key_id(p->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, certified, &certified_size);
	if (e == GNUTLS_E_SUCCESS && !jt_secret_equal(own, own_size, certified, certified_size))
		e = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
	if (public_key)
		gnutls_pubkey_deinit(public_key);
	return e;
}

enum jt_result jt_tls_reload(struct jt_tls *t, struct jt_why *why)
{
	struct pair *p = calloc(1, sizeof(*p));
	const char *file = t->cert;
	int e;

	if (!p)
		return JT_NOMEM;
	e = read_chain(t->cert, p);
	if (e == GNUTLS_E_SUCCESS) {
		file = t->key;
		e = read_key(t->key, &p->key);
	}
	if (e == GNUTLS_E_SUCCESS)
		e = belongs(p);
	if (e != GNUTLS_E_SUCCESS) {
		pair_free(p);
		return jt_why_say(why, JT_IO, "%s: %s", file, gnutls_strerror(e));
	}
	p->older = atomic_load(&t->newest);
	atomic_store(&t->newest, p);
	return JT_OK;
}

enum jt_result jt_tls_new(const char *cert, const char *key, struct jt_tls **out, struct jt_why *why)
{
	struct jt_tls *t = calloc(1, sizeof(*t));
	struct jt_tls *none = NULL;
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (!t)
		return JT_NOMEM;
	t->cert = strdup(cert);
	t->key = strdup(key);
	if (t->cert && t->key)
		r = jt_tls_reload(t, why);
	if (r == JT_OK && !atomic_compare_exchange_strong(&in_use, &none, t))
		r = jt_why_say(why, JT_CONFLICT, "this process has a TLS listener already");
	if (r != JT_OK) {
		jt_tls_free(t);
		return r;
	}
	*out = t;
	return JT_OK;
}

void jt_tls_free(struct jt_tls *t)
{
	struct jt_tls *mine = t;

	if (!t)
		return;
	(void)atomic_compare_exchange_strong(&in_use, &mine, NULL);
	for (struct pair *p = atomic_load(&t->newest); p;) {
		struct pair *older = p->older;

		pair_free(p);
		p = older;
	}
	free(t->cert);
	free(t->key);
	free(t);
}

static int give(gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **chain,
	unsigned *count, gnutls_ocsp_data_st **ocsp, unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
	struct jt_tls *t = atomic_load(&in_use);
	struct pair *p = t ? atomic_load(&t->newest) : NULL;

	(void)session;
	(void)info;
	if (!p)
		return -1;
	*chain = p->chain;
	*count = p->count;
	*ocsp = NULL;
	*ocsp_count = 0;
	*key = p->key;
	*flags = 0; /* ours: GnuTLS frees nothing */
	return 0;
}

void *jt_tls_callback(void)
{
	gnutls_certificate_retrieve_function3 *function = give;
	void *out;

	memcpy(&out, &function, sizeof(out));
	return out;
}

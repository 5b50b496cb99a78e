/* SPDX-License-Identifier: Apache-2.0 */
#include "catalogue/catalogue.h"

#include "base/buf.h"
#include "base/text.h"
#include "catalogue/built_in.h"
#include "catalogue/inside.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void digest(const char *text, size_t size, char out[65])
{
	struct sha256_ctx sha;
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_init(&sha);
	sha256_update(&sha, size, (const uint8_t *)text);
	sha256_digest(&sha, sizeof(bytes), bytes);
	(void)jt_hex(bytes, sizeof(bytes), out);
}

static enum jt_result read_all(const struct jt_source *src, struct jt_node *root, struct jt_policy *p)
{
	enum jt_result r =
		root->type == JT_NODE_MAP ? JT_OK : jt_source_wrong(src, root, "the catalogue must be a mapping");

	if (r == JT_OK)
		r = jt_read_scopes(src, root, p);
	if (r == JT_OK)
		r = jt_read_kinds(src, root, p);
	if (r == JT_OK)
		r = jt_read_roles(src, root, p);
	return r == JT_OK ? jt_node_known(src, root) : r;
}

enum jt_result jt_catalogue_parse(
	const char *name, const char *text, size_t size, struct jt_policy **out, struct jt_catalogue_error *error)
{
	const struct jt_source src = {.name = name, .error = error};
	struct jt_node *root = NULL;
	struct jt_policy *p = calloc(1, sizeof(*p));
	enum jt_result r = p ? JT_OK : JT_NOMEM;

	*out = NULL;
	error->text[0] = '\0';
	if (r == JT_OK)
		r = jt_tree_read(&src, text, size, &root);
	if (r == JT_OK)
		r = read_all(&src, root, p);
	jt_tree_free(root);
	if (r != JT_OK) {
		free(p);
		return r;
	}
	digest(text, size, p->digest);
	*out = p;
	return JT_OK;
}

enum jt_result jt_catalogue_load(const char *path, struct jt_policy **out, struct jt_catalogue_error *error)
{
	const struct jt_source src = {.name = path, .error = error};
	char *text = malloc(JT_CATALOGUE_MAX_BYTES + 1);
	FILE *file = text ? fopen(path, "re") : NULL;
	size_t size = 0;
	enum jt_result r = JT_OK;

	*out = NULL;
	error->text[0] = '\0';
	if (!text)
		return JT_NOMEM;
	if (file)
		size = fread(text, 1, JT_CATALOGUE_MAX_BYTES + 1, file);
	if (!file || ferror(file)) {
		(void)jt_source_wrong(&src, NULL, "%s", strerror(errno));
		r = JT_IO;
	} else {
		r = jt_catalogue_parse(path, text, size, out, error);
	}
	if (file)
		(void)fclose(file);
	free(text);
	return r;
}

enum jt_result jt_catalogue_default(struct jt_policy **out, struct jt_catalogue_error *error)
{
	struct jt_buf text = {0};
	enum jt_result r = JT_OK;

	*out = NULL;
	error->text[0] = '\0';
	for (const char *const *line = jt_catalogue_built_in; *line; line++)
		jt_buf_put_text(&text, *line);
	r = jt_buf_check(&text);
	if (r == JT_OK)
		r = jt_catalogue_parse("prezero.yaml", (const char *)text.data, text.size, out, error);
	jt_buf_free(&text);
	return r;
}

/* `set` with each scope's old bit replaced by its new one. */
static void move(struct jt_scopes *set, const struct jt_policy *p, const uint16_t *bits)
{
	struct jt_scopes moved = {{0}};

	for (unsigned i = 0; i < p->scope_count; i++) {
		if (jt_scopes_has(set, p->scope[i].bit))
			jt_scopes_add(&moved, bits[i]);
	}
	*set = moved;
}

void jt_catalogue_assign(struct jt_policy *p, const uint16_t *bits)
{
	for (int kind = 0; kind < JT_KIND_COUNT; kind++) {
		move(&p->may[kind], p, bits);
		move(&p->own[kind], p, bits);
	}
	for (unsigned i = 0; i < p->role_count; i++) {
		move(&p->role[i].scopes, p, bits);
		move(&p->role[i].in_team, p, bits);
	}
	for (unsigned i = 0; i < p->scope_count; i++)
		p->scope[i].bit = bits[i];
	jt_policy_index(p);
}

void jt_catalogue_free(struct jt_policy *p)
{
	free(p);
}

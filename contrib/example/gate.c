/* SPDX-License-Identifier: Apache-2.0 */
#include <jeton.h>
#include <stdio.h>
#include <string.h>

/* Says of each token on standard input, one a line, whether it holds a scope:
 *     cc gate.c $(pkg-config --cflags --libs libjeton) -o gate
 *     ./gate findings:list */
int main(int argc, char **argv)
{
	struct jeton *j = NULL;
	struct jeton_scope *scope = NULL;
	enum jeton_result r = argc == 2 ? jeton_open(NULL, &j) : JETON_BAD_ARGUMENT;

	if (r == JETON_ALLOWED)
		r = jeton_scope_new(j, argv[1], &scope);
	if (r == JETON_ALLOWED) {
		const struct jeton_request want = {.scopes = &scope, .scope_count = 1};
		struct jeton_answer answer;
		char line[256], token[JETON_ID_SIZE];

		while (fgets(line, sizeof(line), stdin)) {
			enum jeton_result said = jeton_verify(j, line, strcspn(line, "\n"), &want, &answer);

			(void)jeton_answer_token(j, &answer, token); /* "" of what is no token */
			printf("%s: %s\n", token, jeton_result_text(said));
			(void)fflush(stdout);
		}
	} else {
		fprintf(stderr, "gate: %s\n", jeton_result_text(r));
	}
	jeton_scope_free(scope);
	jeton_close(j);
	return r == JETON_ALLOWED ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0
 * What contrib/example/gate.c says, said in C++. */
#include <jeton.h>

#include <iostream>
#include <memory>
#include <string>

int main(int argc, char **argv)
{
	jeton *opened = nullptr;
	jeton_scope *found = nullptr;

	if (argc != 2 || jeton_open(nullptr, &opened) != JETON_ALLOWED)
		return 1;
	std::unique_ptr<jeton, decltype(&jeton_close)> j(opened, jeton_close);
	if (jeton_scope_new(j.get(), argv[1], &found) != JETON_ALLOWED)
		return 1;
	std::unique_ptr<jeton_scope, decltype(&jeton_scope_free)> scope(found, jeton_scope_free);
	jeton_request want = jeton_request();
	want.scopes = &found;
	want.scope_count = 1;
	for (std::string line; std::getline(std::cin, line);) {
		jeton_answer answer;
		char token[JETON_ID_SIZE];
		const jeton_result said = jeton_verify(j.get(), line.data(), line.size(), &want, &answer);

		(void)jeton_answer_token(j.get(), &answer, token);
		std::cout << token << ": " << jeton_result_text(said) << std::endl;
	}
	return 0;
}

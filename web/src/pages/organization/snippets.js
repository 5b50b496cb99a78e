// SPDX-License-Identifier: Apache-2.0
// How a token is used where it is needed: the secret by reference, never in a file.

/** A name as secrets have it: "JETON_TOKEN". */
export const VARIABLE = "JETON_TOKEN";

/** @param {string} url @param {string} value the token, or what stands for it */
export const curl = (url, value) => `curl --fail-with-body -H "Authorization: Bearer ${value}" ${url}`;

/**
 * Where to put the secret, and what to write into the pipeline.
 * @param {string} url what the pipeline asks
 * @returns {{name: string, where: string, code: string}[]}
 */
export function pipelines(url) {
  const command = curl(url, "$" + VARIABLE);
  return [
    {
      name: "GitHub Actions",
      where: `Repository > Settings > Secrets and variables > Actions > New repository secret: ${VARIABLE}`,
      code: `jobs:\n  jeton:\n    runs-on: ubuntu-latest\n    steps:\n      - run: '${command}'\n        env:\n          ${VARIABLE}: \${{ secrets.${VARIABLE} }}\n`,
    },
    {
      name: "GitLab CI",
      where: `Project > Settings > CI/CD > Variables > Add variable: ${VARIABLE}, masked and protected`,
      code: `jeton:\n  image: curlimages/curl\n  script:\n    - '${command}'\n`,
    },
    {
      name: "Jenkins",
      where: "Manage Jenkins > Credentials > Add credentials: kind Secret text, ID jeton-token",
      code: `withCredentials([string(credentialsId: 'jeton-token', variable: '${VARIABLE}')]) {\n  sh '${command}'\n}\n`,
    },
    {
      name: "CircleCI",
      where: `Organization settings > Contexts > jeton > Add environment variable: ${VARIABLE}`,
      code: `version: 2.1\njobs:\n  jeton:\n    docker:\n      - image: cimg/base:current\n    steps:\n      - run: '${command}'\nworkflows:\n  main:\n    jobs:\n      - jeton:\n          context: jeton\n`,
    },
  ];
}

/** Secrets of tests: fixed, so that a failure can be run again. */
const key = (letter: string): string => btoa(letter.repeat(32));

export const LOCAL_SECRETS = { TOKEN_KEYS: `1:${key('a')}`, HASH_KEY: key('b'), AUTH_KEYS: `1:${key('c')}` };

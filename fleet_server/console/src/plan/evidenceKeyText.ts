/** The key in what was pasted: alone, or the whole line as `xiaotian evidence key` prints it. */
export const publicHalf = (pasted: string): string => pasted.trim().replace(/^evidence_key\s*:\s*/, "");

/** The other half, which nobody has but the officer: it is not even sent. */
export const isPrivateKey = (pasted: string): boolean => /PRIVATE KEY/.test(pasted);

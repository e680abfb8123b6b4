/** A customer's e-mail address leaves the browser as a hash or not at all. */

export interface Person {
  email?: unknown;
  emailSha256?: unknown;
}

/**
 * Takes the address out at once, and puts its hash in place when that is known. Never rejects: without `crypto.subtle`,
 * as on plain http, the customer is known by the rest.
 */
export async function hideEmail(person: Person | undefined): Promise<void> {
  if (!person?.email) return;
  const email = `${person.email}`.trim().toLowerCase();
  delete person.email;
  try {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(email));
    person.emailSha256 = Array.from(new Uint8Array(digest), (byte) => (256 + byte).toString(16).slice(1)).join('');
  } catch {
    // No hash, then.
  }
}

/** Mail: one interface, and its two fillings for deployed Workers. The local outbox is the demo's. */

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mail {
  /** Throws when the letter was not taken. */
  send(letter: Letter): Promise<void>;
}

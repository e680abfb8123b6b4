/** How many days are looked at: kept in the address, so that it can be sent on and gone back to. */
const CHOICES = [7, 30, 90];
const USUAL = 30;

export const daysOf = ({ days }: Record<string, string>): number =>
  CHOICES.find((choice) => String(choice) === days) ?? USUAL;

export const Period = ({
  days,
  also = '',
}: {
  days: number /** What else the address keeps, as `&key=value`. */;
  also?: string;
}) => (
  <nav class="period" aria-label="Days shown">
    {CHOICES.map((choice) => (
      <a key={choice} href={`?days=${choice}${also}`} aria-current={choice === days ? 'true' : undefined}>
        {choice} days
      </a>
    ))}
  </nav>
);

/** Leads to one order by its number. */
import { useLocation } from 'preact-iso/router';
import { orderAddress } from './format.ts';

export function FindOrder({ number = '' }: { number?: string }) {
  const { route } = useLocation();
  return (
    <search>
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = String(new FormData(event.currentTarget).get('number')).trim();
          if (wanted) route(orderAddress(wanted));
        }}
      >
        <label>
          <span>Find an order by its number</span>
          <input
            type="search"
            name="number"
            defaultValue={number}
            required
            maxLength={255}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            enterkeyhint="search"
          />
        </label>
        <button type="submit" class="button">
          Find
        </button>
      </form>
    </search>
  );
}

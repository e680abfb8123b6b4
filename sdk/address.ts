/** The click in a page's address: `tcid` (its token) and `via` (a link code), in the query or the hash. */
import { safely } from './safely.ts';

/** Neighbours are taken together, so that the separator before them goes too when nothing follows. */
const TOKENS = /([?&#])(?:(?:tcid|via)=[^&#]*(&|(?=#|$)))+/g;

const clean = (href: string) => href.replace(TOKENS, (_, before, after) => after && before);

export const isLanding = (href: string): boolean => clean(href) !== href;

/** Takes the click out of the address bar, lest it be bookmarked or shared. The rest stays as the page had it. */
export const cleanAddress = safely(() => {
  if (isLanding(location.href)) history.replaceState(history.state, '', clean(location.href));
});

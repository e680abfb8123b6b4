/** A page that broke while it was drawn: says so, and leaves the way to the others open. */
import { Component, type ComponentChildren } from 'preact';
import { Trouble } from '../api.ts';
import { Failed } from './Failed.tsx';

const BROKEN = { code: 'bug', title: 'This page broke', detail: 'The fault is ours. Reloading the page may help.' };

interface Props {
  /** Another key, another try. */
  at: string;
  children: ComponentChildren;
}

export class Boundary extends Component<Props, { brokenAt: string | null }> {
  override state = { brokenAt: null };

  override componentDidCatch(cause: unknown) {
    console.error(cause);
    this.setState({ brokenAt: this.props.at });
  }

  override render({ at, children }: Props) {
    const broken = this.state.brokenAt === at;
    return broken ? <Failed trouble={new Trouble(BROKEN)} retry={() => location.reload()} /> : children;
  }
}
